"""Private keys in their blocks, whole or in part: a diff shows begin or end, and sometimes neither's rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.core.redaction.kinds import PRIVATE_KEY
from reviewer.core.redaction.pieces import pieces
from reviewer.core.types import Secret

_MARK = re.compile(
    r"-{4,5} ?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,10}-{4,5}|^Private-Lines: \d+|"
    r"-{4,5} ?END [A-Z0-9 ]{0,30}PRIVATE KEY",
    re.MULTILINE,
)
_BODY = re.compile(r"[A-Za-z0-9+/=]{2,}")
_BODY_LINE = re.compile(r"[\s\"'`+#*/.,;)(\\nr]{0,20}[A-Za-z0-9+/=]{8,200}[\s\"'`+,;)(\\nr]{0,20}")
_HEADER_LINE = re.compile(
    r"[\s\"'`#*]{0,12}(?:Proc-Type|DEK-Info|Version|Comment|Public-Lines|Encryption|Key-[A-Z]\w{1,20}): ?.{0,100}|"
    r"[\s\"'`#*\\n+]{0,12}"
)
_LONGEST_BLOCK = 40_000  # characters


def private_keys(text: str) -> Iterator[Secret]:
    """One secret for each line of a key."""
    found = {mark.start(): mark for start, end in pieces(text) for mark in _MARK.finditer(text, start, end)}
    marks = list(found.values())
    # No look goes over the next mark, or a text of many marks would be read once for each.
    borders = [0, *(mark.end() for mark in marks)], [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, before, after in zip(marks, *borders, strict=False):
        if "END" in mark.group():
            yield from _body(_lines_before(text, max(before, mark.start() - _LONGEST_BLOCK), mark.start()))
        else:
            yield from _body(_lines_after(text, mark.end(), min(after, mark.end() + _LONGEST_BLOCK)))


def _body(lines: list[str]) -> Iterator[Secret]:
    for line in lines:
        for run in _BODY.findall(line.replace("\\n", " ").replace("\\r", " ")):
            if len(run) >= 8:
                yield Secret(PRIVATE_KEY, run)


def _lines_after(text: str, start: int, end: int) -> list[str]:
    first, *rest = text[start:end].partition("-----END")[0].split("\n")
    lines = [first]
    for line in rest:
        if not (_BODY_LINE.fullmatch(line) or _HEADER_LINE.fullmatch(line)):
            break
        lines.append(line)
    return [line for line in lines if not _HEADER_LINE.fullmatch(line)]


def _lines_before(text: str, start: int, end: int) -> list[str]:
    lines = []
    for line in reversed(text[start:end].split("\n")[:-1]):
        if not _BODY_LINE.fullmatch(line):
            break
        lines.append(line)
    return lines
