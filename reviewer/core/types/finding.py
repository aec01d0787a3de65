"""What is wrong with the code, where it stands, and the verdict over all of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from reviewer.core.types.diff import Side
from reviewer.core.types.ruling import Override

Conclusion = Literal["success", "failure", "neutral", "cancelled"]


class Severity(IntEnum):
    """By consequence; ordered, so that a gate is a comparison."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """`high` -> HIGH; raises KeyError for a word that is no severity."""
        return cls[word.strip().upper()]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a source says is wrong. `line` counts in the new file (in the old file for a removed line), from 1."""

    path: str
    line: int
    end_line: int | None
    quote: str
    severity: Severity
    category: str
    confidence: float
    title: str
    body: str
    suggestion: str | None = None
    source: str = "model"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an inline comment stands. `start_line` is set only for a range, lies in the same hunk and is < `line`."""

    path: str
    side: Side
    line: int
    start_line: int | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with its place, or with the reason why it has none (it then goes into the summary)."""

    finding: Finding
    anchor: Anchor | None
    code: str = ""  # the text of the anchored lines, for people and for the confirmation
    context: str = ""  # the code around, which tells it from lines that read alike
    alone: bool = True  # no other line of the file's diff reads like this one
    problem: str = ""  # why there is no anchor
    fingerprint: str = ""
    confirmed: bool | None = None  # None: nobody asked; False: it may be said, but never blocks
    reason: str = ""  # what the confirmation said


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's decision. `blocking` is why it fails; `problem` is why it could not be decided, "" when it could.

    `overridden` would block if `override` did not let it pass; that one may pass a problem too.
    """

    conclusion: Conclusion
    standing: tuple[Placed, ...] = ()
    blocking: tuple[Placed, ...] = ()
    problem: str = ""
    overridden: tuple[Placed, ...] = ()
    override: Override | None = None
