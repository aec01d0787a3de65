"""Several passes over the same code make one review: each thing once, and believed as far as the passes agree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placed import placed

from reviewer.core.passes import agreed
from reviewer.core.types import Placed, Severity

LOW, MEDIUM, HIGH, CRITICAL = Severity


def saw(thing: str, confidence: float = 0.9, **changes: Any) -> Placed:
    """A finding about `thing`, which the tests' sameness goes by: it stands in the category."""
    return placed(category=thing, confidence=confidence, **changes)


def same(one: Placed, other: Placed) -> bool:
    return one.finding.category == other.finding.category


def told(found: tuple[Placed, ...]) -> dict[str, float]:
    return {each.finding.category: round(each.finding.confidence, 3) for each in found}


def test_a_single_pass_changes_nothing() -> None:
    """Nor does none: not an order, not a figure, not even what reads alike."""
    findings = (saw("b", 0.123), saw("a"), saw("a"))
    assert agreed([findings], same) == findings
    assert agreed([], same) == ()


def test_what_more_passes_saw_is_believed_more() -> None:
    """Its confidence is the mean over all passes, a pass that did not see it gives nothing."""
    passes = [
        [saw("all", 0.9), saw("one", 0.9)],
        [saw("all", 0.6), saw("two", 0.8)],
        [saw("two", 0.4), saw("all", 0.3)],
    ]
    assert told(agreed(passes, same)) == {"all": 0.6, "one": 0.3, "two": 0.4}


def test_who_had_no_answer_has_no_vote() -> None:
    """An outage in a later pass costs its vote, and not half of what is believed; who saw it has looked."""
    passes = [[saw("x", 0.9), saw("y", 0.8)], [saw("y", 0.6)], []]
    who = {"x": {0}, "y": {0, 2}}
    found = agreed(passes, same, looked=lambda placed: who[placed.finding.category])
    assert told(found) == {"x": 0.9, "y": round(1.4 / 3, 3)}


def test_the_surest_has_the_word() -> None:
    """Title, body and place are one pass's own; one with a place stands before one without."""
    sure, unsure = saw("x", 0.9, title="Sure", line=5), saw("x", 0.5, title="Unsure", line=6)
    (found,) = agreed([[unsure], [sure]], same)
    assert (found.finding.title, found.anchor) == ("Sure", sure.anchor)
    (found,) = agreed([[unsure], [saw("x", 1.0, line=None)]], same)
    assert found.anchor == unsure.anchor


@pytest.mark.parametrize(
    ("given_", "severity"),
    [
        ([LOW, HIGH], HIGH),
        ([LOW, LOW, CRITICAL], LOW),
        ([LOW, HIGH, CRITICAL], HIGH),
        ([LOW, MEDIUM, HIGH, CRITICAL], HIGH),
        ([MEDIUM], MEDIUM),
    ],
)
def test_half_of_those_who_saw_it_give_the_severity(given_: list[Severity], severity: Severity) -> None:
    """A single voice does not make it critical; who calls it critical calls it high too."""
    passes = [[saw("x", severity=each)] for each in given_]
    (found,) = agreed([*passes, []], same)
    assert found.finding.severity is severity


def test_two_of_one_pass_are_two() -> None:
    """Each takes the nearest of the other pass, and a third one stands alone."""
    passes = [[saw("x", line=10), saw("x", line=20)], [saw("x", line=21), saw("x", line=9), saw("x", line=90)]]
    found = agreed(passes, same)
    assert [each.finding.confidence for each in found] == pytest.approx([0.9, 0.9, 0.45])


def test_what_is_certain_stays_certain() -> None:
    """No model said it: it is neither doubted nor joined with a model's guess, and files are kept apart."""
    secret = saw("x", 1.0, source="secrets")
    assert agreed([[secret], [saw("x")], [saw("x", path="b.py")]], same)[0] == secret
    assert len(agreed([[secret], [saw("x")], [saw("x", path="b.py")]], same)) == 3


things = st.builds(saw, st.sampled_from("abc"), st.floats(0, 1), severity=st.sampled_from(list(Severity)))


@settings(max_examples=60)
@given(st.lists(st.lists(things, max_size=4), min_size=2, max_size=5))
def test_nothing_seen_is_lost_and_nothing_is_surer_than_its_surest(passes: list[list[Placed]]) -> None:
    """Each thing is there as often as the pass that saw it most often, with a confidence and severity that were given."""
    found = agreed(passes, same)
    for thing in "abc":
        mine = [each.finding for one in passes for each in one if each.finding.category == thing]
        said = [each.finding for each in found if each.finding.category == thing]
        assert len(said) == max(sum(each.finding.category == thing for each in one) for one in passes)
        assert all(0 <= each.confidence <= max(one.confidence for one in mine) + 1e-9 for each in said)
        assert all(each.severity in {one.severity for one in mine} for each in said)
