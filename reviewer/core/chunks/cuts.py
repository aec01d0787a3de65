"""Where a hunk too large for one chunk is cut, by cheap signs of a symbol's edge."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

NUMBER_CHARS = 8  # what a row's number and line feed are taken for, as they cost more tokens than their length says
LOOK_BACK = 500  # rows; a hunk may have 200,000

DEFINITION = re.compile(
    r"\s*(?:@|(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|unsafe|extern|virtual|"
    r"override|pub(?:\([\w: ]+\))?)\s+)*(?:def|class|func|fn|fun|function|interface|struct|enum|impl|trait|module|"
    r"namespace|type|void|describe|it|test)\b)"
)


def best_end(rows: list[str], first: int, start: int, aim: int, symbols: Mapping[int, int]) -> int:
    """Where the piece that shows rows from `first` and is new from `start` ends: about `aim` characters on.

    Of the places in the second half of that the best one is taken, and among equals the one whose rows have the
    smallest checksum: a line put in at the top moves the first cut or two, and then the cuts are where they were.
    `symbols` are the rows before which a symbol begins, with its depth: the best places, the outermost first.
    """
    room = aim - sum(len(row) + NUMBER_CHARS for row in rows[first:start])
    end = start
    middle = start + 1
    used = 0
    while end < len(rows) and (used := used + len(rows[end]) + NUMBER_CHARS) <= room:
        end += 1
        if used * 2 <= room:
            middle = end
    if end == len(rows):
        return end
    last = max(end, start + 1)
    return _best(rows, range(max(start + 1, min(middle, last)), last + 1), symbols)


def _best(rows: list[str], places: range, symbols: Mapping[int, int]) -> int:
    """The place to cut before: a definition after a blank line is best, the outermost of them, and so on."""
    if places[-1] == len(rows):
        return len(rows)
    known = [at for at in places if at in symbols]
    if known:
        return min(known, key=lambda at: (symbols[at], _checksum(rows, at)))
    kinds = [_kind(rows[at - 1], rows[at]) for at in places]
    best = min(kinds)
    equals = [at for at, kind in zip(places, kinds, strict=True) if kind == best]
    return min(equals, key=lambda at: (_indent(rows[at]), _checksum(rows, at)))


def _checksum(rows: list[str], at: int) -> int:
    """Of the two rows between which a cut would be: the same wherever they stand."""
    return zlib.crc32(f"{rows[at - 1]}\n{rows[at]}".encode())


def _kind(before: str, after: str) -> int:
    """How bad a cut between two rows is, from 0."""
    if not before[1:].strip() and after[1:].strip():
        return 0 if DEFINITION.match(after, 1) else 1
    return 3 if before[0] == "-" and after[0] == "+" else 2  # a replacement is best seen whole


def _indent(row: str) -> int:
    code = row[1:]
    return len(code) - len(code.lstrip())


def enclosing(rows: list[str], first: int, section: str) -> str:
    """What encloses the row `first` of a hunk cut in pieces: the nearest definition above that is less indented."""
    if first == 0:
        return section
    indent = next((_indent(row) for row in rows[first : first + LOOK_BACK] if row[1:].strip()), 0)
    if indent == 0:
        return ""
    above = (
        row
        for row in reversed(rows[max(0, first - LOOK_BACK) : first])
        if DEFINITION.match(row, 1) and _indent(row) < indent
    )
    return next((row[1:].strip() for row in above if row[1:].lstrip()[:1] != "@"), section)
