"""Which jobs run, wait and have failed, for the operator: bounded looks at the engine's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from dbos import DBOSClient, WorkflowStatus

from reviewer.jobs.state import COMMANDS, PUT_OFF, QUEUES, REVIEWS, STATUSES, job_of
from reviewer.ports.overview import Queue, StandingJob
from reviewer.store import SqlStore

LOOKED_AT = 1_000  # jobs that are counted
SHOWN, FAILED_SHOWN = 25, 8
FAILED_WITHIN = 7 * 86_400.0  # seconds
UNENDED = [status for status, word in STATUSES.items() if word in {"queued", "running"}]
FAILED = [status for status, word in STATUSES.items() if word == "failed"]


class Waiting:
    """Asks the database that the engine works on; it has to have its tables (`Jobs.start` makes them)."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._client: DBOSClient | None = None  # made when first asked: by then there are tables

    def queue(self) -> Queue:
        """For a thread. Raises OutsideError."""
        with self._store.told():
            client = self._asked()
            # Without their inputs a thousand rows are little; only those that are shown are read whole.
            rows = client.list_workflows(
                status=UNENDED, queue_name=list(QUEUES), limit=LOOKED_AT + 1, load_input=False, load_output=False
            )
            more, rows = len(rows) > LOOKED_AT, rows[:LOOKED_AT]
            running = [row for row in rows if _state(row) == "running"]
            queued = [row for row in rows if _state(row) != "running"]
            return Queue(
                jobs=_shown(client, [*running, *queued][:SHOWN]),
                failed=self._failed(client),
                running=len(running),
                queued=len(queued),
                oldest=min((_since(row) for row in queued), default=0.0),
                more=more,
            )

    def _asked(self) -> DBOSClient:
        if self._client is None:
            self._client = DBOSClient(system_database_engine=self._store.engine, retry_connection_errors=False)
        return self._client

    def _failed(self, client: DBOSClient) -> tuple[StandingJob, ...]:
        since = datetime.fromtimestamp(self._store.now() - FAILED_WITHIN, UTC).isoformat()
        rows = client.list_workflows(
            status=FAILED, queue_name=list(QUEUES), start_time=since, sort_desc=True, limit=4 * FAILED_SHOWN
        )
        ended = [row for row in rows if not str(row.error or "").startswith(PUT_OFF)]
        return tuple(job for job in map(_job, ended) if job)[:FAILED_SHOWN]


def _shown(client: DBOSClient, rows: Sequence[WorkflowStatus]) -> tuple[StandingJob, ...]:
    """In the order of `rows`, without those that have ended meanwhile."""
    ids = [row.workflow_id for row in rows]
    if not ids:
        return ()
    found = client.list_workflows(workflow_ids=ids, status=UNENDED, load_output=False)
    whole = {row.workflow_id: row for row in found}
    return tuple(job for each in ids if each in whole and (job := _job(whole[each])))


def _job(row: WorkflowStatus) -> StandingJob | None:
    if row.input is None:
        return None
    job = job_of(row.input["args"][0])
    said = str(row.error or "") if row.status in FAILED else ""
    return StandingJob(job.delivery, job.kind, job.repository, job.number, job.trigger, _state(row), _since(row), said)


def _state(row: WorkflowStatus) -> Literal["running", "queued", "put off", "failed"]:
    """What is being announced waits for its turn, so it is queued."""
    if row.status in FAILED:
        return "failed"
    if row.status == "DELAYED":
        return "put off"
    return "running" if row.status == "PENDING" and row.queue_name in {REVIEWS, COMMANDS} else "queued"


def _since(row: WorkflowStatus) -> float:
    moments = {"running": row.dequeued_at, "failed": row.completed_at or row.updated_at}
    return (moments.get(_state(row)) or row.created_at or 0) / 1000
