"""Shows a long run of removed lines in short form: how it begins and ends, and what it defined."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reviewer.core.chunks.defines import is_head
from reviewer.core.types import Line

LONGEST_RUN = 40  # removed lines in a row that are shown whole
FIRST, LAST = 12, 4  # lines of a longer one that are
SMALLEST = 4  # lines left out at one place: a marker costs about as much as two

_RUN = re.compile(f"-{{{LONGEST_RUN + 1},}}")


def shortened(lines: Sequence[Line]) -> tuple[Sequence[Line], dict[int, int]]:
    """The lines to show, and how many are left out after which of them (by its place in what is returned)."""
    runs = _runs(lines) if len(lines) > LONGEST_RUN else ()
    if not runs:
        return lines, {}
    kept: list[Line] = []
    gaps: dict[int, int] = {}
    at = 0
    for start, end in runs:
        kept += lines[at : start + FIRST]
        at = start + FIRST
        for place in [*_defining(lines, at, end - LAST), end - LAST]:
            if place - at >= SMALLEST:
                gaps[len(kept) - 1] = place - at
            else:
                kept += lines[at:place]
            kept.append(lines[place])
            at = place + 1
        kept += lines[at:end]
        at = end
    return [*kept, *lines[at:]], gaps


def marked(row: str, left_out: int) -> str:
    """A row that says how many removed ones follow it; rows and lines stay side by side."""
    line = row.removesuffix("\r")
    return f"{line} … [{left_out} removed lines]{row[len(line) :]}"


def _runs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    return [match.span() for match in _RUN.finditer("".join([line.kind for line in lines]))]


def _defining(lines: Sequence[Line], start: int, end: int) -> Iterator[int]:
    return (at for at in range(start, end) if is_head(lines[at].text))
