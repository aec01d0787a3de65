"""Forgets finished jobs and what nobody touches: GitHub keeps deliveries, and may redeliver them, for some days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from dbos import DBOSClient

from reviewer.jobs.state import STATUSES
from reviewer.store import Worker, Workers

DAY = 86_400.0
KEEP_DAYS = 30.0  # GitHub redelivers for 3 days, a GitHub Enterprise Server for 7
EVERY = 600.0  # seconds between two rounds of all workers together
AT_MOST = 1_000  # rows of each kind in a round, so that it is short
LEASE = "pruning"
ENDED = [status for status, word in STATUSES.items() if word in {"done", "failed", "cancelled"}]


def prune(
    queues: DBOSClient, workers: Workers, me: Worker, *, now: Callable[[], float], days: float = KEEP_DAYS
) -> int:
    """One round, unless another worker has done it lately; how many rows went. `now` is in seconds since the epoch."""
    if not workers.lease(LEASE, me.name, EVERY):
        return 0
    before = datetime.fromtimestamp(now() - days * DAY, UTC).isoformat()
    old = queues.list_workflows(
        status=ENDED, completed_before=before, limit=AT_MOST, load_input=False, load_output=False
    )
    ids = [state.workflow_id for state in old]
    for start in range(0, len(ids), 100):  # each a short transaction: webhooks wait for the same file
        some = ids[start : start + 100]
        queues.delete_workflows(some)
        workers.forget(some)
    return len(ids) + workers.prune(at_most=AT_MOST)
