"""Makes the diff out of GitHub's list of a pull request's files, where the diff itself was too large to be had."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.core.diff.hunks import Entry, entries, lines_of
from reviewer.core.diff.parse import MOST_LINES, TOO_MANY
from reviewer.core.types import Diff, FileDiff, FileStatus, Hunk

NO_PATCH = "GitHub sent no patch for this file"
_UNREADABLE = "GitHub's patch for this file could not be read"
_EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"  # git's id of the empty file
_SUBPROJECT = re.compile(r"Subproject commit [0-9a-f]{40}(?:[0-9a-f]{24})?")
_STATUS: dict[str, FileStatus] = {"added": "added", "removed": "removed", "renamed": "renamed", "copied": "copied"}


@dataclass(frozen=True, slots=True)
class PatchEntry:
    """One file of `GET pulls/{n}/files`; `patch` holds hunks alone, `sha` is the blob's id ("" when not known)."""

    filename: str
    previous_filename: str | None
    status: str
    patch: str | None
    additions: int
    deletions: int
    sha: str = ""


def diff_from_files(files: Sequence[PatchEntry], *, lines: int = MOST_LINES) -> Diff:
    """The diff out of the file list, which leaves out the patch of a file that is binary or too large.

    A file that would bring more than `lines` together with those before it is `missing`.
    """
    found: dict[str, FileDiff] = {}
    for entry in files:
        read = _read(entry, lines)
        lines -= read.weight
        found[entry.filename] = _file(entry, read)
    return Diff(tuple(found.values()))


def _file(entry: PatchEntry, read: Entry) -> FileDiff:
    status = _STATUS.get(entry.status, "modified")  # "changed" (of type or mode) and "unchanged" too
    moved = status in {"renamed", "copied"}
    hunks = () if read.fault else tuple(read.hunks)
    return FileDiff(
        path=entry.filename,
        old_path=(entry.previous_filename or entry.filename) if moved else entry.filename,
        status=status,
        hunks=hunks,
        # Neither a patch nor a counted line: binary, or empty (which its id tells), or only its type or mode changed.
        binary=not (hunks or read.fault or moved or entry.status == "changed" or entry.sha == _EMPTY_BLOB),
        submodule=_is_submodule(hunks),
        missing=read.fault,
    )


def _read(entry: PatchEntry, room: int) -> Entry:
    read = Entry()
    if entry.patch and entry.patch.count("\n") >= room:  # a last line has no end
        read.fault = TOO_MANY
    elif entry.patch:
        read = list(entries(["--- a", "+++ b", *lines_of(entry.patch)]))[-1]
        if not read.hunks:
            read.fault = read.fault or _UNREADABLE
    elif entry.additions or entry.deletions:
        read.fault = NO_PATCH
    return read


def _is_submodule(hunks: tuple[Hunk, ...]) -> bool:
    """The list has no modes, but git shows a submodule as one line that nothing else looks like."""
    lines = [line for hunk in hunks for line in hunk.lines]
    return 0 < len(lines) < 3 and all(_SUBPROJECT.fullmatch(line.text) for line in lines)
