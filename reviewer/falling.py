"""Watches the quality: where it stands against the week before, and one line in the log for what has fallen."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from reviewer.core.errors import OutsideError
from reviewer.core.quality import SAYS, Level, Shares, levels, share_text

HOUR, DAY = 3_600.0, 86_400.0
WEEK = 7 * DAY
FRESH = 600.0  # seconds for which a look is believed: it adds up a week

_log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class Falling:
    """`shares` gives those between two moments, for a thread; `lease` says whether this process alone may do a thing
    for so many seconds, under a name of its own each time.
    """

    shares: Callable[[float, float], Shares]
    lease: Callable[[str, str, float], Awaitable[bool]]
    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _known: tuple[float, Sequence[Level]] = field(default=(0.0, ()))

    async def levels(self) -> Sequence[Level]:
        """Raises OutsideError."""
        if self.clock() >= self._known[0]:
            found = await asyncio.to_thread(self.look)
            self._known = (self.clock() + FRESH, found)
        return self._known[1]

    def look(self) -> tuple[Level, ...]:
        """For a thread."""
        now = self.now()
        return levels(self.shares(now - DAY, now), self.shares(now - DAY - WEEK, now - DAY))

    async def forever(self) -> None:
        """Look every hour; what has fallen is said once a day, by one of all processes."""
        while True:
            await self.sleep(HOUR)
            try:
                await self.warn()
            except OutsideError as error:
                _log.warning("quality.unread", reason=str(error))

    async def warn(self) -> None:
        for level in await self.levels():
            if level.fell and await self.lease(f"quality.{level.measure}", secrets.token_hex(8), DAY):
                told = {"last_day": share_text(level.last), "week_before": share_text(level.before)}
                _log.warning("quality.fell", measure=level.measure, of=SAYS[level.measure], **told)
