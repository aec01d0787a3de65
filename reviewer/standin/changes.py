"""What changed between two commits, as git says it and GitHub shows it: the diff, its files, hunks and rows."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from unidiff.patch import Line, PatchSet

from reviewer.standin.repository import GitRepository

# GitHub detects renames and shows neither textconv nor external diffs.
_FLAGS = ("--find-renames", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
_HEADER = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


class Row(NamedTuple):
    """A line of a hunk: `kind` is '+', '-', ' ', or a backslash for "No newline at end of file"."""

    kind: str
    text: str
    old: int | None
    new: int | None

    def number(self, side: str) -> int | None:
        return self.old if side == "LEFT" else self.new


@dataclass(frozen=True)
class Hunk:
    header: str
    rows: tuple[Row, ...]

    def find(self, line: int, side: str) -> int | None:
        """The row's index that a comment on `line` of `side` stands on."""
        return next((at for at, row in enumerate(self.rows) if row.number(side) == line), None)


@dataclass(frozen=True)
class Change:
    """One changed file. `patch` is its hunks as text, "" for binaries, pure renames and mode changes."""

    path: str
    old_path: str
    status: str
    sha: str  # of the new blob; of the old one when removed
    additions: int
    deletions: int
    patch: str
    old_mode: str = ""
    new_mode: str = ""
    binary: bool = False

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        return hunks_of(self.patch)


def diff_text(git: GitRepository, base: str, head: str) -> bytes:
    """The diff of two commits (full SHAs), byte for byte as git prints it."""
    return git.fixed("diff", *_FLAGS, base, head)


def changes(git: GitRepository, base: str, head: str) -> tuple[Change, ...]:
    """The changed files between two commits (full SHAs), in git's order."""
    raw = git.fixed("diff", "--raw", "--numstat", "--no-abbrev", "-z", *_FLAGS, base, head)
    records = raw.decode("utf-8", "replace").split("\0")[:-1]
    patches = iter(_patches(diff_text(git, base, head)))
    heads: list[tuple[list[str], str, str]] = []
    at = 0
    while at < len(records) and records[at].startswith(":"):
        words = records[at][1:].split(" ")
        moved = words[4][0] in "RC"
        heads.append((words, records[at + 1], records[at + 2] if moved else records[at + 1]))
        at += 3 if moved else 2
    found = []
    for words, old_path, path in heads:
        patch = next(patches)
        if words[4][0] == "T":  # a file that became a symlink, say: git prints a removal and an addition
            patch = f"{patch}\n{next(patches)}".strip("\n")
        added, removed, _ = records[at].split("\t", 2)
        at += 3 if words[4][0] in "RC" else 1
        found.append(_change(words, old_path=old_path, path=path, counts=(added, removed), patch=patch))
    return tuple(found)


def _change(words: list[str], *, old_path: str, path: str, counts: tuple[str, str], patch: str) -> Change:
    old_mode, new_mode, old_sha, new_sha, letter = words
    binary = counts[0] == "-"
    return Change(
        path=path,
        old_path=old_path,
        status=_STATUS.get(letter[0], "changed"),
        sha=old_sha if letter == "D" else new_sha,
        additions=0 if binary else int(counts[0]),
        deletions=0 if binary else int(counts[1]),
        patch=patch,
        old_mode=old_mode,
        new_mode=new_mode,
        binary=binary,
    )


def _patches(diff: bytes) -> list[str]:
    """The hunks of each file of a diff, as text without the file's head; "" where it has none."""
    patches: list[list[str]] = []
    inside = False
    for line in diff.decode("utf-8", "replace").split("\n"):
        if line.startswith("diff --git "):
            patches.append([])
            inside = False
        inside = inside or line.startswith("@@ ")
        if inside:
            patches[-1].append(line)
    if patches and patches[-1] and not patches[-1][-1]:
        patches[-1].pop()  # the diff ends with a newline
    return ["\n".join(lines) for lines in patches]


def hunks_of(patch: str) -> tuple[Hunk, ...]:
    """The hunks of one file's patch, read by unidiff: where a comment may stand is not decided by our own reader."""
    if not patch:
        return ()
    head = "--- a/file\n+++ b/file\n"
    (file,) = PatchSet(io.StringIO(f"{head}{patch}\n", newline="\n"))
    headers = [line for line in patch.split("\n") if _HEADER.match(line)]
    return tuple(Hunk(header, tuple(_row(line) for line in hunk)) for header, hunk in zip(headers, file, strict=True))


def _row(line: Line) -> Row:
    text = line.value.removesuffix("\n")
    if line.line_type == "\\":
        return Row("\\", text, None, None)
    return Row(line.line_type, text, line.source_line_no, line.target_line_no)
