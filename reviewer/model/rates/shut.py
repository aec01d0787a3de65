"""Tells a server that is busy from one that lets nobody in: the first is waited for, the second is not."""

from __future__ import annotations

import math
from collections.abc import Callable

LATELY = 75.0  # seconds: limits are counted by the minute, so a server that answers nobody for longer does not work
WAVES = 3  # refusals one after the other; those that were on their way together are one
LONGEST = 600.0  # seconds: whoever asks for a longer wait is closed for the time of a review
DAY = 86_400.0  # seconds: who asks for more than that does not know what it says
REST, LONGEST_REST = 30.0, 300.0  # seconds for which nobody waits for it


class Shut:
    """For one model. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._answered = self._refused = self._until = -math.inf
        self._waves = 0

    @property
    def closed(self) -> bool:
        return self._clock() < self._until

    def answered(self) -> None:
        self._answered, self._until, self._waves = self._clock(), -math.inf, 0

    def refused(self, sent: float, wait: float | None) -> float:
        """Seconds for which nobody shall wait, 0 where it is worth while. `sent`: when it went; `wait`: as the server
        says.
        """
        now, wait = self._clock(), wait if wait and wait < DAY else 0.0
        self._waves += sent > self._refused
        self._refused = now
        if now <= self._answered + LATELY or (self._waves < WAVES and wait <= LONGEST):
            return 0.0
        rest = min(max(REST, wait), LONGEST_REST)
        self._until = now + rest
        return rest
