"""What is left on GitHub: comments, the review, the check run, and what our marks there remember."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from reviewer.core.types.finding import Anchor, Conclusion, Placed


@dataclass(frozen=True, slots=True)
class Comment:
    """An inline comment to be posted."""

    anchor: Anchor
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    commit: str
    body: str
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A check run as it should stand. `conclusion` only with status completed."""

    status: Literal["queued", "in_progress", "completed"]
    title: str
    summary: str
    text: str = ""
    conclusion: Conclusion | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What our hidden marks on the pull request say was already said."""

    fingerprints: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    by_run: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the fingerprints in the reviews of a run

    titles: Mapping[str, str] = field(default_factory=dict)  # what the comment of a fingerprint is headed

    def before(self, run: str) -> Remembered:
        """Without what `run` itself has said."""
        return replace(self, fingerprints=self.fingerprints - self.by_run.get(run, frozenset()))


@dataclass(frozen=True, slots=True)
class Saying:
    """What is done with each finding: said on its line, said in the review's body, said before, or not said."""

    inline: tuple[Placed, ...] = ()
    listed: tuple[Placed, ...] = ()
    repeated: tuple[Placed, ...] = ()
    quiet: tuple[Placed, ...] = ()
    gone: tuple[str, ...] = ()  # what was said and is not found any more: the comments' titles, or fingerprints

    @property
    def fresh(self) -> tuple[Placed, ...]:
        return (*self.inline, *self.listed)
