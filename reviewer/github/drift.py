"""How far this machine's clock is from GitHub's, by the `Date` of its answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

# What we sign as the App says when, a minute back, and is good for nine minutes more: a clock that is further ahead
# than this minute is refused at once, one that is behind only later. An answer may be some seconds on its way.
TOLERATED = 45.0  # seconds


class Drift:
    """Shared by all connections. `now` is in seconds since the epoch."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self.seconds: float | None = None  # that ours is ahead (behind: negative); None: GitHub has not said

    def note(self, headers: Mapping[str, str]) -> None:
        """What the newest answer says, if anything."""
        try:
            told = parsedate_to_datetime(headers.get("date", "")).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        self.seconds = self._now() - told

    @property
    def wrong(self) -> str:
        """A clause, "" for a clock that is right enough."""
        return wrong(self.seconds)


def wrong(seconds: float | None) -> str:
    if seconds is None or abs(seconds) <= TOLERATED:
        return ""
    return f"this machine's clock is {abs(seconds):,.0f} s {'ahead of' if seconds > 0 else 'behind'} GitHub's"
