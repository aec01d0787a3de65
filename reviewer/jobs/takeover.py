"""Takes over what dead workers had begun: their workflows go back into the queue, at their old place in the lane.

DBOS leaves a workflow PENDING under its worker's name until that worker comes back; meanwhile its lane is blocked.
`resume_workflow` makes the row ENQUEUED, under nobody's name: whoever takes it next is its one owner, and the worker
that had it, should it only have been slow, sees so in the row (`Pulse.fence`). One worker at a time does this, so
that none puts back what another one has already begun again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from dbos import DBOSClient, WorkflowStatus

from reviewer.jobs.bound import ACTIVE
from reviewer.jobs.me import surely_dead
from reviewer.jobs.state import APPLICATION_VERSION, QUEUES
from reviewer.store import Worker, Workers

LEASE = "takeover"
LEASE_SECONDS = 20.0  # for which another worker waits if the one that takes over dies of it
HURRY = LEASE_SECONDS / 2  # seconds after which a slow one gives up: its lease might end in its hands

log = logging.getLogger(__name__)


class Takeover:
    """For the thread of the pulse. `dead_after` is the silence, in seconds, by which a worker is taken for dead."""

    def __init__(
        self,
        queues: DBOSClient,
        workers: Workers,
        me: Worker,
        *,
        dead_after: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queues, self._workers, self._me = queues, workers, me
        self._dead_after, self._clock = dead_after, clock
        self._idle: dict[str, float] = {}  # by workflow: since when it is ours and nobody works at it

    def look(self) -> list[str]:
        """Put back what workers had begun that are dead, or were never there; the workflows' ids."""
        self._resume_ours()
        seen = self._workers.all(dead_after=self._dead_after)
        living = {other.name for other, heard in seen.items() if heard and not self._dead(other)}
        if all(state.executor_id in living for state in self._pending()):
            if len(living) < len(seen):  # nothing was in their hands
                self._count_out(seen)
            return []
        begun = self._clock()
        if not self._workers.lease(LEASE, self._me.name, LEASE_SECONDS):
            return []
        try:
            return self._take(seen, until=begun + HURRY)
        finally:
            self._workers.release(LEASE, self._me.name)

    def _resume_ours(self) -> None:
        """What ended while the database could not write that down is in our hands by its row alone."""
        now = self._clock()
        ours = [state for state in self._pending() if state.executor_id == self._me.name]
        idle = [state for state in ours if state.workflow_id not in ACTIVE]
        self._idle = {state.workflow_id: self._idle.get(state.workflow_id, now) for state in idle}
        left = [state for state in idle if now - self._idle[state.workflow_id] > self._dead_after]
        for queue in QUEUES:
            if ids := [state.workflow_id for state in left if state.queue_name == queue]:
                self._queues.resume_workflows(ids, queue_name=queue)
                log.warning("jobs.resumed", extra={"workflows": ids, "reason": "their end could not be written down"})

    def _take(self, seen: dict[Worker, bool], *, until: float) -> list[str]:
        """The workflows are listed before the dead are counted out: what one of them begins later is not touched."""
        pending = self._pending()
        living = self._count_out(seen)
        left = [state for state in pending if state.executor_id not in living]
        if not left or self._clock() > until:
            return []
        self._workers.add_begun({state.workflow_id: state.recovery_attempts or 0 for state in left})
        for queue in QUEUES:
            if ids := [state.workflow_id for state in left if state.queue_name == queue]:
                self._queues.resume_workflows(ids, queue_name=queue)
        log.warning("jobs.taken_over", extra={"workflows": len(left), "of": sorted({str(s.executor_id) for s in left})})
        return [state.workflow_id for state in left]

    def _count_out(self, seen: dict[Worker, bool]) -> set[str]:
        gone = [other.name for other in seen if self._dead(other)]
        return self._workers.count_out(gone, dead_after=self._dead_after)

    def _dead(self, other: Worker) -> bool:
        return surely_dead(other, seen_from=self._me)

    def _pending(self) -> Sequence[WorkflowStatus]:
        """What any worker has in its hands; of other versions not, since this program could not carry it out."""
        return self._queues.list_workflows(
            status="PENDING",
            queues_only=True,  # lets the index of what is unfinished be used
            app_version=APPLICATION_VERSION,
            load_input=False,
            load_output=False,
        )
