"""An event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
CANCEL_WITHIN = 5.0  # seconds for a cancelled task to let go of what it holds


class LoopThread:
    """Started and stopped from any other thread, several times."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self._loop is not None

    def start(self) -> None:
        assert self._loop is None, "started twice"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="reviewer-jobs", daemon=True)
        self._thread.start()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on this loop and await its result on the caller's."""
        assert self._loop, "not started"
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start `work` on this loop, from any thread, and do not wait for it."""
        if self._loop:
            asyncio.run_coroutine_threadsafe(work, self._loop)
        else:
            work.close()

    def stop(self) -> None:
        """End the loop; tasks that are left are cancelled first, so that none is destroyed while pending."""
        if self._loop and self._thread:
            asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
        self._loop = self._thread = None


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=CANCEL_WITHIN)
    await asyncio.get_running_loop().shutdown_asyncgens()
