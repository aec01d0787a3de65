"""What a diff is made of: files, hunks, lines, and the two sides of a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Side(StrEnum):
    """GitHub's word for the file version that a comment stands on."""

    LEFT = "LEFT"  # the old file: removed lines
    RIGHT = "RIGHT"  # the new file: added and context lines


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk. `kind` is '+', '-' or ' '; `old`/`new` count from 1, None where the line is not.

    `secrets` are the kinds of what was cut out of `text`, where a placeholder stands now.
    """

    kind: str
    text: str  # without the sign and without the line end; a CR before the LF is kept
    old: int | None
    new: int | None
    secrets: tuple[str, ...] = ()

    @property
    def side(self) -> Side:
        return Side.LEFT if self.new is None else Side.RIGHT

    @property
    def number(self) -> int:
        """The number that a comment on this line carries: in the new file, or in the old one for a removed line."""
        number = self.old if self.new is None else self.new
        assert number is not None
        return number


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of changed lines with their context. `section` is git's text after the second @@, often a function head."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    section: str
    lines: tuple[Line, ...]


FileStatus = Literal["added", "removed", "modified", "renamed", "copied"]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What happened to one file. `old_path` differs from `path` only for renames and copies."""

    path: str
    old_path: str
    status: FileStatus
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False
    submodule: bool = False
    mode: str = ""  # "100644 → 100755" when the mode changed, else ""
    missing: str = ""  # why the hunks are not here (GitHub sent no patch, …), else ""

    @property
    def added(self) -> int:
        return sum(line.kind == "+" for hunk in self.hunks for line in hunk.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "-" for hunk in self.hunks for line in hunk.lines)


@dataclass(frozen=True, slots=True)
class Diff:
    files: tuple[FileDiff, ...] = ()

    def file(self, path: str) -> FileDiff | None:
        return next((file for file in self.files if file.path == path), None)
