"""The queue as the rest of the program sees it: start, enqueue, status, stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, WorkflowStatus

from reviewer.core.errors import OutsideError
from reviewer.core.types import Job
from reviewer.jobs import tables
from reviewer.jobs.again import again_if_failed
from reviewer.jobs.bound import as_function
from reviewer.jobs.door import Door
from reviewer.jobs.hush import hush
from reviewer.jobs.lanes import POLLING, Lanes
from reviewer.jobs.loop import LoopThread
from reviewer.jobs.me import me
from reviewer.jobs.pace import QUIET, Pace
from reviewer.jobs.pulse import BEAT_EVERY, DEAD_AFTER, Pulse
from reviewer.jobs.state import (
    APPLICATION_VERSION,
    ARRIVALS,
    LATER,
    RECORD,
    REVIEWS,
    arrival,
    arrival_id,
    status_of,
    turn,
)
from reviewer.jobs.work import Line, Lines, Work
from reviewer.store import Connection, SqlStore, Worker, Workers

T = TypeVar("T")

NAME = "reviewer"
NOT_RUNNING = "the job queue is not running; try again when the server has started"
THREADS = 64  # of DBOS and of all that goes from our loop to a thread, the store above all


class Jobs:
    """One in a process, since DBOS is a singleton; it can be started again after a stop.

    All lines run on one event loop in a thread of its own, so they can share HTTP clients, and their work does not
    hold up the web server's answers. Each start works under a name of its own, and beats: what a worker had begun
    that is silent for `dead_after` seconds goes to the others, or to its own next start.
    """

    def __init__(
        self,
        store: SqlStore,
        *,
        review: Line,
        announce: Line,
        gave_up: Line,
        concurrency: int = 16,
        longest_wait: float = 60.0,
        polling: float = 0.0,
        attempts: int = 5,
        announce_within: float = 10.0,
        quiet: float = QUIET,
        beat_every: float = BEAT_EVERY,
        dead_after: float = DEAD_AFTER,
        worker: Callable[[], Worker] = me,
    ) -> None:
        self._store, self._workers = store, Workers(store)
        self._lines = Lines(review, announce, gave_up)
        self._concurrency, self._polling = concurrency, polling or POLLING[store.engine.dialect.name]
        self._longest_wait = longest_wait
        self._attempts, self._announce_within, self._quiet = attempts, announce_within, quiet
        self._beat_every, self._dead_after, self._me = beat_every, dead_after, worker
        self._loop = LoopThread()
        self._client: DBOSClient | None = None
        self._work: Work | None = None
        self._pulse: Pulse | None = None
        self._door: Door | None = None

    # --- life ----------------------------------------------------------------------------------------------------

    async def start(self, *, worker: bool) -> None:
        """Make the tables and begin to work; with `worker=False` jobs are only taken, for other processes to do."""
        self._loop.start()
        try:
            me = self._me()
            await asyncio.to_thread(self._prepare, me)
            if worker and self._pulse:
                await asyncio.to_thread(self._pulse.start)
            # At launch DBOS takes back what its executor had begun; one that does no work has begun nothing.
            await self.run(self._launch(me.name if worker else f"{me.name}-door", worker=worker))
            await asyncio.to_thread(self._rehearse)
            self._door = Door(self._take)
        except BaseException:
            await self.stop(grace=0)
            raise

    def _prepare(self, me: Worker) -> None:
        """Tables and queues come before the launch: DBOS looks for new queues only once a second."""
        hush()
        tables.make(self._store)
        with self._store.told():
            # While the database is away a webhook is answered 503 at once, but what was taken waits until it is back.
            self._client = self._connect(retry=False)
            client = self._connect(retry=True)
            lanes = Lanes(client, self._workers, concurrency=self._concurrency, dead_after=self._dead_after)
            lanes.make(self._polling)
        self._pulse = Pulse(
            self._client,
            self._workers,
            me,
            counted_out=lambda: self._loop.begin(work.drop_lost()),
            shared=lambda: self._loop.begin(work.give_back(lanes.spread())),
            now=self._store.now,
            every=self._beat_every,
            dead_after=self._dead_after,
        )
        self._work = work = Work(
            client,
            self._workers,
            self._lines,
            pulse=self._pulse,
            pace=Pace(self._store, client, quiet=self._quiet),
            in_burst=lambda: bool(self._door and self._door.in_burst()),
            follow=self._take,
            concurrency=self._concurrency,
            longest_wait=self._longest_wait,
            attempts=self._attempts,
            announce_within=self._announce_within,
        )
        self._store.fence, self._store.holder = self._work.fence, me.name

    def _connect(self, *, retry: bool) -> DBOSClient:
        engine = self._store.engine
        return DBOSClient(system_database_engine=engine, application_name=NAME, retry_connection_errors=retry)

    async def _launch(self, executor: str, *, worker: bool) -> None:
        """Runs on our loop: DBOS runs all async workflows on the loop that it is launched in."""
        assert self._work
        config: DBOSConfig = {
            "name": NAME,
            "system_database_engine": self._store.engine,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor,
            "log_level": "WARNING",
            "max_executor_threads": THREADS,
            "notification_listener_polling_interval_sec": 0.25,  # nobody is notified; a stop waits for one round
        }
        DBOS(config=config)
        # DBOS's own limit buries a job in silence; that of Work is lower and ends its check.
        DBOS.workflow(name=ARRIVALS, max_recovery_attempts=self._attempts + 5)(as_function(self._work.arrive))
        DBOS.workflow(name=REVIEWS, max_recovery_attempts=self._attempts + 5)(as_function(self._work.do))
        DBOS.workflow(name=LATER)(as_function(self._work.again))
        if not worker:
            DBOS.listen_queues([])
        DBOS.launch()

    async def stop(self, *, grace: float, closing: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        """Begin nothing new, give what runs `grace` seconds, leave the rest for the next start.

        `closing` is run on the loop of the lines once none of them is left: it closes what they used.
        """
        logging.getLogger("dbos").setLevel(logging.ERROR)  # it would warn of each job that we cut short on purpose
        if self._door:
            await asyncio.to_thread(self._door.close)
            self._door = None
        if self._work:
            await self.run(self._work.stop(grace))
        if closing and self._loop.running:
            await self.run(closing())
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        DBOS.destroy(destroy_registry=True)
        if self._pulse:
            self._pulse.stop()  # after the launch is undone: nothing is begun under a name that does not beat
        self._client = self._work = self._pulse = None  # the clients hold no connection but the engine's
        self._loop.stop()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the loop of the lines: clients are made and closed where they are used."""
        return await self._loop.run(work)

    # --- the door ------------------------------------------------------------------------------------------------

    async def enqueue(self, job: Job) -> str:
        """Take the job for good and return its id, which is its delivery's; raises OutsideError when it cannot.

        A delivery that was taken before gives the same id and does nothing more, unless its job failed: that runs
        again, under the same id, so that what it left on GitHub is found.
        """
        if self._door is None:
            raise OutsideError(NOT_RUNNING)
        if not await self._door.enter(job):
            await asyncio.to_thread(self._again, job)
        return job.delivery

    def _take(self, jobs: Sequence[Job]) -> list[bool]:
        """Keep wishes and jobs in one transaction: all of them are there, or none is. True for each new delivery."""
        with self._store.transaction() as connection:
            return [self._keep(connection, job) for job in jobs]

    def _keep(self, connection: Connection, job: Job) -> bool:
        run = job.delivery
        # A command or a button replaces no wish. That it may be new already is seen by its id: see `again_if_failed`.
        new = job.is_wish and self._store.record_wish(connection, job)
        first = arrival(run) if job.kind == "review" else turn(job, run)  # the others have nothing to announce
        self._queues.enqueue_in_transaction(connection, first, asdict(job), run)
        return new

    def _rehearse(self) -> None:
        """Keep a job and take it back: the statements are compiled before the first webhook waits for them (0.2 s)."""
        with self._store.transaction() as connection:
            self._keep(connection, Job("review", 0, "-", 0, "-", "-", f"rehearsal-{self._me().name}"))
            connection.rollback()

    def _again(self, job: Job) -> None:
        with self._store.told():
            again_if_failed(self._queues, self._workers, job, job.delivery)

    async def status(self, run: str) -> dict[str, Any] | None:
        """Where the job stands, as JSON-able values; None for an unknown id.

        `status` is queued | running | done | failed | cancelled, `error` a sentence when it failed; then the fields
        of the job, `attempts` (how often its review was begun), `taken` and `changed` (ISO 8601, UTC). When the run
        has ended and left a record, what that says as well (RECORD); `head` is then the one that was reviewed.
        """
        state = status_of(run, await asyncio.to_thread(self._states, run))
        if state and (record := await self._store.run_of(state["installation"], run)):
            state |= {name: record[name] for name in RECORD}
        if state and state["attempts"]:
            state["attempts"] += await asyncio.to_thread(self._workers.begun_before, run)
        return state

    def _states(self, run: str) -> list[WorkflowStatus]:
        with self._store.told():
            return self._queues.list_workflows(workflow_ids=[run, arrival_id(run)])

    @property
    def _queues(self) -> DBOSClient:
        if self._client is None:
            raise OutsideError(NOT_RUNNING)
        return self._client
