"""The gate: what blocks, and what is concluded where not everything could be seen."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from placed import any_placed, placed

from reviewer.core.gate import decide, would_block
from reviewer.core.types import Coverage, Covered, Fate, HunkId, Placed, Severity

Choice = Literal["neutral", "failure"]
SEEN = Coverage((Covered(HunkId("a.py", 0), Fate.REVIEWED), Covered(HunkId("a.py", 1), Fate.CACHED)))
LEFT_OUT = Coverage((*SEEN.entries, Covered(HunkId("b.py", 0), Fate.FAILED, "the model is down")))
IGNORED = Coverage((Covered(HunkId("uv.lock", 0), Fate.IGNORED, "lock file"),))
YES, NO = {"confirmed": True}, {"confirmed": False}


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("fail_on", [None, *Severity])
def test_only_what_is_severe_enough_would_block(severity: Severity, fail_on: Severity | None) -> None:
    """At the bar or above; with `never`, nothing."""
    assert would_block(placed(severity=severity), fail_on) == (fail_on is not None and int(severity) >= int(fail_on))


@pytest.mark.parametrize("on_error", ["neutral", "failure"])
def test_success_means_that_all_was_seen_and_nothing_holds(on_error: Choice) -> None:
    """Findings that were refuted, or that nobody was asked about, do not block."""
    standing = [placed(more=NO), placed(), placed(severity=Severity.LOW, more=YES)]
    for coverage in (SEEN, IGNORED, Coverage()):
        verdict = decide(standing, coverage, fail_on=Severity.HIGH, on_error=on_error)
        assert (verdict.conclusion, verdict.blocking, verdict.problem) == ("success", (), "")
        assert verdict.standing == tuple(standing)


@pytest.mark.parametrize("on_error", ["neutral", "failure"])
def test_what_was_left_out_is_a_problem(on_error: Choice) -> None:
    """The repository chose what the check says then."""
    verdict = decide([placed(more=NO)], LEFT_OUT, fail_on=Severity.HIGH, on_error=on_error)
    assert (verdict.conclusion, verdict.problem) == (on_error, "1 of 3 hunks were not reviewed")


def test_ignored_hunks_are_not_among_those_that_count() -> None:
    """The share is of what a review is about, as in the check's summary."""
    verdict = decide([], Coverage((*LEFT_OUT.entries, *IGNORED.entries)), fail_on=None, on_error="neutral")
    assert verdict.problem == "1 of 3 hunks were not reviewed"


def test_large_numbers_can_be_read() -> None:
    """Thousands are set apart."""
    many = [Covered(HunkId("a.py", at), Fate.FAILED if at < 4_110 else Fate.REVIEWED) for at in range(5_000)]
    verdict = decide([], Coverage(tuple(many)), fail_on=None, on_error="neutral")
    assert verdict.problem == "4,110 of 5,000 hunks were not reviewed"


def test_a_step_that_failed_is_a_problem() -> None:
    """Its sentence is what the check says; hunks that were left out come first."""
    steps = ["2 findings could not be confirmed", "another"]
    assert decide([], SEEN, fail_on=None, on_error="neutral", problems=steps).problem == steps[0]
    assert decide([], LEFT_OUT, fail_on=None, on_error="neutral", problems=steps).problem.startswith("1 of 3")


def test_what_blocks_is_stronger_than_a_problem() -> None:
    """The worst and surest first; the problem is told beside it."""
    low = placed(title="low", severity=Severity.MEDIUM, more=YES)
    unsure = placed(title="unsure", confidence=0.2, more=YES)
    worst = placed(title="worst", severity=Severity.CRITICAL, more=YES)
    sure = placed(title="sure", more=YES)
    verdict = decide([low, unsure, worst, sure], LEFT_OUT, fail_on=Severity.MEDIUM, on_error="neutral")
    assert verdict.conclusion == "failure"
    assert [each.finding.title for each in verdict.blocking] == ["worst", "sure", "unsure", "low"]
    assert verdict.problem


@given(
    st.lists(any_placed(), max_size=6),
    st.none() | st.sampled_from(Severity),
    st.sampled_from(["neutral", "failure"]),
    st.sampled_from([SEEN, LEFT_OUT, IGNORED]),
)
def test_a_failure_has_its_reason(
    findings: list[Placed], fail_on: Severity | None, on_error: Choice, seen: Coverage
) -> None:
    """Whatever is found: failure is told apart from success by something that a person can be shown."""
    verdict = decide(findings, seen, fail_on=fail_on, on_error=on_error)
    assert (verdict.conclusion == "success") == (not verdict.blocking and not verdict.problem)
    assert all(each.confirmed and would_block(each, fail_on) for each in verdict.blocking)
    missed = [each for each in findings if each not in verdict.blocking and each.confirmed]
    assert not any(would_block(each, fail_on) for each in missed)
