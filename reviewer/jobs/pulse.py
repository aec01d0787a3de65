"""A worker's sign of life: it beats in a thread of its own, looks after the dead, and knows what it has lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from dbos import DBOSClient

from reviewer.core.errors import OutsideError
from reviewer.jobs.pruning import EVERY as PRUNE_EVERY
from reviewer.jobs.pruning import prune
from reviewer.jobs.takeover import Takeover
from reviewer.store import Worker, Workers

BEAT_EVERY = 5.0  # seconds
DEAD_AFTER = 20.0  # seconds of silence; with two beats and a lease on top the work goes on within a minute

log = logging.getLogger(__name__)


def boot_clock() -> float:
    """Seconds that go on while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Pulse:
    """Started once. Its thread calls `shared` at each beat, and `counted_out` when others may have taken our work."""

    def __init__(
        self,
        queues: DBOSClient,
        workers: Workers,
        me: Worker,
        *,
        counted_out: Callable[[], None],
        shared: Callable[[], None],
        now: Callable[[], float],
        every: float = BEAT_EVERY,
        dead_after: float = DEAD_AFTER,
        clock: Callable[[], float] = boot_clock,
    ) -> None:
        self._queues, self._workers, self._me, self._now = queues, workers, me, now
        self._takeover = Takeover(queues, workers, me, dead_after=dead_after)
        self._every, self._dead_after, self._clock = every, dead_after, clock
        self._counted_out, self._shared = counted_out, shared
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="reviewer-pulse", daemon=True)
        self._last = clock()  # when the last beat began that arrived
        self._doubt = float("-inf")  # runs begun before this may be others' now
        self._pruned = clock()

    def start(self) -> None:
        """To be called before any work is begun: work of a worker that never beat is anybody's."""
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """Nothing more is ours; what was left goes to the others, or to the next start, at once."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            self._workers.leave(self._me.name)
        except OutsideError as error:
            log.warning("worker.left_in_silence", extra={"reason": str(error)})

    @property
    def last(self) -> float:
        return self._last

    def fresh(self, begun: float) -> bool:
        """Whether what was begun then (by `clock`) is ours without asking: nobody can have counted us out since."""
        return begun > self._doubt and self._clock() - self._last < self._dead_after

    def owns(self, run: str) -> bool:
        """Whether the run's workflow is in our hands, by the database."""
        states = self._queues.list_workflows(workflow_ids=[run], load_input=False, load_output=False)
        return any(state.status == "PENDING" and state.executor_id == self._me.name for state in states)

    def clock(self) -> float:
        return self._clock()

    def _beat_on(self) -> None:
        while True:
            try:
                self._takeover.look()
                self._shared()
                if lost := self._workers.enter_lost():
                    log.warning("calls.lost", extra={"calls": lost, "mend": "none: what was reserved is their cost"})
                if self._clock() - self._pruned > PRUNE_EVERY:
                    self._pruned = self._clock()
                    prune(self._queues, self._workers, self._me, now=self._now)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next beat comes
                log.warning("worker.cannot_look_after_others", extra={"reason": str(error)})
            if self._stop.wait(self._every):
                return
            try:
                self._beat()
            except OutsideError as error:
                log.warning("worker.cannot_beat", extra={"reason": str(error)})

    def _beat(self) -> None:
        begun = self._clock()
        known = self._workers.beat(self._me) and begun - self._last < self._dead_after
        if not known and self._thread.is_alive():
            # Whoever struck us puts our work back within the length of its lease.
            self._doubt = self._clock() + self._dead_after * 2
            log.warning("worker.counted_out", extra={"mend": "it was paused, or the machine is too busy"})
            self._counted_out()
        self._last = begun
