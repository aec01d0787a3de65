"""What is chance and what is not, against known values; what has fallen; two prompts beside one another."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.quality import (
    Comparison,
    Pull,
    Share,
    by_pull,
    compare,
    comparison_record,
    comparison_text,
    fell,
    fisher,
    levels,
    named,
    two_proportions,
)
from reviewer.core.quality.chance import MOST_DEALT, _clustered

few = st.integers(0, 40)


# --- chance ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "fewer", "p"),
    [
        ((3, 1, 1, 3), False, 0.485714),  # the lady tasting tea
        ((1, 9, 11, 3), False, 0.002759),
        ((1, 9, 11, 3), True, 0.001380),
        ((8, 2, 1, 5), False, 0.034965),
        ((2, 10, 15, 3), False, 0.000536),
        ((0, 0, 3, 4), False, 1.0),
        ((10, 0, 10, 0), False, 1.0),
    ],
)
def test_fisher_s_test_gives_the_known_values(table: tuple[int, int, int, int], fewer: bool, p: float) -> None:
    """Of tables that textbooks compute."""
    assert fisher(*table, fewer=fewer) == pytest.approx(p, abs=1e-6)


@given(few, few, few, few)
def test_fisher_s_test_does_not_care_who_comes_first(good: int, bad: int, more: int, worse: int) -> None:
    p = fisher(good, bad, more, worse)
    assert 0 < p <= 1
    assert p == pytest.approx(fisher(more, worse, good, bad))
    assert p == pytest.approx(fisher(bad, good, worse, more))


def test_many_are_compared_by_the_normal_distribution() -> None:
    """As the exact test would, nearly."""
    assert two_proportions(6_000, 12_000, 5_850, 12_000) == pytest.approx(0.0528, abs=0.0005)
    exact = fisher(6_000, 6_000, 5_850, 6_150)
    assert two_proportions(6_000, 12_000, 5_850, 12_000) == pytest.approx(exact, abs=0.003)
    assert two_proportions(5_850, 12_000, 6_000, 12_000, fewer=True) == pytest.approx(0.0264, abs=0.0003)
    assert two_proportions(12_000, 12_000, 12_000, 12_000) == 1.0


def test_one_thing_each_is_exact() -> None:
    """Where no pull request has more than one thing, they are not dealt anew."""
    one: list[tuple[int, int]] = [(1, 1)] * 1 + [(0, 1)] * 9 + [(0, 0)] * 5
    other: list[tuple[int, int]] = [(1, 1)] * 11 + [(0, 1)] * 3
    assert by_pull(one, other) == pytest.approx(0.002759, abs=1e-6)


def test_findings_of_one_pull_request_are_no_independent_ones() -> None:
    """Forty dismissals on two pull requests are two people's mood; spread over forty they are a finding."""
    calm: list[tuple[int, int]] = [(0, 2)] * 40
    together: list[tuple[int, int]] = [(20, 20)] * 2 + [(0, 2)] * 38
    spread: list[tuple[int, int]] = [(1, 2)] * 40
    assert by_pull(together, calm, rounds=499) > 0.1
    assert by_pull(spread, calm, rounds=499) == pytest.approx(1 / 500)
    assert by_pull(together, calm, rounds=499) == by_pull(together, calm, rounds=499)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_very_many_are_judged_as_clusters(seed: int) -> None:
    """Which says what dealing them anew would say, about."""
    dice = random.Random(seed)

    def side(chance: float) -> list[tuple[int, int]]:
        counts = [dice.randrange(4) for _ in range(150)]
        return [(sum(dice.random() < chance for _ in range(count)), count) for count in counts]

    one, other = side(0.3), side(0.36)
    assert _clustered(one, other) == pytest.approx(by_pull(one, other, rounds=299), abs=0.16)


def test_a_huge_number_is_judged_at_once() -> None:
    one: list[tuple[int, int]] = [(1, 3), (2, 3), (0, 1)] * MOST_DEALT
    other: list[tuple[int, int]] = [(1, 3), (1, 3), (0, 1)] * MOST_DEALT
    assert by_pull(one, other) < 1e-9
    assert by_pull(one, list(reversed(one))) == 1.0


# --- a fall ---------------------------------------------------------------------------------------------------------


def share(*pulls: tuple[int, int]) -> Share:
    """Of pull requests, each with (bad, total)."""
    bad, total = sum(its for its, _ in pulls), sum(its for _, its in pulls)
    squares = sum(b * b for b, _ in pulls), sum(b * t for b, t in pulls), sum(t * t for _, t in pulls)
    return Share(total - bad, total, sum(its > 0 for its, _ in pulls), squares)


WEEK = share(*[(0, 5)] * 160, *[(1, 5)] * 30, *[(2, 5)] * 10)


@pytest.mark.parametrize(
    ("last", "so"),
    [
        (share(*[(0, 5)] * 4, *[(2, 5)] * 16), True),
        (share(*[(0, 5)] * 14, *[(1, 5)] * 6), False),  # nearly as before
        (share(*[(3, 3)] * 6), False),  # too few
        (share(*[(0, 5)] * 14, (30, 30)), False),  # one pull request's doing
        (share(*[(0, 5)] * 14, (28, 28), (1, 5), (1, 5)), False),  # still
        (share(*[(0, 5)] * 30), False),  # better
        (Share(), False),
    ],
)
def test_a_fall_is_told_from_noise(last: Share, so: bool) -> None:
    assert fell(last, WEEK) is so
    (schema, *others) = levels({"schema": last}, {"schema": WEEK})
    assert (schema.measure, schema.fell, any(each.fell for each in others)) == ("schema", so, False)


def test_a_young_installation_is_not_judged() -> None:
    """Before there is a week to compare with."""
    assert not fell(share(*[(5, 5)] * 20), share(*[(0, 3)] * 10))


def test_noise_seldom_alarms() -> None:
    """A thousand days on which nothing has changed, with what belongs together in lumps: no more than three alarms."""
    dice = random.Random(4)

    def dealt(pulls: int) -> Share:
        return share(*((dice.choice((0, 0, 0, 0, 1, 3, 5)), 5) for _ in range(pulls)))

    assert sum(fell(dealt(20), dealt(140)) for _ in range(1_000)) <= 3


def test_looks_all_day_long_seldom_alarm() -> None:
    """1,200 days on which nothing has changed, and a look each hour at the day before: no more than two alarms."""
    dice = random.Random(1)
    days, alarms, quiet = 1_200, 0, 0
    bad = [sum(dice.random() < 0.2 for _ in range(3)) for _ in range((days + 8) * 24)]
    sums = [0, *accumulate(bad)]

    def within(since: int, until: int) -> Share:
        wrong, total = sums[until] - sums[since], 3 * (until - since)
        return Share(total - wrong, total, wrong, (wrong, wrong, total))

    for hour in range(8 * 24, len(bad)):
        if hour >= quiet and fell(within(hour - 24, hour), within(hour - 192, hour - 24)):
            alarms, quiet = alarms + 1, hour + 24  # it is said once a day
    assert alarms <= 2


# --- two prompts ----------------------------------------------------------------------------------------------------


def pulls(label: str, count: int, *, at: float = 100.0, start: int = 0, **each: int) -> list[Pull]:
    of = {"said": 3, "tokens": 9_000, "answers": 2, **each}
    return [Pull(7, "octo/app", start + n, label, **of, first=at, last=at + 50) for n in range(count)]


def judged(found: Comparison) -> dict[str, str]:
    return {each.name.split(",")[0]: each.judged for each in found.measures}


def two(one: Sequence[Pull], other: Sequence[Pull]) -> Comparison:
    return compare(("a@1", "b@1"), [*one, *other])


def test_each_measure_is_judged_by_itself() -> None:
    """Both numbers, and whether chance explains the difference."""
    found = two(pulls("a@1", 40, fixed=1, dismissed=1), pulls("b@1", 40, start=50, fixed=2, dismissed=1))
    assert judged(found) == {
        "findings said": "equal",
        "kept": "equal",
        "dismissed": "equal",
        "fixed after being said": "unlikely to be chance",
        "tokens for each fixed finding": "unlikely to be chance",
        "parse failures": "equal",
    }
    text = comparison_text(found)
    assert "tokens for each fixed finding" in text
    assert [" ".join(line.split()) for line in text.splitlines() if "fixed after" in line] == [
        "fixed after being said 33.3% 66.7% unlikely to be chance (p < 0.001)"
    ]
    record = comparison_record(found)
    assert record["measures"][4]["values"] == [9_000.0, 4_500.0]
    assert record["pull_requests"] == [40, 40]


def test_too_few_are_not_judged() -> None:
    """However different they look; nothing to divide by is no number."""
    found = two(pulls("a@1", 9, dismissed=3), pulls("b@1", 9, start=50, fixed=3))
    assert set(judged(found).values()) == {"too few"}
    assert all(each.p is None for each in found.measures)
    text = comparison_text(found)
    assert "Too few to judge: each needs 10 pull requests and 20 of what is counted." in text
    assert comparison_text(two([], [])).count("–") == 12


def test_who_had_both_is_left_out() -> None:
    """And prompts that were not in use at the same time are said to be so."""
    found = two(pulls("a@1", 12), [*pulls("b@1", 15, at=900.0, start=10)])
    assert (found.pulls, found.mixed, found.apart) == ((10, 13), 2, True)
    assert "2 pull requests had both" in comparison_text(found)
    assert "not in use at the same time" in comparison_text(found)


def test_a_prompt_is_found_by_its_short_name() -> None:
    """Of several versions the one that was in use last."""
    known = {"review@1": 1.0, "review@2": 9.0, "review.terse@3": 5.0, "review.terse@12": 4.0}
    assert [named(each, known) for each in ("review", "review@1", "terse", "review.terse", "loud", "")] == [
        "review@2",
        "review@1",
        "review.terse@3",
        "review.terse@3",
        None,
        None,
    ]
