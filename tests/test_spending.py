"""Limits are read as they are meant, windows are those of the calendar, and no reserve is smaller than it was lately."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewer.core.errors import UsageError
from reviewer.core.spending import Margin, Margins, begin, end, fits, in_words, over, parse_limits, said, unpriced
from reviewer.core.spending.limits import LEVELS, WINDOWS
from reviewer.core.spending.margin import LATELY, MODELS, MOST
from reviewer.core.types import Amount, Fill, Limit

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
LIMITS = st.builds(
    lambda level, window, tokens, cents: Limit(level, window, tokens, None if tokens else Decimal(cents) / 100),
    st.sampled_from(LEVELS),
    st.sampled_from(WINDOWS),
    st.none() | st.integers(1, 10**15),
    st.integers(1, 10**11),
)


# --- limits ---------------------------------------------------------------------------------------------------------


def test_the_example_of_the_documentation_is_read() -> None:
    """Tokens plain, with `_`, k or M; dollars with decimals; whatever the spaces and the case."""
    text = (
        "everything $50/day, repository $0.50/day,person 2_000_000/hour ,  Installation 1.5M / Month, person 10k/day,"
    )
    assert parse_limits(text) == (
        Limit("everything", "day", dollars=Decimal(50)),
        Limit("repository", "day", dollars=Decimal("0.50")),
        Limit("person", "hour", 2_000_000),
        Limit("installation", "month", 1_500_000),
        Limit("person", "day", 10_000),
    )
    assert parse_limits("") == parse_limits(" , ") == ()


@given(st.lists(LIMITS, max_size=4, unique_by=lambda each: (each.level, each.window, each.tokens is None)))
def test_what_is_written_is_read(limits: list[Limit]) -> None:
    """Each limit comes back from its plainest writing."""
    amounts = [f"{limit.tokens}" if limit.tokens else f"${limit.dollars:f}" for limit in limits]
    text = ",".join(f"{limit.level} {amount}/{limit.window}" for limit, amount in zip(limits, amounts, strict=True))
    assert parse_limits(text) == tuple(limits)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("repo $5/day", "'repo $5/day' has no level that is known: did you mean repository?"),
        ("evrything $5/day", "'evrything $5/day' has no level that is known: did you mean everything?"),
        ("x $5/day", "'x $5/day' has no level that is known: write everything, installation, repository or person."),
        ("person $5/week", "'person $5/week' has no window that is known: write hour, day or month."),
        ("person $5/daily", "'person $5/daily' has no window that is known: did you mean day?"),
        ("person 2M/hour, person", "'person' names no window: write LEVEL AMOUNT/WINDOW, like repository $5/day"),
        ("$5/day", "'$5/day' names no level: write LEVEL AMOUNT/WINDOW, like repository $5/day or person 2M/hour"),
        ("person 2,000/hour", "'person 2' names no window: write LEVEL AMOUNT/WINDOW, like repository $5/day"),
        ("person lots/day", "'person lots/day' has no amount that can be read: write tokens like 500_000, 500k or 2M"),
        ("person -5/day", "'person -5/day' has no amount that can be read"),
        ("person €5/day", "'person €5/day' has no amount that can be read"),
        ("person ٥/day", "'person ٥/day' has no amount that can be read"),
        (
            "person 0/day",
            "'person 0/day' allows nothing: write an amount above 0, or leave the entry out for no limit.",
        ),
        ("person 0.5/day", "'person 0.5/day' is no whole number of tokens"),
        ("person 99999999999M/day", "'person 99999999999M/day' is more than can be counted"),
        ("person $9999999999/day", "'person $9999999999/day' is more than can be counted"),
        ("person 1/day, person 2/day", "'person 2/day' is the second one of its level, window and unit: leave one"),
        ("person " + "9" * 500, "'person " + "9" * 73 + "…' names no window"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_entry(text: str, sentence: str) -> None:
    """And how to mend it; the entry is not repeated at length."""
    with pytest.raises(UsageError) as raised:
        parse_limits(text)
    assert str(raised.value).startswith(sentence)


@given(st.text("everything person$0123456789._kM/dayhour, €\n\0", max_size=60) | st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """With the one error that the door knows."""
    with suppress(UsageError):
        assert all(limit.tokens or limit.dollars for limit in parse_limits(text))


# --- windows --------------------------------------------------------------------------------------------------------


@given(st.datetimes(datetime(1970, 1, 1), datetime(2399, 12, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the strategy adds it
@example(datetime(2028, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(2100, 3, 1, tzinfo=UTC))
def test_windows_are_those_of_the_calendar(moment: datetime) -> None:
    """Each begins where the one before it ends, and holds its first moment."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    month = day.replace(day=1)
    at = moment.timestamp()
    assert [begin(window, at) for window in WINDOWS] == [each.timestamp() for each in (hour, day, month)]
    following = (month + timedelta(days=31)).replace(day=1)
    ends = [each.timestamp() for each in (hour + timedelta(hours=1), day + timedelta(days=1), following)]
    assert [end(window, at) for window in WINDOWS] == ends
    assert all(begin(window, end(window, at)) == end(window, at) for window in WINDOWS)
    assert in_words(at) == f"{moment:%Y-%m-%d %H:%M} UTC"


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("everything $1500/month", "$1,500 a month for everything together"),
        ("installation 10M/month", "10,000,000 tokens a month for each installation"),
        ("repository $0.5/day", "$0.50 a day for each repository"),
        ("repository $0.0025/day", "$0.0025 a day for each repository"),
        ("person 1/hour", "1 token an hour for each person"),
    ],
)
def test_a_limit_is_said_plainly(text: str, words: str) -> None:
    """As people write amounts."""
    assert [said(limit) for limit in parse_limits(text)] == [words]


def test_a_full_budget_is_one_sentence_that_says_when_it_ends() -> None:
    """Used up, or too full for this call, or full for this kind of call, or never large enough."""
    limit = Limit("repository", "day", dollars=Decimal(5))
    start, free = "The budget of $5 a day for each repository is", "it is free again at 2026-11-23 00:00 UTC."
    assert over(Fill(limit, 0.9951, MIDNIGHT)) == f"{start} used up; {free}"
    call = Amount(1, Decimal(5))
    assert over(Fill(limit, 0.9, MIDNIGHT), wants=call) == (
        f"{start} too full for this call (90 % of it is used, this call may come to 100 %); {free}"
    )
    only = "and this is only done up to 80 % of it"
    assert over(Fill(limit, 0.8, MIDNIGHT), share=0.8) == f"{start} 80 % used, {only}; {free}"
    half = Amount(1, Decimal("2.5"))
    assert over(Fill(limit, 0.31, MIDNIGHT), share=0.8, wants=half) == (
        f"{start} too full for this call (31 % of it is used, this call may come to 50 %, {only}); {free}"
    )
    assert over(Fill(limit, 0.0, MIDNIGHT), share=0.8, wants=call) == (
        f"{start} smaller than what this call may come to, {only}; an operator can raise it."
    )
    larger = Amount(1, Decimal("5.01"))
    assert over(Fill(limit, 0.0, MIDNIGHT), wants=larger) == (
        f"{start} smaller than what this call may come to; an operator can raise it."
    )
    assert "gpt-9" in unpriced("gpt-9")


def test_what_is_about_to_be_free_counts_as_room() -> None:
    """In the unit of the limit, and up to the share that may be used."""
    fill, wants = Fill(Limit("person", "hour", 1_000), 0.9, MIDNIGHT), Amount(200, Decimal(9))
    assert not fits(fill, wants)
    assert fits(fill, wants, free=Amount(100))
    assert not fits(fill, wants, share=0.8, free=Amount(200))
    assert fits(Fill(Limit("person", "hour", dollars=Decimal(10)), 0.1, MIDNIGHT), wants)


# --- margin ---------------------------------------------------------------------------------------------------------


def test_the_first_reserve_is_cautious_and_what_is_learned_eases_it() -> None:
    """Slowly down, at once up; never under what was counted; each model for itself."""
    margins = Margins()
    assert margins.reserve("new", 10_000) == 12_564
    reserves = []
    for _ in range(300):
        margins = margins.learned("m", 10_000, 9_000)
        reserves.append(margins.reserve("m", 10_000))
    assert reserves == sorted(reserves, reverse=True)
    assert reserves[0] > 12_500
    assert 10_064 <= reserves[-1] < 10_100
    margins = margins.learned("m", 1_000, 1_400)
    assert 1_400 <= margins.reserve("m", 1_000) <= 1_401
    assert margins.reserve("new", 10_000) == 12_564


@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, MOST)), min_size=1, max_size=2 * LATELY))
def test_no_reserve_is_under_what_a_call_took_lately(calls: list[tuple[int, float]]) -> None:
    """What a count came to once it may come to again."""
    margin = Margin()
    known = [(counted, int(counted * ratio)) for counted, ratio in calls]
    for counted, actual in known:
        margin = margin.learned(counted, actual)
    assert all(margin.reserve(counted) >= max(counted, actual) for counted, actual in known[-LATELY:])


def test_nonsense_teaches_little() -> None:
    """A server that claims a billion tokens does not stop all reviews, one that says nothing changes nothing."""
    assert Margin().learned(100, 10**9).ratio == MOST
    assert Margin().learned(0, 10) == Margin().learned(10, 0) == Margin()
    assert (Margin().reserve(0), Margin().reserve(-1)) == (0, 0)
    margins = Margins()
    for number in range(MODELS + 5):
        margins = margins.learned("kept", 100, 300).learned(f"m{number}", 100, 200)
    assert len(margins.by_model) == MODELS
    assert margins.by_model["kept"].lately


def test_an_answer_that_is_longer_than_it_may_be_teaches() -> None:
    """From then on there is room for all that the window allows, and less of it with each answer that keeps to it;
    where the server was not told how long it may be, always.
    """
    margins = Margins()
    assert margins.output("m", 1_000, room=9_000) == 1_000
    margins = margins.said("m", 1_000, 1_000, room=9_000, capped=True)
    assert margins == Margins()
    margins = margins.said("m", 1_000, 1_001, room=9_000, capped=True)
    assert margins.output("m", 1_000, room=9_000) == 9_000
    for _ in range(2 * LATELY):
        margins = margins.said("m", 1_000, 500, room=9_000, capped=True)
    assert 1_000 <= margins.output("m", 1_000, room=9_000) < 1_500
    for _ in range(9):
        margins = margins.said("m", 1_000, 500, room=9_000, capped=False)
    assert margins.output("m", 1_000, room=9_000) == 9_000
    assert margins.output("m", 1_000, room=10) == 1_000
    assert margins.output("other", 1_000, room=9_000) == 1_000
