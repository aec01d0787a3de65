"""A workflow as a plain function, whose lines in the log all say which job they are of."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any

import structlog
from dbos import DBOS

from reviewer.core.types import Job
from reviewer.jobs.state import job_of

ACTIVE: list[str] = []  # the workflows that this process is within; the engine is one for a process, too
Workflow = Callable[[dict[str, Any], str], Coroutine[Any, Any, Any]]  # (the job's fields, run id)


def bound(job: Job, run: str) -> AbstractContextManager[Any]:
    """Until the block ends; what is begun within it says so too."""
    return structlog.contextvars.bound_contextvars(
        delivery=job.delivery, job=run, kind=job.kind, repository=job.repository, number=job.number, head=job.head
    )


def as_function(method: Workflow) -> Workflow:
    """A plain function for DBOS to register: for a bound method it looks for a class to make again after a crash."""

    async def workflow(fields: dict[str, Any], run: str) -> Any:  # noqa: ANN401 - whatever the method returns
        mine = DBOS.workflow_id or ""
        ACTIVE.append(mine)
        try:
            with bound(job_of(fields), run):
                return await method(fields, run)
        finally:
            ACTIVE.remove(mine)

    return workflow
