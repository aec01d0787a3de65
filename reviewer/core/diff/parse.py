"""Reads a unified diff, from its bytes to its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reviewer.core.diff.hunks import Entry, entries, lines_of
from reviewer.core.diff.names import paths_of
from reviewer.core.types import Diff, FileDiff, FileStatus

# Every line of a hunk begins with a sign, so these begin a file wherever they begin a line.
_SECTION = re.compile(r"^diff --(?:git|cc|combined) ", re.MULTILINE)
_SUBMODULE_MODE = "160000"
# A line takes about 200 bytes as a value and as much again in what is made of it, so these are some 200 MB; more than
# twice the largest pull request that a review is measured with, and far more than its budget lets it send.
MOST_LINES = 500_000
TOO_MANY = f"a review holds no more than {MOST_LINES:,} lines of a diff; split the pull request to have all reviewed"


def decode(raw: bytes) -> str:
    """Bytes of a diff as text: UTF-8, or UTF-16 with its mark (PowerShell's `>`); what is neither becomes U+FFFD."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    return raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def parse_diff(text: str, *, lines: int = MOST_LINES) -> Diff:
    """Every file of a diff, in order, each path once. Text that is no diff is passed over.

    A file that would bring more than `lines` together with those before it is `missing`.
    """
    ends = text.count("\n")
    if ends and ends == text.count("\r\n"):  # git's headers never end in CR: somebody converted the whole diff
        text = text.replace("\r\n", "\n")
    gathered = Gathered(lines)
    gathered.add(text)
    return gathered.diff


@dataclass(slots=True)
class Gathered:
    """The files of a diff that comes in parts, while there is room (lines)."""

    room: int = MOST_LINES
    files: dict[str, FileDiff] = field(default_factory=dict)

    @property
    def diff(self) -> Diff:
        return Diff(tuple(self.files.values()))

    def add(self, text: str) -> None:
        """Put the files of a diff, or of a part of one, to those that are there."""
        for section in _sections(text):
            for entry in self._entries(section):
                file = _file(entry)
                if file is not None:
                    self.files[file.path] = _joined(self.files[file.path], file) if file.path in self.files else file

    def _entries(self, section: str) -> Iterator[Entry]:
        """A file that there is no room for is left with its header; of git's its lines are not even looked at."""
        hunks = section.find("\n@@") if _SECTION.match(section) else -1
        if hunks >= 0 and section.count("\n", hunks + 1) > self.room:
            section = section[: hunks + 1]
            for entry in entries(lines_of(section)):
                entry.fault = TOO_MANY
                yield entry
            return
        for entry in entries(lines_of(section)):
            if entry.weight > self.room:
                entry.fault, entry.hunks = TOO_MANY, []
            self.room -= entry.weight
            yield entry


def _sections(text: str) -> Iterator[str]:
    """From each `diff --git` to the next (before the first too), one file at a time to keep memory low."""
    start = 0
    for match in _SECTION.finditer(text):
        if match.start() > start:
            yield text[start : match.start()]
        start = match.start()
    yield text[start:]


def _file(entry: Entry) -> FileDiff | None:
    head = entry.head
    old, new = paths_of(head)
    told = entry.git or entry.hunks or entry.fault or "Binary files" in head or "Submodule" in head
    if not new or not told:
        return None
    status = _status(head)
    modes = [head.get("old mode", ""), head.get("new mode", "")]
    created = [head.get(word, "") for word in ("new file mode", "deleted file mode")]
    return FileDiff(
        path=new,
        old_path=old,
        status=status,
        hunks=() if entry.fault else tuple(entry.hunks),
        binary="GIT binary patch" in head or "Binary files" in head,
        submodule="Submodule" in head
        or any(mode == _SUBMODULE_MODE for mode in (*modes, *created, head.get("index", "").rpartition(" ")[2])),
        mode=" → ".join(modes) if all(modes) else "",
        missing=entry.fault,
    )


def _status(head: dict[str, str]) -> FileStatus:
    if "rename to" in head:
        return "renamed"
    if "copy to" in head:
        return "copied"
    if "new file mode" in head or head.get("---", "").startswith("/dev/null"):
        return "added"
    if "deleted file mode" in head or head.get("+++", "").startswith("/dev/null"):
        return "removed"
    return "modified"


def _joined(first: FileDiff, second: FileDiff) -> FileDiff:
    """One file told twice: git says a change of type as removal and addition; a series of patches repeats files."""
    missing = first.missing or second.missing
    status = first.status if second.status != "removed" else "removed"
    if (first.status, second.status) == ("removed", "added"):
        status = "modified"
    return replace(
        second,
        old_path=first.old_path,
        status=status,
        hunks=() if missing else first.hunks + second.hunks,
        binary=first.binary or second.binary,
        submodule=first.submodule and second.submodule,
        mode=second.mode or first.mode,
        missing=missing,
    )
