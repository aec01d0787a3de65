"""Tells whether a block that still stands has lost a line to another block, without calling that one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.core.anchors.blocks import headings
from reviewer.core.anchors.places import FileRows, Places
from reviewer.core.anchors.stands import headings_of
from reviewer.core.types import Placed, Side, Told

_WORD = re.compile(r"\w+")


def left_behind(told: Told, placed: Placed, places: Places) -> bool:
    """Whether the function (or whatever opens a block) that the lines of `told` stood in is there without them, and
    `placed`, which reads alike, stands in another one that the first does not name.

    What was mended in one function and planted in another is another finding; what was drawn out into a function of its
    own is the same. Where too little is shown to tell, it is not so.
    """
    was, now = list(headings(told.above, told.code)), list(headings_of(placed, places))
    around: list[str] = []
    while was and now and was[-1] == now[-1]:
        around.insert(0, was.pop())
        now.pop()
    rows = places.rows(told.path)
    if not was or not now or rows is None or not _stands(rows, was[-1], around):
        return False
    names = {word for line in now for word in _WORD.findall(line)}
    names -= {word for line in was for word in _WORD.findall(line)}
    return not _mentions(rows, was[-1], names)


def _stands(rows: FileRows, opener: str, around: Sequence[str]) -> bool:
    found = (row.line.new for row in rows.reading.get(opener, ()))
    return any(new is not None and list(rows.blocks(Side.RIGHT).headings(new)) == around for new in found)


def _mentions(rows: FileRows, opener: str, names: set[str]) -> bool:
    """Whether a line of the block has one of the names."""
    blocks = rows.blocks(Side.RIGHT)
    return any(
        row.line.new is not None
        and not names.isdisjoint(_WORD.findall(row.line.text))
        and opener in blocks.headings(row.line.new)
        for name in names
        for row in rows.holding(name)
    )
