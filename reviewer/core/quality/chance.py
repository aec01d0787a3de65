"""How likely a difference is by chance: Fisher's exact test, two proportions, whole pull requests dealt anew."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from operator import itemgetter

MOST_EXACT = 20_000  # things up to which Fisher's test is computed
MOST_DEALT = 600  # pull requests up to which they are dealt anew; beyond, clusters are as good as normal
ROUNDS = 1_999
SAME = 1e-9  # by which sums in another order may differ

Unit = tuple[float, float]
"""What one pull request adds to a ratio: above, below."""


def fisher(good: int, bad: int, other_good: int, other_bad: int, *, fewer: bool = False) -> float:
    """That shares differ so much, by the exact test; with `fewer`: that the first one is so much smaller."""
    first, goods, total = good + bad, good + other_good, good + bad + other_good + other_bad
    low, high = max(0, first + goods - total), min(first, goods)

    def at(count: int) -> float:
        ways = _ways(goods, count) + _ways(total - goods, first - count) - _ways(total, first)
        return math.exp(ways)

    here = at(good)
    if fewer:
        return min(1.0, sum(at(count) for count in range(low, good + 1)))
    return min(1.0, sum(chance for count in range(low, high + 1) if (chance := at(count)) <= here * (1 + 1e-7)))


def two_proportions(good: int, total: int, other_good: int, other_total: int, *, fewer: bool = False) -> float:
    """The same where there are many: exact up to `MOST_EXACT`, then by the normal distribution."""
    if total + other_total <= MOST_EXACT:
        return fisher(good, total - good, other_good, other_total - other_good, fewer=fewer)
    share = (good + other_good) / (total + other_total)
    spread = math.sqrt(share * (1 - share) * (1 / total + 1 / other_total)) if total and other_total else 0.0
    if not spread:
        return 1.0
    z = (good / total - other_good / other_total) / spread
    return 0.5 * math.erfc(-z / math.sqrt(2)) if fewer else math.erfc(abs(z) / math.sqrt(2))


def by_pull(one: Sequence[Unit], other: Sequence[Unit], *, rounds: int = ROUNDS) -> float:
    """That two ratios of sums differ so much, where what belongs to one pull request goes together.

    Exact where each has no more than one thing; else the pull requests are dealt anew to the two, the same way each
    time; very many are taken as clusters.
    """
    both = [*one, *other]
    if all(below in {0, 1} and above in {0, below} for above, below in both):
        (good, total), (other_good, other_total) = _sums(one), _sums(other)
        return two_proportions(int(good), int(total), int(other_good), int(other_total))
    if len(both) > MOST_DEALT:
        return _clustered(one, other)
    return _dealt(both, len(one), rounds)


def _dealt(both: Sequence[Unit], first: int, rounds: int) -> float:
    aboves, belows = [above for above, _ in both], [below for _, below in both]
    above, below = sum(aboves), sum(belows)
    seen = _apart(sum(aboves[:first]), sum(belows[:first]), above, below)
    if not 0 < first < len(both):
        return 1.0
    as_far = 0
    for nth in range(rounds):
        chosen = _drawn(nth, len(both), first)
        as_far += _apart(sum(chosen(aboves)), sum(chosen(belows)), above, below) >= seen - SAME * abs(seen)
    return (1 + as_far) / (1 + rounds)


def _drawn(nth: int, count: int, first: int) -> itemgetter[Sequence[float]]:
    """Picks `first` of `count`, by digits that depend on nothing but the round."""
    digits = memoryview(hashlib.shake_256(f"round {nth}".encode()).digest(8 * count)).cast("Q")
    picked = sorted(range(count), key=digits.__getitem__)[:first]
    return itemgetter(*picked, picked[0]) if len(picked) == 1 else itemgetter(*picked)


def _apart(above: float, below: float, all_above: float, all_below: float) -> float:
    """How far the two ratios lie apart; as far as can be where one has nothing below."""
    if not below or below == all_below:
        return math.inf
    return abs(above / below - (all_above - above) / (all_below - below))


def _clustered(one: Sequence[Unit], other: Sequence[Unit]) -> float:
    (first, spread), (second, other_spread) = _ratio(one), _ratio(other)
    deviation = math.sqrt(spread + other_spread)
    if not deviation or math.isnan(deviation):
        return 1.0 if first == second or math.isnan(first - second) else 0.0
    return math.erfc(abs(first - second) / deviation / math.sqrt(2))


def _ratio(units: Sequence[Unit]) -> tuple[float, float]:
    """The ratio of the sums, and its variance over clusters."""
    above, below = _sums(units)
    if not below or len(units) < 2:
        return math.nan, math.nan
    ratio = above / below
    squares = sum((its_above - ratio * its_below) ** 2 for its_above, its_below in units)
    return ratio, squares / below**2 * len(units) / (len(units) - 1)


def _sums(units: Sequence[Unit]) -> tuple[float, float]:
    return sum(above for above, _ in units), sum(below for _, below in units)


def _ways(total: int, chosen: int) -> float:
    """The logarithm of the number of ways to choose."""
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)
