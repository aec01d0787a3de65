"""What a run shows of how well its model works, in numbers that can be added up."""

from __future__ import annotations

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """Only of what the model was asked in the run itself: an answer that was kept says nothing new."""

    answers: int = 0  # that came
    unread: int = 0  # of these, that did not follow the schema
    malformed: int = 0  # of the unread ones of the first look, that came whole: nothing else tells of them
    findings: int = 0  # in the answers of the first look
    astray: int = 0  # of these, that stand on no line of the diff
    checked: int = 0  # verdicts of the second look
    refuted: int = 0  # of these, that a finding does not hold

    def __add__(self, other: Quality) -> Quality:
        return Quality(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))
