"""Keeps an installation's writes within what GitHub allows, so that GitHub does not have to say no."""

from __future__ import annotations

import itertools
import threading
from bisect import insort
from collections import deque
from collections.abc import Awaitable, Callable
from enum import IntEnum

from reviewer.github.faults import too_soon

# https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits: 80 requests
# that create content a minute, 500 an hour. The extra second is for the way there, which is not equally long each time.
CONTENT = ((61.0, 80), (3601.0, 500))  # (seconds, writes)
# Checks create no content: nobody is notified, and a CI makes thousands. They cost points: 900 a minute for everything,
# 5 for a write and 1 for a read; two thirds are for them.
CHECKS = ((61.0, 120),)
A_MINUTE = 61.0  # seconds: the least that a job is put off, which makes room for others
PATIENCE = 75.0  # seconds that a write waits: the window of a minute is sat out, that of an hour is not
SPARE = 0.5  # of a window: beyond it nothing is written that may be left out


class Rank(IntEnum):
    """Who goes first when writes have to wait."""

    FIRST = 0  # reviews, comments, the ends of checks
    USUAL = 1  # new checks


class WriteBudget:
    """The writes of one installation by one process, counted over sliding windows.

    Those that have to wait go in order of rank, then of arrival. Other installations have budgets of their own. Each of
    several worker processes counts for itself, so N of them together may reach N times the limit; then GitHub says no
    to some, and its `retry-after` is obeyed by the process that hears it.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        windows: tuple[tuple[float, int], ...] = CONTENT,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._clock, self._sleep, self._windows = clock, sleep, windows
        self._made: deque[float] = deque(maxlen=max(most for _, most in windows))  # when, oldest first
        self._waiting: list[tuple[Rank, int]] = []  # in the order in which they may go
        self._numbers = itertools.count()
        self._until = 0.0
        self._lock = threading.Lock()  # around plain arithmetic only; an App may be used from several event loops

    @property
    def tight(self) -> bool:
        """Should what may be left out be left out?"""
        now = self._clock()
        with self._lock:
            if self._waiting or now < self._until:
                return True
            return any(self._used(seconds, now) >= most * SPARE for seconds, most in self._windows)

    def hold(self, seconds: float) -> None:
        """GitHub asked for a pause: nothing of this installation is asked meanwhile."""
        self._until = max(self._until, self._clock() + seconds)

    async def held(self) -> None:
        """Wait for the end of the pause that GitHub asked for."""
        if (left := self._until - self._clock()) > 0:
            await self._sleep(left)

    async def take(self, rank: Rank) -> None:
        """Wait until one more write is within the limits, and count it.

        Raises GitHubError with its `wait` where that takes too long: the job is to hold up no other meanwhile.
        """
        ticket, until = (rank, next(self._numbers)), self._clock() + self._patience
        with self._lock:
            insort(self._waiting, ticket)
        try:
            while (wait := self._try(ticket)) > 0:
                if self._clock() + wait > until:
                    raise too_soon(max(wait, A_MINUTE))
                await self._sleep(wait)
        finally:
            with self._lock:
                self._waiting.remove(ticket)

    def _try(self, ticket: tuple[Rank, int]) -> float:
        """0 when the ticket's turn has come, which counts it; else the seconds after which to ask again."""
        with self._lock:
            now, ahead = self._clock(), self._waiting.index(ticket)
            wait = max(self._wait(seconds, most, now, ahead) for seconds, most in self._windows)
            if wait <= 0:
                self._made.append(now)
            return wait

    def _wait(self, seconds: float, most: int, now: float, ahead: int) -> float:
        """Seconds until this window has room for those `ahead` and one more, as far as that is known."""
        used = self._used(seconds, now)
        over = used + ahead - most  # how many have to leave the window before one more may come
        if over < 0:
            return 0.0
        if over >= used:  # behind a whole window of others that wait
            return seconds
        return self._made[len(self._made) - used + over] + seconds - now

    def _used(self, seconds: float, now: float) -> int:
        return sum(1 for when in self._made if when > now - seconds)
