"""Follows one allowance as the server counts it: a bucket that refills steadily, from which others may take as well."""

from __future__ import annotations

import math
from collections import deque

from reviewer.model.rates.headers import Gauge

# An answer's headers speak of the moment at which its request was let in, not of when the answer came: after one call
# of many seconds OpenAI says "9988 left of 10000, all there in 72ms".
PERIODS = (1.0, 60.0, 3_600.0, 86_400.0)  # seconds; tokens are counted by the minute, requests at times by the day
MINUTE = 60.0
ORDER = 0.1  # seconds within which two requests may be let in in another order than they were sent
SPARE = 0.02  # of the limit is left alone: clocks differ
# Others (another process with the same key) take steadily, and in bursts. For their next burst three times as much is
# left alone as was last missing unexpectedly, but no more than a part of the limit, and that part until it is known
# better; it is forgotten slowly.
TIMES = 3.0
SHARED = 0.3
BURSTS = 120.0  # seconds
# Where it is known how many take, and it shows that they do, each keeps to its part of what is left by the last news:
# with answers of half a minute the others are heard of too late. What they leave is there to be shared with each news.
SHOWS = 0.1  # of the refill
KEPT = 2 / 3  # of what there was stays, until the server has spoken again
MEMORY = 20.0  # seconds over which the steady use by others is averaged
MANY = 1_000  # requests that are kept in mind


class Bucket:
    """Tokens or requests of one key and model. Until a server has spoken of them, everything fits.

    Times are monotonic seconds. What was sent since the server last spoke counts as taken. Others may have taken some
    too: so no more than a third of what was there is sent until the server has been heard again.
    """

    def __init__(self) -> None:
        self.limit: float | None = None
        self.refill = 0.0  # a second
        self.others = 0.0  # what others take, a second
        self.sharers = 1  # processes with this key, this one too
        self._burst = 0.0  # the most that was missing unexpectedly of late
        self._level = 0.0
        self._at = 0.0  # of the request whose answer spoke last
        self._before = 0.0  # the level before what has been sent since
        self._sent: deque[tuple[float, float]] = deque()  # (at, weight), in order

    def left(self, now: float) -> float | None:
        """None while no limit is known."""
        return None if self.limit is None else max(0.0, self._level_at(now))

    def wait(self, weight: float, now: float) -> float:
        """Seconds until `weight` fits, or more where others take some of it; 0 when it fits."""
        if self.limit is None:
            return 0.0
        part = self._part
        level = self._level_at(now) if part == 1 else self._own_at(now)
        spare = self.limit * SPARE + min(self._burst, self.limit * SHARED)
        # More than there ever is goes when all is there: the server has to say that it is too much.
        needed = min(weight + spare * part, self.limit * part)
        if part == 1 and self._unheard(now):
            needed = min(max(needed, weight + self._before * KEPT), self.limit)
        return (needed - level) / (self.refill * part) if needed > level + 1e-6 else 0.0

    def send(self, weight: float, now: float) -> None:
        """`now` is later than that of whatever was sent before."""
        if not self._unheard(now):
            self._before = self._level_at(now)
        self._sent.append((now, weight))
        if self.limit is None:
            self._forget(now - MINUTE)
        elif len(self._sent) > MANY:  # a server that has stopped speaking of its limits
            self._level, self._at = self._level_at(now), now
            self._sent.clear()

    def unsend(self, weight: float, at: float) -> None:
        """It never left, or the server refused it."""
        if (at, weight) in self._sent:
            self._sent.remove((at, weight))

    def heard(self, gauge: Gauge, sent_at: float) -> None:
        """What the answer says to a request that was sent at `sent_at`. Older news than what is known is left."""
        known = self.limit is not None
        if (known and sent_at <= self._at) or not (known or gauge.limit or gauge.remaining >= 1):
            return  # of a limit that is not said, "nothing is left" says nothing
        level = gauge.remaining
        # Of those sent shortly before it is not known whether they were let in before: then the lower level counts.
        close = sum(weight for at, weight in self._sent if max(self._at, sent_at - ORDER) < at < sent_at)
        if known:
            expected = self._replayed(sent_at, sent_at, alone=True)
            self._watch(expected - gauge.remaining, sent_at - self._at)
            level = min(level, expected) if close or sent_at - self._at < ORDER else level
        else:
            level -= close
            self._burst = math.inf
        self.limit = gauge.limit or max(self.limit or 0.0, gauge.remaining, 1.0)
        self.refill = self.limit / _period(gauge, self.limit)
        self._level, self._at, self._before = level, sent_at, level
        self._forget(sent_at)

    def _level_at(self, now: float) -> float:
        return self._replayed(now, math.inf)

    @property
    def _part(self) -> float:
        """Of what is left, ours."""
        return 1 / self.sharers if self.others > self.refill * SHOWS else 1.0

    def _own_at(self, now: float) -> float:
        """Our part of what would be left if nobody had taken any since the last news, without what we took."""
        level = min(self.limit or 0.0, self._level + self.refill * (now - self._at))
        return level * self._part - sum(weight for at, weight in self._sent if at > self._at)

    def _unheard(self, now: float) -> bool:
        """Whether something is on its way of which the server has not spoken. What takes a minute is no news."""
        return any(at > max(self._at, now - MINUTE) for at, _ in self._sent)

    def _watch(self, missing: float, elapsed: float) -> None:
        """What is missing from the level that we would expect, others took: steadily, or in a burst."""
        unexpected = missing - self._taken(elapsed)
        before = min(self._burst, self.limit * SHARED) if self.limit else 0.0
        self._burst = max(before * math.exp(-elapsed / BURSTS), unexpected * TIMES)
        kept = math.exp(-elapsed / MEMORY)
        self.others = max(0.0, self.others * kept + min(missing / elapsed, self.refill) * (1 - kept))

    def _taken(self, elapsed: float) -> float:
        """What others are expected to take so long after the server spoke. What is long ago says less and less."""
        return self.others * MEMORY * (1 - math.exp(-elapsed / MEMORY))

    def _replayed(self, now: float, until: float, *, alone: bool = False) -> float:
        """The level at `now`, after what was sent at `until` and before; `alone`: as if nobody else took anything."""
        limit = self.limit or 0.0
        level, at = self._level, self._at
        for sent, weight in [*self._sent, (now, 0.0)]:
            if sent > until:
                break
            if sent > at:
                taken = 0.0 if alone else self._taken(sent - self._at) - self._taken(at - self._at)
                level, at = min(limit, level + self.refill * (sent - at) - taken), sent
            if sent > self._at:
                level -= weight
        return level

    def _forget(self, until: float) -> None:
        while self._sent and self._sent[0][0] <= until:
            self._sent.popleft()


def _period(gauge: Gauge, limit: float) -> float:
    """Seconds in which the whole limit comes back: the usual one that `reset` fits best, else a minute."""
    taken = limit - gauge.remaining
    if not gauge.reset or taken <= 0 or gauge.reset < 0.001:
        return MINUTE
    found = gauge.reset * limit / taken
    nearest = min(PERIODS, key=lambda period: abs(math.log(found / period)))
    return nearest if 0.5 < found / nearest < 2 else MINUTE
