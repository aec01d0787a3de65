"""The shares that tell how well the model works, and when one of them has fallen by more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from reviewer.core.quality.chance import two_proportions

Measure = Literal["schema", "placed", "confirmed", "fixed"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
SAYS: Mapping[Measure, str] = {
    "schema": "answers that followed the schema",
    "placed": "findings on lines of the diff",
    "confirmed": "findings that the second look upheld",
    "fixed": "findings fixed, of those fixed or dismissed",
}
LEAST, LEAST_BEFORE = 20, 60  # things, of the last day and of the week before it
DROP = 0.05  # a smaller one is no matter
# Of one look. Looks at a day that slides along, one an hour, raise some five times as many false alarms as one look a
# day: together the four measures raise about one a year.
CHANCE = 0.0002
LEAST_PULLS = 3  # with something bad: else it is one pull request's doing


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `total` things, in pull requests with something bad. `squares` are the sums over pull requests, each
    once a day, of bad times bad, bad times total, and total times total.
    """

    good: int = 0
    total: int = 0
    bad_pulls: int = 0
    squares: tuple[int, int, int] = (0, 0, 0)

    @property
    def ratio(self) -> float | None:
        return self.good / self.total if self.total else None


Shares = Mapping[Measure, Share]


@dataclass(frozen=True, slots=True)
class Level:
    """Where a measure stands: in the last 24 hours, and in the seven days before them."""

    measure: Measure
    last: Share
    before: Share
    fell: bool


def levels(last: Shares, before: Shares) -> tuple[Level, ...]:
    shares = ((name, last.get(name, Share()), before.get(name, Share())) for name in MEASURES)
    return tuple(Level(name, now, then, fell(now, then)) for name, now, then in shares)


def fell(last: Share, before: Share) -> bool:
    """There have to be enough things, the drop has to matter, and neither chance nor one pull request explains it."""
    now, then = last.ratio, before.ratio
    if now is None or then is None or last.total < LEAST or before.total < LEAST_BEFORE:
        return False
    if then - now < DROP or last.bad_pulls < LEAST_PULLS:
        return False
    lump = _lump(last, before)
    counts = (round(count / lump) for count in (last.good, last.total, before.good, before.total))
    return two_proportions(*counts, fewer=True) < CHANCE


def _lump(last: Share, before: Share) -> float:
    """How many things count as one, since those of one pull request go together: by how much more the pull requests
    differ than single things would (statisticians call it the design effect).
    """
    total, bad = last.total + before.total, last.total + before.total - last.good - before.good
    ratio = bad / total
    single = total * ratio * (1 - ratio)
    of_bad, of_both, of_total = (one + other for one, other in zip(last.squares, before.squares, strict=True))
    return max(1.0, (of_bad - 2 * ratio * of_both + ratio**2 * of_total) / single) if single else 1.0
