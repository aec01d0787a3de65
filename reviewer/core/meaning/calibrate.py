"""Chooses the bars for a way to compare texts: no two issues taken for one, and of such bars those that know the most.

The criterion is the one that the lexical bars were chosen by, on the same cases; so any vectors can be put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from math import floor

from reviewer.core.meaning.cases import Case, Wording
from reviewer.core.meaning.kinds import kinds
from reviewer.core.meaning.known import Known
from reviewer.core.meaning.meaning import LEXICAL, Bars
from reviewer.core.meaning.names import spoken_of
from reviewer.core.meaning.same import bar_for, exchange_names
from reviewer.core.meaning.together import Together
from reviewer.core.meaning.words import words_apart

_STEP = 0.01
_MARGIN = 0.01  # above the likest of the wrong ones
_OPEN = Bars(**{each.name: float(at) for at, each in enumerate(fields(Bars))})  # each bar names itself


@dataclass(frozen=True, slots=True)
class Score:
    """What bars do on cases: rewordings known of all, and different issues taken for one of all."""

    known: int
    rewordings: int
    wrong: int
    others: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """A case that likeness decides: by which bar, how alike, and whether the two exchange names."""

    bar: str
    like: float
    exchanged: bool
    same: bool


def calibrated(cases: Sequence[Case], alike: Callable[[str, str], float]) -> Bars:
    """The bars for `alike`, which compares two texts of the cases, the same either way round; higher is more alike.

    Bars are chosen where cases tell; of whole files and edited lines there are none, so these are as strict as can be.
    `elsewhere` is such that 98 of 100 rewordings are less alike: what reads so is as good as repeated.
    """
    judged = _judged(cases, alike)
    plain = [each.like for each in judged if each.same]
    swapped = [each.like for each in judged if each.exchanged and not each.same]
    exchanged = _down(min(swapped)) if swapped and plain and min(swapped) > _near_repeat(plain) else _near_repeat(plain)
    left = [each for each in judged if not (each.exchanged and each.like >= exchanged)]
    bars = {name: _chosen([each for each in left if each.bar == name]) for name in ("agreed", "line", "contrary")}
    bars |= {name: _chosen([each for each in left if each.bar == name]) for name in ("around", "range")}
    stricter = max(bars["line"], bars["range"])
    return replace(
        LEXICAL,
        **bars,
        exchanged=exchanged,
        spot=stricter,
        file=max(bars["contrary"], stricter),
        elsewhere=_near_repeat(plain, of_100=98),
    )


def score(cases: Sequence[Case], alike: Callable[[str, str], float], bars: Bars) -> Score:
    """How the bars do on the cases of the same or overlapping lines."""
    placed = [case for case in cases if case.relation != "elsewhere"]
    told = [
        (each.like >= getattr(bars, each.bar) and not (each.exchanged and each.like >= bars.exchanged), each.same)
        for each in _judged(placed, alike)
    ]
    same = sum(case.same for case in placed)
    return Score(told.count((True, True)), same, told.count((True, False)), len(placed) - same)


def _judged(cases: Iterable[Case], alike: Callable[[str, str], float]) -> list[_Judged]:
    found = []
    for case in cases:
        if case.relation == "elsewhere":
            continue
        first, second = _known(case.first), _known(case.second)
        bar = bar_for(_TOGETHER[case.relation], first, second, _OPEN)
        if bar is not None:
            name = fields(Bars)[int(bar)].name
            like = alike(case.first.text, case.second.text)
            found.append(_Judged(name, like, exchange_names(first, second), case.same))
    return found


_TOGETHER: dict[str, Together] = {"line": "line", "range": "range"}


@lru_cache(maxsize=4_096)
def _known(said: Wording) -> Known:
    return Known(
        path="",
        symbol="",
        code=said.code,
        context="",
        category=said.category,
        line=0,
        words=b"",
        names=spoken_of(said.text, said.code),
        kinds=kinds(said.text, said.code),
        apart=words_apart(said.text, said.code),
    )


def _chosen(cases: Sequence[_Judged]) -> float:
    """Just above the likest that are two; where there are none, just below the least alike that are one."""
    wrong = [each.like for each in cases if not each.same]
    right = [each.like for each in cases if each.same]
    lowest = max(_down(min(right)), 0.0) if right else 0.0
    return max(_above(wrong, lowest), lowest)


def _above(likes: Sequence[float], otherwise: float) -> float:
    return round(_down(max(likes)) + _STEP + _MARGIN, 2) if likes else otherwise


def _down(like: float) -> float:
    return round(floor(like / _STEP) * _STEP, 2)


def _near_repeat(likes: Sequence[float], *, of_100: int = 90) -> float:
    """So many of a hundred rewordings are less alike."""
    return _down(sorted(likes)[len(likes) * of_100 // 100]) if likes else LEXICAL.exchanged
