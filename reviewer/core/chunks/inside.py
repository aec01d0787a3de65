"""Answers for one file which symbols a line stands in, by its outline at head."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from reviewer.core.chunks.shown import ellipsed
from reviewer.core.types import Line, Outline, Symbol

LEVELS = 3  # symbols in a head, the innermost ones: what is further out says little
LONGEST = 120  # characters of a head's symbols
OUTER = 45  # characters of each that is not the innermost


class Inside:
    """The symbols of one file, found by line."""

    def __init__(self, outline: Outline) -> None:
        self._symbols = outline.symbols
        self._starts = [symbol.start for symbol in outline.symbols]
        self._holder: list[int] = []
        open_: list[int] = []
        for at, symbol in enumerate(outline.symbols):
            while open_ and outline.symbols[open_[-1]].end < symbol.line:
                open_.pop()
            self._holder.append(open_[-1] if open_ else -1)
            open_.append(at)

    def holding(self, number: int) -> Iterator[Symbol]:
        """The symbols that hold a line of the new file, innermost first."""
        at = bisect_right(self._starts, number) - 1
        while at >= 0:
            if self._symbols[at].end >= number:
                yield self._symbols[at]
            at = self._holder[at]

    def head(self, lines: Sequence[Line], first: int, start: int, end: int) -> str:
        """What holds the first change of lines[start:end]: outer symbols by their names, the innermost by its head.

        What lines[first:end], the rows shown, show already is left out.
        """
        number = _place(lines, start, end)
        if number is None:
            return ""
        shown = {line.new for line in lines[first:end]}
        holding = [symbol for symbol in self.holding(number) if symbol.line not in shown][:LEVELS]
        outer = [ellipsed(symbol.name, OUTER) for symbol in reversed(holding[1:])]
        room = LONGEST - sum(len(name) + 3 for name in outer)
        return " › ".join([*outer, *[ellipsed(symbol.signature, room) for symbol in holding[:1]]])


def _place(lines: Sequence[Line], start: int, end: int) -> int | None:
    """The line of the new file where the first change of lines[start:end] stands.

    For what was only removed that is the line above it, for what was replaced the first that took its place.
    """
    change = next((at for at in range(start, end) if lines[at].kind != " "), start)
    after = next((line for line in lines[change:end] if line.new is not None), None)
    if after is not None and (after.kind == "+" or change == 0):
        return after.new
    above = next((lines[at].new for at in range(change - 1, -1, -1) if lines[at].new is not None), None)
    return above if above is not None or after is None else after.new
