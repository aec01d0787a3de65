"""What a worker does with a job: announce it, run the line on it, give it up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from dbos import DBOSClient

from reviewer.core.errors import OutsideError, ReviewerError
from reviewer.core.types import Job
from reviewer.jobs.again import again_if_failed
from reviewer.jobs.lasting import lasting
from reviewer.jobs.loop import CANCEL_WITHIN
from reviewer.jobs.pace import Pace
from reviewer.jobs.patience import Patience
from reviewer.jobs.pulse import Pulse
from reviewer.jobs.slots import Slots
from reviewer.jobs.state import PUT_OFF, REVIEWS, arrival_id, job_of, later, queue_of, turn
from reviewer.jobs.telling import sentence, told
from reviewer.store import Workers

Line = Callable[[Job, str], Awaitable[Sequence[Job] | None]]  # (job, run id); gives the jobs that are to follow

AFTER_YOU = 0.2  # seconds between two looks at whether the door is still busy
AT_MOST = 20  # such looks: the queued check is to be there within seconds
LONGEST_PUT_OFF = 3700.0  # seconds: GitHub's limits are counted over an hour
ASK_AGAIN = 1.0  # seconds until the database is asked again whose a job is

log = logging.getLogger(__name__)


class Lines(NamedTuple):
    """What is done with a job: its review or answer, its announcement, and its end when it was begun too often."""

    review: Line
    announce: Line
    gave_up: Line


class JobFailed(ReviewerError):
    """The job ended with an error; its sentence is for the operator, and all that the database keeps of the error."""


class Running(NamedTuple):
    task: asyncio.Task[Any]
    begun: float  # by the pulse's clock
    queue: str


class Work:
    """The two workflows. `attempts` is how often each is begun before it is given up."""

    def __init__(
        self,
        queues: DBOSClient,
        workers: Workers,
        lines: Lines,
        *,
        pulse: Pulse,
        pace: Pace,
        in_burst: Callable[[], bool],
        follow: Callable[[Sequence[Job]], object],
        concurrency: int,
        longest_wait: float,
        attempts: int,
        announce_within: float,
    ) -> None:
        self._queues, self._workers, self._lines = queues, workers, lines
        self._pulse, self._pace, self._in_burst, self._follow = pulse, pace, in_burst, follow
        self._attempts, self._announce_within = attempts, announce_within
        self._slots, self._quick, self._patience = Slots(concurrency), Slots(concurrency), Patience(longest_wait)
        self._stopping = False
        self._running: dict[str, Running] = {}  # reviews by their run
        self._working: set[asyncio.Task[Any]] = set()
        self._parked: set[asyncio.Task[Any]] = set()

    async def arrive(self, fields: dict[str, Any], run: str) -> str | None:
        """Announce the job and put it into its lane. An announcement that fails costs only itself.

        One that was overtaken in a burst ends here, and returns by what: nobody has heard of it yet.
        """
        job = job_of(fields)
        async with self._at_work():
            await self._after_the_burst()
            if why := await lasting(lambda: self._pace.overtaken(job)):
                log.info("job.overtaken", extra={"reason": why})
                return why
            if await self._tries(arrival_id(run)) <= self._attempts:
                try:
                    await asyncio.wait_for(self._lines.announce(job, run), self._announce_within)
                except Exception as error:  # noqa: BLE001 - it is told
                    told("job.not_announced", error, run)
            await lasting(lambda: self._queues.enqueue_async(turn(job, run), fields, run))
        return None

    async def do(self, fields: dict[str, Any], run: str) -> None:
        """Run the line. Raises JobFailed for whatever it raises: only our own sentence goes into the database."""
        job = job_of(fields)
        async with self._alone(job, run), self._turn(job), self._at_work():
            await self._after_the_burst()
            try:
                if await self._tries(run) <= self._attempts:
                    # Kept before this job is done: a crash between the two has both done again, each under its id.
                    if follow := await self._lines.review(job, run):
                        await asyncio.to_thread(self._follow, follow)
                    self._patience.done(run)
                    return
                await self._lines.gave_up(job, run)
            except Exception as error:  # noqa: BLE001 - it is told, and raised anew
                if wait := self._patience.comes_back(error, run):
                    await self._put_off(fields, run, wait)
                    raise JobFailed(PUT_OFF + sentence(error)) from None
                told("job.failed", error, run)
                raise JobFailed(sentence(error)) from None
        log.error("job.gave_up", extra={"run": run})
        raise JobFailed(f"given up: it was begun {self._attempts} times and ended with the process each time")

    async def _put_off(self, fields: dict[str, Any], run: str, wait: float) -> None:
        """Have the job done again once GitHub lets us in; meanwhile it holds up nobody."""
        log.info("job.put_off", extra={"run": run, "seconds": round(wait)})
        await lasting(lambda: self._queues.enqueue_async(later(min(wait, LONGEST_PUT_OFF)), fields, run))

    async def again(self, fields: dict[str, Any], run: str) -> None:
        """Wake a job that was put off, unless that has happened."""
        async with self._at_work():
            await asyncio.to_thread(again_if_failed, self._queues, self._workers, job_of(fields), run)

    async def _after_the_burst(self) -> None:
        """GitHub waits for its answers, a job does not mind: in a burst the door has the process for itself."""
        for _ in range(AT_MOST):
            if not self._in_burst():
                return
            await asyncio.sleep(AFTER_YOU)

    async def _tries(self, workflow: str) -> int:
        """How often the workflow was begun, this time included."""
        return await asyncio.to_thread(self._begun, workflow)

    def _begun(self, workflow: str) -> int:
        """Asked from outside of DBOS's workflow, or it would record the answer."""
        (state,) = self._queues.list_workflows(workflow_ids=[workflow], load_input=False, load_output=False)
        return (state.recovery_attempts or 0) + self._workers.begun_before(workflow)

    # --- whose a job is -------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _alone(self, job: Job, run: str) -> AsyncIterator[None]:
        """A job that was taken from us may come back to us while its old line still runs: that one ends first."""
        if before := self._running.get(run):
            before.task.cancel()
            await asyncio.wait([before.task])
        task = asyncio.current_task()
        assert task
        self._running[run] = mine = Running(task, self._pulse.clock(), queue_of(job))
        try:
            yield
        finally:
            if self._running.get(run) is mine:
                del self._running[run]

    async def fence(self, job: Job) -> None:
        """Returns while the job is ours; when another worker has it, its line is cut short here instead.

        A cancelled workflow writes no outcome, so what the other one does stands. While the database is away and
        others may have counted us out, nobody knows whose the job is, and the line waits here.
        """
        run = job.delivery
        while (running := self._running.get(run)) and not self._pulse.fresh(running.begun):
            try:
                if await asyncio.to_thread(self._pulse.owns, run):
                    return
                running.task.cancel()
                await asyncio.Event().wait()
            except OutsideError:
                await asyncio.sleep(ASK_AGAIN)

    async def drop_lost(self) -> None:
        """Cut short what is not ours any more, so that it costs nothing more."""
        for run, running in list(self._running.items()):
            if not await asyncio.to_thread(self._pulse.owns, run):
                log.warning("job.lost", extra={"job": run, "run": run})
                running.task.cancel()

    async def give_back(self, room: int) -> None:
        """Leave to the other workers what was taken beyond `room` and waits here: the newest first.

        Should the last step fail, the job is found idle in our hands after a while: see `Takeover`.
        """
        ours = {run: running for run, running in self._running.items() if running.queue == REVIEWS}
        waiting = [run for run, running in reversed(ours.items()) if running.task in self._parked]
        for run in waiting[: max(len(ours) - room, 0)]:
            mine, task = await asyncio.to_thread(self._pulse.owns, run), ours[run].task
            if mine and not self._stopping and task in self._parked:  # else its turn came meanwhile
                task.cancel()
                await asyncio.wait([task])
                await self._queues.resume_workflow_async(run, queue_name=REVIEWS)
                log.info("job.given_back", extra={"job": run, "run": run})

    # --- the end --------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self, job: Job) -> AsyncIterator[None]:
        """Until its turn comes the job is parked: a stop does not wait for it."""
        task = asyncio.current_task()
        assert task
        self._parked.add(task)
        try:
            async with (self._quick if job.is_quick else self._slots).slot(job.installation):
                self._parked.discard(task)
                yield
        finally:
            self._parked.discard(task)

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
