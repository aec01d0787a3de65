"""Puts a typed placeholder in the place of each secret in a text or a diff; every line keeps its number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reviewer.core.redaction.cutter import Cutter, is_shared, kinds_by_value
from reviewer.core.redaction.shapes import shaped
from reviewer.core.types import Diff, FileDiff, Hunk, Line, Secret

_LINE_END = re.compile(r"(\r\n|\r|\n)")


def redact_text(text: str, secrets: Iterable[Secret]) -> str:
    """The text without the secrets' values and without what has a secret's shape; the lines stay as many."""
    return redact_texts([text], secrets)[0]


def redact_texts(texts: Sequence[str], secrets: Iterable[Secret]) -> list[str]:
    """The same for many texts, where what one of them shows beyond doubt is cut out of all."""
    cutter, own = _prepared(texts, secrets)
    return [_text(text, cutter.narrowed(text, shapes)) for text, shapes in zip(texts, own, strict=True)]


def redact_diff(diff: Diff, secrets: Iterable[Secret]) -> Diff:
    """The diff without them, in added, removed and context lines and in what stands behind the @@.

    A value is cut out of every file, whichever it was found in; `Line.secrets` says where.
    """
    texts = ["\n".join(_sides(file)) for file in diff.files]
    cutter, own = _prepared(texts, secrets)
    files = zip(diff.files, texts, own, strict=True)
    return replace(diff, files=tuple(_file(file, text, cutter, shapes) for file, text, shapes in files))


def shared(texts: Iterable[str]) -> list[Secret]:
    """What our shapes find in any of the texts beyond doubt: to be cut out wherever else it stands."""
    return [secret for text in texts for secret in shaped(text) if is_shared(secret)]


def texts_of(diff: Diff) -> list[str]:
    """What has to be searched: each file's new side, and its old side where lines were removed."""
    return [text for file in diff.files for text in _sides(file) if text]


def _sides(file: FileDiff) -> Sequence[str]:
    new = "\n".join(line for hunk in file.hunks for line in (hunk.section, *_side(hunk, "-")))
    changed = [hunk for hunk in file.hunks if any(line.kind == "-" for line in hunk.lines)]
    return new, "\n".join(line for hunk in changed for line in _side(hunk, "+"))


def _side(hunk: Hunk, other: str) -> Iterator[str]:
    return (line.text for line in hunk.lines if line.kind != other)


def _prepared(texts: Sequence[str], secrets: Iterable[Secret]) -> tuple[Cutter, list[dict[str, str]]]:
    """What is cut out of all of the texts, and what the shapes find in each of them, so that nobody looks twice."""
    own = [shaped(text) for text in texts]
    doubtless = [secret for found in own for secret in found if is_shared(secret)]
    return Cutter(kinds_by_value([*secrets, *doubtless])), [kinds_by_value(found) for found in own]


def _text(text: str, cutter: Cutter) -> str:
    parts = _LINE_END.split(text)  # lines and line ends in turn
    parts[::2] = [cutter.line(line)[0] for line in parts[::2]]
    return "".join(parts)


def _file(file: FileDiff, text: str, cutter: Cutter, shapes: dict[str, str]) -> FileDiff:
    own = cutter.narrowed(text, shapes)
    idle = own.idle(text)  # nearly always
    hunks = tuple(
        replace(
            hunk,
            section=own.without_tail(cutter.without_tail(own.line(hunk.section)[0])),
            lines=hunk.lines if idle else tuple(_line(line, own) for line in hunk.lines),
        )
        for hunk in file.hunks
    )
    return file if hunks == file.hunks else replace(file, hunks=hunks)


def _line(line: Line, cutter: Cutter) -> Line:
    text, kinds = cutter.line(line.text)
    return replace(line, text=text, secrets=tuple(dict.fromkeys((*line.secrets, *kinds)))) if kinds else line
