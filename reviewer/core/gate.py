"""Decides what is so: from the findings that stand on this head, the coverage and overrides to the check's conclusion.

An override passes the findings that it names, on whatever head they stand, and those alone: what is found later
blocks. On the very head that it was given for, on the same base branch, it also passes what could not be reviewed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reviewer.core.types import Coverage, Fate, Override, Placed, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Overrides:
    """What maintainers have let pass on a pull request, and what is needed to tell whether it is meant here.

    `names` gives for a finding's fingerprint the name under which it was said first.
    """

    given: Sequence[Override] = ()
    head: str = ""  # SHA of the head that is judged
    base: str = ""  # the branch that it is to be merged into; "" where that could not be read
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def of_head(self) -> Override | None:
        """The newest one that was given for this very head."""
        ours = [
            each
            for each in self.given
            if each.head == self.head and ("" in (each.base, self.base) or each.base == self.base)
        ]
        return max(ours, key=lambda each: each.at, default=None) if self.head else None

    def name(self, placed: Placed) -> str:
        return self.names.get(placed.fingerprint) or placed.fingerprint

    def of(self, placed: Placed) -> Override | None:
        """The newest one that names the finding; one of this head before any other."""
        named = [each for each in self.given if self.name(placed) in each.findings]
        return max(named, key=self.rank, default=None)

    def rank(self, override: Override) -> tuple[bool, bool, float]:
        """The one that is told comes last."""
        return override == self.of_head, override.head == self.head, override.at


NONE = Overrides()


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
    overrides: Overrides = NONE,
) -> Verdict:
    """Blocked by what is confirmed; `on_error` where something was left out or failed; success only when all was seen,
    or when a maintainer said so.

    `standing`: every finding on this head, said now or before. `problems`: sentences about steps that failed.
    """
    stands = tuple(standing)
    confirmed = [placed for placed in stands if would_block(placed, fail_on) and placed.confirmed]
    grave = sorted(confirmed, key=lambda placed: (-placed.finding.severity, -placed.finding.confidence))
    blocking = tuple(placed for placed in grave if not overrides.of(placed))
    overridden = tuple(placed for placed in grave if overrides.of(placed))
    problem = _problem(coverage, problems)
    passing = [each for placed in overridden if (each := overrides.of(placed))]
    if problem and overrides.of_head:
        passing.append(overrides.of_head)
    override = max(passing, key=overrides.rank, default=None)
    if blocking:
        conclusion: Literal["failure", "neutral", "success"] = "failure"
    else:
        conclusion = on_error if problem and not overrides.of_head else "success"
    return Verdict(conclusion, stands, blocking, problem, overridden, override)


def _problem(coverage: Coverage, problems: Sequence[str]) -> str:
    left_out = coverage.count(Fate.FAILED)
    if left_out:
        return f"{left_out:,} of {coverage.reviewable:,} hunks were not reviewed"
    return next(iter(problems), "")
