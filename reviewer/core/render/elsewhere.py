"""The words for a pattern: in which other places the same is to be found, and the marks that they were said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from reviewer.core.render.words import finding_mark, folded, many, place_of, unmarked
from reviewer.core.types import Placed

_FEW = 10  # places that are told in the open
_WORDS = 200  # characters for the sentence and its fold


def elsewhere(along: Sequence[Placed], room: int) -> tuple[str, str]:
    """(the sentence with the places, their marks in lines), together at most `room` characters; "" where none fits.

    Only what is shown is marked: the next run says the others.
    """
    places = [unmarked(place_of(placed)) for placed in along]
    marks = [finding_mark(placed.fingerprint) for placed in along]
    needs = accumulate(len(place) + len(mark) + 3 for place, mark in zip(places, marks, strict=True))
    shown = sum(need <= room - _WORDS for need in needs)
    if not shown:
        return "", ""
    head, listed = f"The same in {many(len(along), 'more place')}", ", ".join(places[:shown])
    if left := len(along) - shown:
        head += f", of which {left:,} did not fit here and {'is' if left == 1 else 'are'} said next time"
    text = f"{head}: {listed}." if shown <= _FEW else folded(head, [listed])
    return text, "\n".join(marks[:shown])
