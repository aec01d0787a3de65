"""The lines that open the blocks which code stands in, as its indentation tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reviewer.core.anchors.quotes import normal
from reviewer.core.types import FileDiff, Side


def openers(lines: Iterable[str]) -> list[int | None]:
    """For each line the place of the nearest one above that is less deep and says something. In one pass."""
    found: list[int | None] = []
    open_blocks: list[tuple[int, int]] = []  # depth and place, ever deeper
    for at, line in enumerate(lines):
        if not line.strip():
            found.append(None)
            continue
        depth = _indent(line)
        found.append(next((place for deep, place in reversed(open_blocks) if deep < depth), None))
        if any(map(str.isalnum, line)):
            while open_blocks and open_blocks[-1][0] >= depth:
                open_blocks.pop()
            open_blocks.append((depth, at))
    return found


def headings(above: Sequence[str], code: str) -> Iterator[str]:
    """The lines that open the blocks which `code` stands in, the innermost first, as far as `above` shows them."""
    first = next((line for line in code.split("\n") if line.strip()), "")
    lines = [*above, first]
    known = openers(lines)
    at = known[-1]
    while at is not None:
        yield normal(lines[at])
        at = known[at]


class Blocks:
    """The same for all lines of a file's diff, on one side."""

    def __init__(self, file: FileDiff, side: Side) -> None:
        self._texts: dict[int, str] = {}
        self._above: dict[int, int] = {}
        for hunk in file.hunks:
            shown = [line for line in hunk.lines if line.kind == " " or line.side is side]
            numbers = [(line.old if side is Side.LEFT else line.new) or 0 for line in shown]
            known = openers(line.text for line in shown)
            self._texts |= {number: line.text for number, line in zip(numbers, shown, strict=True)}
            self._above |= {number: numbers[at] for number, at in zip(numbers, known, strict=True) if at is not None}

    def headings(self, number: int) -> Iterator[str]:
        while number in self._above:
            number = self._above[number]
            yield normal(self._texts[number])


def _indent(line: str) -> int:
    text = line.expandtabs(8)
    return len(text) - len(text.lstrip())
