"""Jobs on a real database whose line does what a test says, and writes down what happened."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from reviewer.core.types import Job
from reviewer.jobs import Jobs
from reviewer.store import SqlStore, engine

PATIENCE = 60.0  # seconds until a test that waits for something gives up; no test measures time


def job(delivery: str, *, number: int = 1, head: str = "abcdef0123", kind: Any = "review") -> Job:
    return Job(kind, 7, "octo/app", number, head, "pull_request.synchronize", delivery)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what it waits for happens on the loop of another thread
            await asyncio.sleep(0.005)


class Workshop:
    """A store, jobs on it, and a diary."""

    def __init__(self, url: str, **options: Any) -> None:
        self.store = SqlStore(engine(url))
        self.happened: list[tuple[str, str]] = []  # (what, run), in order
        self.doing: Counter[str] = Counter()  # lane -> lines running now
        self.most: Counter[str] = Counter()  # lane, and "" for all -> the most at once
        self.review: Callable[[Job, str], Awaitable[None]] = self.nothing
        self.announce: Callable[[Job, str], Awaitable[None]] = self.nothing
        self.loops: set[asyncio.AbstractEventLoop] = set()
        options = {"polling": 0.02, "quiet": 0.0, **options}
        self.jobs = Jobs(self.store, review=self._review, announce=self._announce, gave_up=self._gave_up, **options)

    async def nothing(self, _job: Job, _run: str) -> None:
        pass

    async def _review(self, job: Job, run: str) -> None:
        self.loops.add(asyncio.get_running_loop())
        self.happened.append(("review", run))
        self.doing[job.lane] += 1
        self.most[job.lane] = max(self.most[job.lane], self.doing[job.lane])
        self.most[""] = max(self.most[""], self.doing.total())
        try:
            await self.review(job, run)
            self.happened.append(("reviewed", run))
        finally:
            self.doing[job.lane] -= 1

    async def _announce(self, job: Job, run: str) -> None:
        self.happened.append(("announce", run))
        await self.announce(job, run)

    async def _gave_up(self, _job: Job, run: str) -> None:
        self.happened.append(("gave up", run))

    async def ended(self, *runs: str) -> list[str]:
        """The statuses of the jobs once all have ended."""
        async with asyncio.timeout(PATIENCE):
            while True:
                states = [await self.jobs.status(run) for run in runs]
                found = [state["status"] for state in states if state]
                if not {"queued", "running"} & set(found):
                    return found
                await asyncio.sleep(0.01)


@asynccontextmanager
async def working(shop: Workshop, *, worker: bool = True, grace: float = 0) -> AsyncIterator[Jobs]:
    await shop.jobs.start(worker=worker)
    try:
        yield shop.jobs
    finally:
        await shop.jobs.stop(grace=grace)


def play(story: Awaitable[None], shop: Workshop) -> None:
    async def whole() -> None:
        await story

    asyncio.run(whole())
    shop.store.close()
