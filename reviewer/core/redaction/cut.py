"""Puts a typed placeholder in the place of each secret in a text or a diff; every line keeps its number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reviewer.core.redaction.cutter import Cutter, kinds_by_value
from reviewer.core.types import Diff, FileDiff, Hunk, Line, Secret

_LINE_END = re.compile(r"(\r\n|\r|\n)")


def redact_text(text: str, secrets: Iterable[Secret]) -> str:
    """The text without the secrets' values and without what has a secret's shape; the lines stay as many."""
    cutter = Cutter(kinds_by_value(secrets)).narrowed(text)
    parts = _LINE_END.split(text)  # lines and line ends in turn
    parts[::2] = [cutter.line(line)[0] for line in parts[::2]]
    return "".join(parts)


def redact_diff(diff: Diff, secrets: Iterable[Secret]) -> Diff:
    """The diff without them, in added, removed and context lines and in what stands behind the @@.

    A value is cut out of every file, whichever it was found in; `Line.secrets` says where.
    """
    cutter = Cutter(kinds_by_value(secrets))
    return replace(diff, files=tuple(_file(file, cutter) for file in diff.files))


def texts_of(diff: Diff) -> list[str]:
    """What has to be searched: each file's new side, and its old side where lines were removed."""
    return [text for file in diff.files for text in _sides(file) if text]


def _sides(file: FileDiff) -> Sequence[str]:
    new = "\n".join(line for hunk in file.hunks for line in (hunk.section, *_side(hunk, "-")))
    changed = [hunk for hunk in file.hunks if any(line.kind == "-" for line in hunk.lines)]
    return new, "\n".join(line for hunk in changed for line in _side(hunk, "+"))


def _side(hunk: Hunk, other: str) -> Iterator[str]:
    return (line.text for line in hunk.lines if line.kind != other)


def _file(file: FileDiff, cutter: Cutter) -> FileDiff:
    text = "\n".join(_sides(file))
    own = cutter.narrowed(text)
    if own.idle(text):  # nearly always
        return file
    hunks = tuple(
        replace(hunk, section=own.line(hunk.section)[0], lines=tuple(_line(line, own) for line in hunk.lines))
        for hunk in file.hunks
    )
    return replace(file, hunks=hunks)


def _line(line: Line, cutter: Cutter) -> Line:
    text, kinds = cutter.line(line.text)
    return replace(line, text=text, secrets=tuple(dict.fromkeys((*line.secrets, *kinds)))) if kinds else line
