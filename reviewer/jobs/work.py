"""What a worker does with a job: announce it, run the line on it, give it up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from dbos import DBOSClient

from reviewer.core.errors import ReviewerError
from reviewer.core.types import Job
from reviewer.jobs.loop import CANCEL_WITHIN
from reviewer.jobs.state import arrival_id, job_of, turn

Line = Callable[[Job, str], Awaitable[None]]  # (job, run id)

log = logging.getLogger(__name__)


class JobFailed(ReviewerError):
    """The job ended with an error; its sentence is for the operator, and all that the database keeps of the error."""


class Work:
    """The two workflows. `attempts` is how often each is begun before it is given up."""

    def __init__(
        self,
        queues: DBOSClient,
        *,
        review: Line,
        announce: Line,
        gave_up: Line,
        attempts: int,
        announce_within: float,
    ) -> None:
        self._queues = queues
        self._review, self._announce, self._gave_up = review, announce, gave_up
        self._attempts, self._announce_within = attempts, announce_within
        self._stopping = False
        self._working: set[asyncio.Task[Any]] = set()
        self._parked: set[asyncio.Task[Any]] = set()

    async def arrive(self, fields: dict[str, Any], run: str) -> None:
        """Announce the job and put it into its lane. An announcement that fails costs only itself."""
        job = job_of(fields)
        async with self._at_work():
            if await self._tries(arrival_id(run)) <= self._attempts:
                try:
                    await asyncio.wait_for(self._announce(job, run), self._announce_within)
                except Exception:
                    log.exception("job.not_announced", extra={"run": run})
            await self._queues.enqueue_async(turn(job, run), fields, run)

    async def do(self, fields: dict[str, Any], run: str) -> None:
        """Run the line. Raises JobFailed for whatever it raises: only our own sentence goes into the database."""
        job = job_of(fields)
        async with self._at_work():
            try:
                if await self._tries(run) <= self._attempts:
                    return await self._review(job, run)
                await self._gave_up(job, run)
            except Exception as error:
                log.exception("job.failed", extra={"run": run})
                raise JobFailed(_sentence(error)) from None
        log.error("job.gave_up", extra={"run": run})
        raise JobFailed(f"given up: it was begun {self._attempts} times and ended with the process each time")

    async def _tries(self, workflow: str) -> int:
        """How often the workflow was begun, this time included; asked from outside, or DBOS would record the answer."""
        ask = self._queues.list_workflows_async
        (state,) = await ask(workflow_ids=[workflow], load_input=False, load_output=False)
        return state.recovery_attempts or 0

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """What DBOS still hands out while we stop is parked untouched, to be cancelled with the rest."""
        task = asyncio.current_task()
        assert task
        tasks = self._parked if self._stopping else self._working
        tasks.add(task)
        try:
            if self._stopping:
                await asyncio.Event().wait()
            yield
        finally:
            tasks.discard(task)

    async def stop(self, grace: float) -> None:
        """Give what runs `grace` seconds, then cut it short.

        A cancelled workflow stays PENDING in the database, and the next start takes it back.
        """
        self._stopping = True
        if self._working:
            await asyncio.wait(self._working, timeout=grace)
        left = self._working | self._parked
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=CANCEL_WITHIN)


def _sentence(error: Exception) -> str:
    """What may rest of an error: our own sentence; of a stranger's only the name, since its text may quote code."""
    if isinstance(error, ReviewerError):
        return str(error)
    return f"unexpected {type(error).__name__}; the log has its traceback at job.failed"
