"""How a diff is cut up for the model, and what became of each hunk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reviewer.core.types.diff import Line


@dataclass(frozen=True, slots=True)
class HunkId:
    """Names a hunk of the diff: the file's path and the hunk's position in that file, from 0."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """The unit of cache: a run of lines out of the hunks of one file, as the model sees them.

    `key` is the digest of what the model sees of it without line numbers; `text` is exactly what goes into the
    prompt; `tokens` is its exact count. `lines` are the lines shown, in order. A hunk too large for one chunk
    appears in several (each names it in `hunks`). `cut` is the length of the longest changed line that `text` does not
    hold whole, 0 when it holds all of them. `contracts` are the changed signatures of what it calls elsewhere.
    """

    path: str
    key: str
    text: str
    tokens: int
    hunks: tuple[HunkId, ...]
    lines: tuple[Line, ...]
    cut: int = 0
    contracts: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The unit of spending: the chunks of one model call."""

    chunks: tuple[Chunk, ...]

    @property
    def tokens(self) -> int:
        return sum(chunk.tokens for chunk in self.chunks)


class Fate(StrEnum):
    """What became of a hunk. Every hunk of the diff has exactly one."""

    REVIEWED = "reviewed"
    CACHED = "from cache"
    IGNORED = "ignored"
    FAILED = "not reviewed"


@dataclass(frozen=True, slots=True)
class Covered:
    """A hunk (or, with index -1, a file that has none) and what became of it. `reason` says why, for the last two
    fates; of a cached one that the answer was about the same code in another layout.

    `new_start` is the number of the hunk's first line in the new file, None for a file without hunks.
    """

    hunk: HunkId
    fate: Fate
    reason: str = ""
    new_start: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    entries: tuple[Covered, ...] = ()

    def count(self, fate: Fate) -> int:
        return sum(entry.fate is fate for entry in self.entries)

    @property
    def alike(self) -> int:
        """The hunks that an answer about the same code in another layout was good for."""
        return sum(entry.fate is Fate.CACHED and bool(entry.reason) for entry in self.entries)

    @property
    def complete(self) -> bool:
        return not self.count(Fate.FAILED)

    @property
    def total(self) -> int:
        return len(self.entries)

    @property
    def reviewable(self) -> int:
        """The hunks that a review is about: all but the ignored ones."""
        return self.total - self.count(Fate.IGNORED)

    @property
    def covered(self) -> int:
        """The hunks that a model has answered about, now or before."""
        return self.count(Fate.REVIEWED) + self.count(Fate.CACHED)

    @property
    def permille(self) -> int:
        """Covered of 1,000 reviewable hunks, rounded down: 1,000 only when none is missing."""
        return self.covered * 1_000 // self.reviewable if self.reviewable else 1_000

    def reasons(self, fate: Fate) -> dict[str, dict[str, list[int]]]:
        """The hunks with `fate`: by reason, then by path, their indexes; all in the order of the entries."""
        found: dict[str, dict[str, list[int]]] = {}
        for entry in self.entries:
            if entry.fate is fate:
                paths = found.setdefault(entry.reason or "no reason given", {})
                paths.setdefault(entry.hunk.path, []).extend([entry.hunk.index] if entry.hunk.index >= 0 else [])
        return found
