"""How a job is written for DBOS and read back: queue entries, ids, states."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from dbos import EnqueueOptions, WorkflowSerializationFormat, WorkflowStatus

from reviewer.core.types import Job

# DBOS hands work only to processes of the version that took it. Ours stays the same through upgrades, so that nothing
# waits for a deploy: a workflow has no recorded steps, its input is a Job as JSON, and a newer program reads what an
# older one wrote (`job_of` passes over unknown fields; a new field of Job needs a default). Raise it only for a
# program that cannot do its predecessor's jobs; those then wait for a process of the old version.
APPLICATION_VERSION = "1"
ARRIVALS, REVIEWS = "arrivals", "reviews"  # the queues, and the workflows that they run
COMMANDS = "commands"  # a queue beside that of the reviews, of the same workflow: nobody waits ten minutes for `/help`
GRACE = 86_400.0  # seconds: who sorts out an App's access takes repositories off and puts them back
LATER = "later"  # the workflow that has a job done again which was put off
PUT_OFF = "put off: "  # begins the error of such a job
QUEUES = (ARRIVALS, REVIEWS, COMMANDS)
RECORD = ("conclusion", "title", "head", "findings", "usage", "cost", "model", "prompt_version", "seconds")
STATUSES = {
    "ENQUEUED": "queued",
    "DELAYED": "queued",
    "PENDING": "running",
    "SUCCESS": "done",
    "ERROR": "failed",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": "failed",
    "CANCELLED": "cancelled",
}


def arrival_id(run: str) -> str:
    return f"arrival:{run}"


def arrival(run: str) -> EnqueueOptions:
    """The entry of a job that is still to be announced."""
    return {**_entry(ARRIVALS), "workflow_id": arrival_id(run)}


def turn(job: Job, run: str) -> EnqueueOptions:
    """The entry of a job in the lane of its pull request."""
    entry = _entry(REVIEWS)
    if job.kind == "leave":
        entry["delay_seconds"] = GRACE
    return {**entry, "queue_name": queue_of(job), "workflow_id": run, "queue_partition_key": job.lane}


def queue_of(job: Job) -> str:
    """In which queue the job has its turn: each has a lane for each pull request."""
    return COMMANDS if job.is_quick else REVIEWS


def later(seconds: float) -> EnqueueOptions:
    """The entry that wakes a job which was put off. It waits among the arrivals, which are short."""
    return {**_entry(ARRIVALS), "workflow_name": LATER, "delay_seconds": seconds}


def _entry(name: str) -> EnqueueOptions:
    return {
        "workflow_name": name,
        "queue_name": name,
        "app_version": APPLICATION_VERSION,
        "serialization_type": WorkflowSerializationFormat.PORTABLE,  # JSON; the default is pickle
    }


def job_of(kept: dict[str, Any]) -> Job:
    """The job that an older or a newer program wrote."""
    return Job(**{field.name: kept[field.name] for field in fields(Job) if field.name in kept})


def failed(state: WorkflowStatus) -> bool:
    return STATUSES[state.status] == "failed"


def status_of(run: str, states: list[WorkflowStatus]) -> dict[str, Any] | None:
    """What the arrival and the review of a job say together; None when there is neither."""
    review = next((state for state in states if state.workflow_id == run), None)
    newest = review or next(iter(states), None)
    if newest is None or newest.input is None:
        return None
    status = STATUSES[newest.status]
    overtaken = ""
    if str(newest.error or "").startswith(PUT_OFF):
        status = "queued"
    if not review and status in {"running", "done"}:
        overtaken = newest.output or ""  # what the arrival returned
        status = "cancelled" if overtaken else "queued"  # being announced, or about to enter its lane
    return {
        "job": run,
        "status": status,
        "error": str(newest.error) if newest.error else overtaken,
        **newest.input["args"][0],
        "attempts": (review.recovery_attempts or 0) if review else 0,
        "taken": _iso(min(state.created_at or 0 for state in states)),
        "changed": _iso(newest.updated_at or 0),
    }


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(
        timespec="seconds"
    )  # DBOS counts seconds on SQLite
