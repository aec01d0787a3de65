"""Tells apart the lines of a file's diff that read alike, by the code around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from reviewer.core.anchors.quotes import normal
from reviewer.core.types import Hunk, Line

_FAR = 50  # lines; among more that read alike their order decides


def contexts(places: Sequence[tuple[Hunk, int]]) -> list[str]:
    """For each of these lines, given by hunk and place in it, the nearest other code above and below on its side.

    Where that reads alike too, their order counts. What stands further away changes nothing.
    """
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for hunk, index in places:
        line = hunk.lines[index]
        above, below = hunk.lines[max(0, index - _FAR) : index], hunk.lines[index + 1 : index + 1 + _FAR]
        around = (_other(reversed(above), line), _other(below, line))
        seen[around] += 1
        found.append("\n".join((*around, str(seen[around]))))
    return found


def _other(lines: Iterable[Line], line: Line) -> str:
    own, kinds = normal(line.text), " -" if line.kind == "-" else " +"
    texts = (normal(each.text) for each in lines if each.kind in kinds)
    return next((text for text in texts if text not in {"", own}), "")
