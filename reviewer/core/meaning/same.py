"""Decides whether two findings say the same: only where they stand together, and by what they mean there.

A wrong yes loses a finding, a wrong no repeats one: in doubt they are two. How alike the texts must be depends on the
place, and of the same lines on the kinds of defect that they name.
"""

from __future__ import annotations

import math

from reviewer.core.meaning.known import Known
from reviewer.core.meaning.meaning import LEXICAL_MEANING, Bars, Meaning
from reviewer.core.meaning.names import Names
from reviewer.core.meaning.together import Together, together, words_of

_SHARED = 0.12  # of the words that the line itself does not have


def same_issue(a: Known, b: Known, *, meaning: Meaning = LEXICAL_MEANING) -> bool:
    """Whether whoever read one of them needs not read the other. The same either way round."""
    return likeness_if_same(a, b, meaning=meaning) is not None


def likeness_if_same(a: Known, b: Known, *, meaning: Meaning = LEXICAL_MEANING) -> float | None:
    """How alike two findings are that say the same; None where they are two."""
    place = together(a, b)
    if place is None:
        return None
    if a.words and a.words == b.words and not exchange_names(a, b):
        return 1.0
    bar = bar_for(place, a, b, meaning.bars)
    if bar is None:
        return None
    like = meaning.alike(a.words, b.words)
    if like < bar or (like >= meaning.bars.exchanged and exchange_names(a, b)):
        return None
    return like


def two_things(a: Known, b: Known, *, meaning: Meaning = LEXICAL_MEANING) -> bool:
    """Whether two findings on one line are clearly not one: they name other kinds of defect, or speak of other names.

    For what a fingerprint takes for one, so that here in doubt they are.
    """
    if a.words == b.words:
        return False
    if bar_for("line", a, b, meaning.bars) is None:
        return True
    like = meaning.alike(a.words, b.words)
    if like >= meaning.bars.exchanged and exchange_names(a, b):
        return True
    return contrary(a.kinds, b.kinds) and like < meaning.bars.line


def bar_for(place: Together, a: Known, b: Known, bars: Bars) -> float | None:
    """How alike their texts must be at least; None where no likeness would do: they speak of other names, or share only
    what the line itself says.
    """
    if of_another(a.names, b.names) or (place == "range" and (_beside(a, b) or _beside(b, a))):
        return None
    others = place != "line" and exchange_names(a, b)
    if a.kinds & b.kinds and place == "line":
        return bars.agreed
    if a.kinds & b.kinds and place == "range":
        return bars.contrary if others else bars.around if a.names.all and b.names.all else bars.range
    if others or _overlap(a.apart, b.apart) < _SHARED:
        return None
    if contrary(a.kinds, b.kinds) and place != "file":
        return bars.contrary
    return {"line": bars.line, "range": bars.range, "spot": bars.spot, "file": bars.file}[place]


def _beside(a: Known, b: Known) -> bool:
    """Whether `b`, which quotes more, speaks mostly of names that the lines of `a` do not have."""
    there = {word for line in a.code for word in words_of(line)}
    return bool(a.code and b.names.sure) and 2 * len(b.names.all & there) < len(b.names.all)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / math.sqrt(len(a) * len(b)) if a and b else 0.0


def contrary(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a and b and not a & b)


def of_another(a: Names, b: Names) -> bool:
    """Whether both speak of names from the code, each surely of some, and have none in common."""
    return bool(a.sure and b.sure and not a.all & b.all)


def exchange_names(a: Known, b: Known) -> bool:
    """Whether the names that they speak of are mostly not the same. Where one's code is not known, its plain words may
    be names too: then only what is written as a name counts.
    """
    first, second = (a.names.all, b.names.all) if a.code and b.code else (a.names.sure, b.names.sure)
    return not (first <= second or second <= first or 2 * len(first & second) >= len(first | second))
