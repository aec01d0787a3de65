"""Bursts of pushes: the first is reviewed at once, those that follow closely wait until the burst is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dbos import DBOSClient

from reviewer.core.types import Job
from reviewer.jobs.state import REVIEWS
from reviewer.store import SqlStore

QUIET = 2.0  # seconds without a push that end a burst
# What a person ruled changes no code: it is no part of a burst of pushes, and they look at the check.
AT_ONCE = frozenset({"command.override", "command.dismiss", "command.resume", "command.reply"})


class Pace:
    """`quiet` in seconds. `now` is in seconds since the epoch, as the store's own."""

    def __init__(
        self,
        store: SqlStore,
        queues: DBOSClient,
        *,
        quiet: float,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._store, self._queues, self._quiet, self._sleep = store, queues, quiet, sleep

    async def overtaken(self, job: Job) -> str:
        """Wait for the end of the burst that `job` is part of; then why nobody wants it any more, or nothing."""
        if wait := await asyncio.to_thread(self._wait, job):
            await self._sleep(wait)
        return await self._store.wanted(job)

    def _wait(self, job: Job) -> float:
        """Seconds from now."""
        if job.trigger in AT_ONCE:
            return 0.0
        newest = self._store.newest(job)
        if newest is None or newest.delivery != job.delivery or not newest.previous:
            return 0.0  # overtaken already, or alone
        if newest.at - newest.previous >= self._quiet and not self._busy(job):
            return 0.0
        left = newest.at + self._quiet - self._store.now()
        return min(max(left, 0.0), self._quiet)  # another machine's clock may have said when it came

    def _busy(self, job: Job) -> bool:
        """Whether a job of the pull request is being carried out."""
        running = self._queues.list_workflows(
            status="PENDING", queue_name=REVIEWS, queues_only=True, load_input=False, load_output=False
        )
        return any(state.queue_partition_key == job.lane for state in running)
