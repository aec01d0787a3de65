"""Lines take turns: so many run at once, and who waits first is the installation that has the fewest of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Slots:
    """One installation may have all `count` of them while no other waits. For one event loop."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._running: Counter[int] = Counter()  # by installation
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []  # in order of arrival

    @asynccontextmanager
    async def slot(self, installation: int) -> AsyncIterator[None]:
        """Wait for a slot, and have it until the block ends."""
        entry = (installation, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._hand_out()
        try:
            await entry[1]
            yield
        finally:
            if entry in self._waiting:  # cut short before its turn
                self._waiting.remove(entry)
            else:
                self._running[installation] -= 1
            self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self._running.total() < self._count:
            entry = min(self._waiting, key=lambda entry: self._running[entry[0]])
            self._waiting.remove(entry)
            installation, turn = entry
            self._running[installation] += 1
            if not turn.cancelled():  # else whoever waited for it gives it back in a moment
                turn.set_result(None)
        self._running = +self._running
