"""The engine's queues: how many jobs a worker takes at once, and how often it looks for more."""

from __future__ import annotations

from dbos import DBOSClient

from reviewer.jobs.state import ARRIVALS, COMMANDS, REVIEWS
from reviewer.store import Workers

ARRIVALS_AT_ONCE = 64
# Times as many reviews as may run are taken, so that those of another installation are among them (`Slots`). What waits
# in the hands of one worker is lost to the others, so where there are several each takes what it runs: the engine then
# draws by lot among the pull requests that wait.
AHEAD, AHEAD_EACH = 4, 1
# Seconds between two looks. Each costs about four statements and 3 ms of CPU for each queue, and a PostgreSQL has
# several workers; SQLite's statements cost little, and its one process is what people try first.
POLLING = {"sqlite": 0.05, "postgresql": 0.2}


class Lanes:
    """For threads. `concurrency` is how many reviews of a worker may run; `dead_after` is in seconds."""

    def __init__(self, client: DBOSClient, workers: Workers, *, concurrency: int, dead_after: float) -> None:
        self._client, self._workers = client, workers
        self._concurrency, self._dead_after = concurrency, dead_after

    def make(self, polling: float) -> None:
        """What a worker takes is for all of them the same, by the row of the queue."""
        room = self._room()
        self._client.register_queue(ARRIVALS, worker_concurrency=ARRIVALS_AT_ONCE, polling_interval_sec=polling)
        self._lanes = [
            self._client.register_queue(  # a partition is a lane
                name, worker_concurrency=room, partition_concurrency=1, polling_interval_sec=polling
            )
            for name in (REVIEWS, COMMANDS)
        ]

    def spread(self) -> int:
        """Have each worker take as much as fits their number; gives how many jobs of a queue that is."""
        room = self._room()
        for queue in self._lanes:
            if queue.worker_concurrency != room:  # asked of the database
                queue.set_worker_concurrency(room)
        return room

    def _room(self) -> int:
        living = sum(self._workers.all(dead_after=self._dead_after).values())
        return self._concurrency * (AHEAD if living < 2 else AHEAD_EACH)
