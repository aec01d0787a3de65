"""Walks a long text in pieces, so that no pattern keeps the other threads waiting while it runs over megabytes."""

from __future__ import annotations

from collections.abc import Iterator

_PIECE = 100_000  # characters
_OVERLAP = 2_500  # characters behind a piece in which what began in it may end: a name, its value on a later line


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """From where to where, each with the beginning of the next one; cut at a line end where there is one soon."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        line_end = text.find("\n", end, end + _OVERLAP) + 1
        end = line_end or end
        yield start, min(end + _OVERLAP, len(text))
        start = end
