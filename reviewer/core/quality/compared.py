"""Two prompts beside one another, by what became of their pull requests, and whether chance explains the difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.core.quality.chance import Unit, by_pull

LEAST_PULLS, LEAST_THINGS = 10, 20  # of each prompt; with fewer nothing is judged
UNLIKELY, DOUBTFUL = 0.01, 0.05
TOO_FEW = f"too few to judge: each needs {LEAST_PULLS} pull requests and {LEAST_THINGS} of what is counted"

Judged = Literal["too few", "could be chance", "may be chance", "unlikely to be chance", "equal"]


@dataclass(frozen=True, slots=True)
class Pull:
    """What came of one pull request that a prompt looked at. `first` and `last` are moments of its looks."""

    installation: int
    repository: str
    number: int
    prompt: str  # label
    said: int = 0  # findings
    fixed: int = 0
    dismissed: int = 0
    refuted: int = 0
    outdated: int = 0
    tokens: int = 0
    answers: int = 0
    unread: int = 0
    first: float = 0.0
    last: float = 0.0

    @property
    def place(self) -> tuple[int, str, int]:
        return self.installation, self.repository, self.number


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of both prompts: a ratio of two sums, None where there is nothing to divide by."""

    name: str
    kind: Literal["share", "number"]
    sums: tuple[Unit, Unit]
    judged: Judged
    p: float | None = None

    @property
    def values(self) -> tuple[float | None, float | None]:
        first, second = (above / below if below else None for above, below in self.sums)
        return first, second


@dataclass(frozen=True, slots=True)
class Comparison:
    """`mixed` pull requests had both prompts and are left out; `apart`: the two were not in use at the same time."""

    labels: tuple[str, str]
    pulls: tuple[int, int]
    measures: tuple[Measured, ...]
    mixed: int = 0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Measure:
    """`counted` is what there have to be enough of; `turned`: it is judged by the inverse, which always has a value."""

    name: str
    kind: Literal["share", "number"]
    above: Callable[[Pull], int]
    below: Callable[[Pull], int]
    turned: bool = False


_MEASURES = (
    _Measure("findings said, for each pull request", "number", lambda pull: pull.said, lambda _pull: 1),
    _Measure(
        "kept, of the findings said", "share", lambda pull: pull.said - pull.dismissed - pull.refuted, lambda p: p.said
    ),
    _Measure("dismissed", "share", lambda pull: pull.dismissed, lambda pull: pull.said),
    _Measure("fixed after being said", "share", lambda pull: pull.fixed, lambda pull: pull.said),
    _Measure("tokens for each fixed finding", "number", lambda p: p.tokens, lambda p: p.fixed, turned=True),
    _Measure("parse failures, of the answers", "share", lambda pull: pull.unread, lambda pull: pull.answers),
)


def compare(labels: tuple[str, str], pulls: Sequence[Pull]) -> Comparison:
    """A pull request is what a prompt is dealt to, so it is the unit of chance: its findings belong together."""
    places: dict[tuple[int, str, int], set[str]] = defaultdict(set)
    for pull in pulls:
        places[pull.place].add(pull.prompt)
    sides = [[each for each in pulls if each.prompt == name and len(places[each.place]) == 1] for name in labels]
    one, other = sides
    apart = bool(one and other) and (_last(one) < _first(other) or _last(other) < _first(one))
    return Comparison(
        labels,
        (len(one), len(other)),
        tuple(_measured(measure, one, other) for measure in _MEASURES),
        mixed=sum(len(found) > 1 for found in places.values()),
        apart=apart,
    )


def _measured(measure: _Measure, one: Sequence[Pull], other: Sequence[Pull]) -> Measured:
    units = [[(measure.above(pull), measure.below(pull)) for pull in side] for side in (one, other)]
    sums = _sum(units[0]), _sum(units[1])
    enough = all(
        len(side) >= LEAST_PULLS and (measure.kind == "number" or below >= LEAST_THINGS)
        for side, (_, below) in zip(units, sums, strict=True)
    )
    if measure.turned:
        enough = enough and sum(below for _, below in sums) >= LEAST_THINGS
        units = [[(below, above) for above, below in side] for side in units]
    if not enough:
        return Measured(measure.name, measure.kind, sums, "too few")
    p = by_pull(units[0], units[1])
    return Measured(measure.name, measure.kind, sums, _in_words(p, sums), p)


def _in_words(p: float, sums: tuple[Unit, Unit]) -> Judged:
    (above, below), (other_above, other_below) = sums
    if above * other_below == other_above * below:
        return "equal"
    if p < UNLIKELY:
        return "unlikely to be chance"
    return "may be chance" if p < DOUBTFUL else "could be chance"


def _sum(units: Iterable[Unit]) -> Unit:
    found = list(units)
    return sum(above for above, _ in found), sum(below for _, below in found)


def _first(side: Sequence[Pull]) -> float:
    return min(pull.first for pull in side)


def _last(side: Sequence[Pull]) -> float:
    return max(pull.last for pull in side)


def named(wanted: str, known: Mapping[str, float]) -> str | None:
    """The label that is meant by `review.terse@1`, `review.terse` or `terse`: of several versions the one in use last.
    `known` gives the labels, and when each was last in use.
    """
    if wanted in known:
        return wanted
    fits = [label for label in known if label.partition("@")[0] in {wanted, f"review.{wanted}"}]
    return max(fits, key=lambda label: known[label], default=None)
