"""The same thing in other words is known again where it stands; what is nearly the same, or stands elsewhere, is said."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placed import any_placed, placed
from scenes import Case, cases

from reviewer.core.meaning import Known, known, repeats, same_issue

CASES = cases()
REWORDED = {"reworded", "moved", "edited nearby"}


def of(*, same: bool) -> list[Case]:
    return [case for case in CASES if case.same is same]


def test_there_are_enough_cases() -> None:
    """The shares below mean something: at least 150 pairs, each kind among them, hundreds of different texts."""
    kinds = Counter(case.kind for case in CASES)
    assert len({(case.first.words, case.second.words) for case in CASES}) > 1_000
    assert {*REWORDED, "wider", "near", "near, fixed", "elsewhere", "elsewhere, fixed", "other file"} <= kinds.keys()


def test_what_is_another_issue_is_said() -> None:
    """No finding is lost for being near: another variable, another line, the same text elsewhere, after any change."""
    assert [case.name for case in of(same=False) if same_issue(case.first, case.second)] == []


def test_rewordings_are_known_again() -> None:
    """At the same place, below other code, and with new lines right around: 86 of 100 without a model."""
    told = [same_issue(case.first, case.second) for case in of(same=True) if case.kind in REWORDED]
    assert sum(told) >= 0.86 * len(told)


def test_a_wider_quote_is_known_again() -> None:
    """A model that quotes a line today and the lines around it tomorrow means the same, if it says so clearly."""
    told = [same_issue(case.first, case.second) for case in of(same=True) if case.kind == "wider"]
    assert sum(told) >= 0.6 * len(told)


def test_it_is_the_same_either_way_round() -> None:
    """Which of the two was said first changes nothing."""
    assert all(same_issue(case.first, case.second) is same_issue(case.second, case.first) for case in CASES)


@given(any_placed(), any_placed())
def test_any_two_findings_can_be_compared(first: object, second: object) -> None:
    """Whatever a model said, the answer is one and the same, and a finding is the same as itself."""
    a, b = known(first), known(second)  # type: ignore[arg-type]
    assert same_issue(a, b) is same_issue(b, a)
    assert same_issue(a, a)


def a_known(text: str = "`subtotal` is wrong for an empty list", **changes: object) -> Known:
    usual = known(placed(title=text, body="The sum of the items is None."), symbol="total")
    return replace(usual, **changes)  # type: ignore[arg-type]


HERE = a_known()
GROWN = ("subtotal = sum(items, start)",)


@pytest.mark.parametrize(
    ("then", "same"),
    [
        pytest.param(a_known(line=90), True, id="moved"),
        pytest.param(a_known(category="contract"), True, id="another category"),
        pytest.param(a_known(context="other"), True, id="other code around the only such line"),
        pytest.param(a_known(context="other", alone=False, line=40), False, id="another line that reads alike"),
        pytest.param(a_known(context="other", alone=False), True, id="the line that was carried over"),
        pytest.param(a_known(context="other", symbol="b", line=40), False, id="such a line of another function"),
        pytest.param(a_known(symbol="b", line=40), True, id="its function has another name"),
        pytest.param(a_known(path="b.py"), False, id="another file"),
        pytest.param(a_known(path="b.py", gone=True), True, id="code that went to another file"),
        pytest.param(a_known(code=GROWN, gone=True, line=0), True, id="something was put into the line"),
        pytest.param(a_known(code=GROWN, line=40), False, id="another line, while this one stands"),
        pytest.param(a_known(code=GROWN), True, id="an edited line that was carried over"),
        pytest.param(
            a_known(code=("total = add(rows)",), gone=True, line=0), False, id="another line, and this is gone"
        ),
        pytest.param(a_known(code=GROWN, gone=True, line=0, symbol="b"), False, id="in another function"),
        pytest.param(a_known(code=()), True, id="known by its name only"),
        pytest.param(a_known(code=(), spot="0" * 16), False, id="known by another name"),
        pytest.param(a_known(code=(), path="b.py"), False, id="known by its name, in another file"),
        pytest.param(a_known(code=("total = add(rows)",)), False, id="a line number that a server did not carry on"),
        pytest.param(a_known(symbol="", line=0), True, id="its function is not known"),
        pytest.param(a_known(code=GROWN, gone=True, line=0, symbol=""), True, id="edited, its function not known"),
    ],
)
def test_the_place_decides_what_the_words_may(then: Known, *, same: bool) -> None:
    """The very same words are the same issue only where it is the same code."""
    assert same_issue(HERE, then) is same


def test_long_lines_that_begin_alike_are_two() -> None:
    """Only the beginning of a minified line is kept, and yet another one is another one."""
    code = "call(1);" * 1_000
    first, second = (known(placed(line=len(end), more={"code": code + end, "context": end})) for end in ("a", "of()"))
    assert same_issue(first, first)
    assert not same_issue(first, second)
    assert len(first.code[0]) < 400


def test_what_was_said_once_stands_for_one_finding() -> None:
    """The likest is the repetition; a second one of the line is said."""
    again = a_known("`subtotal` is not right when the list is empty")
    assert repeats([again, HERE], [HERE]) == {1: 0}
    assert repeats([again, HERE], [HERE, again]) == {0: 1, 1: 0}
    assert repeats([HERE], []) == repeats([], [HERE]) == {}


@given(st.lists(st.sampled_from([case.second for case in CASES[::40]]), max_size=8))
def test_nothing_is_repeated_twice(said: list[Known]) -> None:
    """Each finding repeats at most one, each that was said stands for at most one, and all of the same list match."""
    found = repeats(said, said)
    assert len(set(found.values())) == len(found) == len(said)
