"""Where a hunk too large for one chunk is cut, by cheap signs of a symbol's edge."""

from __future__ import annotations

import zlib

from reviewer.core.chunks.defines import begins, is_head

NUMBER_CHARS = 8  # what a row's number and line feed are taken for, as they cost more tokens than their length says
LOOK_BACK = 500  # rows; a hunk may have 200,000


def best_end(rows: list[str], first: int, start: int, aim: int) -> int:
    """Where the piece that shows rows from `first` and is new from `start` ends: about `aim` characters on.

    Of the places in the second half of that the best one is taken, and among equals the one whose rows have the
    smallest checksum: a line put in at the top moves the first cut or two, and then the cuts are where they were.
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
    return _best(rows, range(max(start + 1, min(middle, last)), last + 1))


def _best(rows: list[str], places: range) -> int:
    """The place to cut before: where a symbol begins, the outermost and after a blank line, and so on."""
    if places[-1] == len(rows):
        return len(rows)
    kinds = [_kind(rows, at) for at in places]
    best = min(kinds)
    equals = [at for at, kind in zip(places, kinds, strict=True) if kind == best]
    return min(equals, key=lambda at: (_indent(rows[at]), bool(rows[at - 1][1:].strip()), _checksum(rows, at)))


def _checksum(rows: list[str], at: int) -> int:
    """Of the two rows between which a cut would be: the same wherever they stand."""
    return zlib.crc32(f"{rows[at - 1]}\n{rows[at]}".encode())


def _kind(rows: list[str], at: int) -> int:
    """How bad a cut before a row is, from 0."""
    before, after = rows[at - 1], rows[at]
    if before[0] == "-" and after[0] == "+":
        return 3  # a replacement is best seen whole
    if begins(rows, at):
        return 0
    return 1 if not before[1:].strip() and after[1:].strip() else 2


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
    top = max(0, first - LOOK_BACK)
    above = (
        rows[at][1:].strip()
        for at in range(first - 1, top - 1, -1)
        if _indent(rows[at]) < indent and is_head(rows[at][1:], rows[at + 1][1:])
    )
    return next(above, section)
