"""Has a job that failed done once more, under its old id: after a redelivery, or once GitHub lets us in again."""

from __future__ import annotations

import secrets
from contextlib import suppress

from dbos import DBOSClient
from dbos import error as dbos_error

from reviewer.core.types import Job
from reviewer.jobs.state import ARRIVALS, arrival_id, failed, queue_of
from reviewer.store import Workers

WITHIN = 600.0  # seconds in which all who saw one failure have come and gone


def again_if_failed(queues: DBOSClient, workers: Workers, job: Job, run: str) -> None:
    """For a thread. What the job left on GitHub is found by its id."""
    for state in filter(failed, queues.list_workflows(workflow_ids=[run, arrival_id(run)])):
        # Rewinding asks for no state: of several that saw it fail, a later one would do what has been done meanwhile.
        if not workers.lease(f"again {state.workflow_id} {state.updated_at}", secrets.token_hex(8), WITHIN):
            continue
        workers.forget([state.workflow_id])
        with suppress(dbos_error.DBOSException):  # refused: somebody else was quicker
            if state.workflow_id == run:
                queues.rewind_workflow(run, queue_name=queue_of(job), queue_partition_key=job.lane)
            else:
                queues.rewind_workflow(state.workflow_id, queue_name=ARRIVALS)
