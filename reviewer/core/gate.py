"""Decides what is so: from the findings that stand on this head and the coverage to the check's conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from reviewer.core.types import Coverage, Fate, Placed, Severity, Verdict


def would_block(placed: Placed, fail_on: Severity | None) -> bool:
    """Severe enough for the repository's gate, before anybody tried to refute it."""
    return fail_on is not None and placed.finding.severity >= fail_on


def decide(
    standing: Sequence[Placed],
    coverage: Coverage,
    *,
    fail_on: Severity | None,
    on_error: Literal["neutral", "failure"],
    problems: Sequence[str] = (),
) -> Verdict:
    """Blocked by what is confirmed; `on_error` where something was left out or failed; success only when all was seen.

    `standing`: every finding on this head, said now or before. `problems`: sentences about steps that failed.
    """
    stands = tuple(standing)
    confirmed = [placed for placed in stands if would_block(placed, fail_on) and placed.confirmed]
    blocking = tuple(sorted(confirmed, key=lambda placed: (-placed.finding.severity, -placed.finding.confidence)))
    left_out = coverage.count(Fate.FAILED)
    problem = (
        f"{left_out:,} of {coverage.reviewable:,} hunks were not reviewed" if left_out else next(iter(problems), "")
    )
    if blocking:
        return Verdict("failure", stands, blocking, problem)
    return Verdict(on_error if problem else "success", stands, (), problem)
