"""Ends and forgets the jobs of an installation or a repository, with all that is kept of it in the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dbos import DBOSClient, WorkflowStatus

from reviewer.jobs.state import STATUSES
from reviewer.store import Scope, SqlStore, Workers
from reviewer.store.purge import UNDER_WAY, purge, tally, unwant

JOBS = "jobs"  # how the engine's own rows are called among the tables
PAGE = 500  # of the engine's rows
AT_ONCE = 100  # of them in one transaction
UNENDED = [status for status, word in STATUSES.items() if word in {"queued", "running"}]
ENDED = [status for status in STATUSES if status not in UNENDED]


class Struck(NamedTuple):
    rows: dict[str, int]  # by table
    running: int  # jobs that were being carried out: what they still write has to be struck later


class Leaving:
    """For a thread. Raises OutsideError. Of several scopes each has the same `before`."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._client: DBOSClient | None = None  # made when first needed: by then there are tables

    def tally(self, scope: Scope) -> dict[str, int]:
        """The rows that would go, by table."""
        jobs = sum(1 for _ in self._jobs([scope], STATUSES))
        return tally(self._store, scope) | ({JOBS: jobs} if jobs else {})

    def strike(self, *scopes: Scope, but: str = "") -> Struck:
        """Whose job `but` is, it stays: it is what does this. With an age only what has ended goes."""
        unended = [row for row in self._jobs(scopes, UNENDED) if not _is_job(row, but)]
        running = self._end(unended, scopes) if unended else set[str]()
        rows = Counter[str]()
        for scope in scopes:
            rows.update(purge(self._store, replace(scope, spare=scope.spare | UNDER_WAY) if running else scope))
        # What was ended just now is among those that have.
        ended = (row.workflow_id for row in self._jobs(scopes, ENDED) if not _is_job(row, but))
        gone = [each for each in ended if each not in running]
        self._forget(gone)
        return Struck(dict(rows) | ({JOBS: len(gone)} if gone else {}), len(running))

    def _end(self, jobs: Sequence[WorkflowStatus], scopes: Sequence[Scope]) -> set[str]:
        """Gives the ids of those that were begun: their lines may not have noticed yet.

        A job may be begun between the look at it and its end, and is CANCELLED after that like all others. But who
        takes a job writes down its name and counts.
        """
        for scope in scopes:
            unwant(self._store, scope)
        waiting = {row.workflow_id: _hands(row) for row in jobs if STATUSES[row.status] == "queued"}
        running = {row.workflow_id for row in jobs} - waiting.keys()
        for some in _parts([row.workflow_id for row in jobs]):
            with self._store.told():
                self._asked().cancel_workflows(some)
                now = self._asked().list_workflows(workflow_ids=some, load_input=False, load_output=False)
            running |= {row.workflow_id for row in now if waiting.get(row.workflow_id) not in {None, _hands(row)}}
        return running

    def _forget(self, ids: Sequence[str]) -> None:
        workers = Workers(self._store)
        for some in _parts(ids):
            with self._store.told():
                self._asked().delete_workflows(some)
            workers.forget(some)

    def _jobs(self, scopes: Sequence[Scope], statuses: Collection[str]) -> Iterator[WorkflowStatus]:
        """The engine has no column for whose a job is: all of these statuses are looked through."""
        if not scopes:
            return
        about: dict[str, Any] = {"status": list(statuses)}
        if before := scopes[0].before:
            about["status"] = [status for status in statuses if status in ENDED]
            about["completed_before"] = datetime.fromtimestamp(before, UTC).isoformat()
        whose = {(scope.installation, scope.repository.lower()) for scope in scopes}
        if about["status"]:
            yield from (row for row in self._pages(about) if _is_of(row, whose))

    def _pages(self, about: dict[str, Any]) -> Iterator[WorkflowStatus]:
        """From one time to the next: a page that is counted off takes the longer the more are before it.

        What was made at the last time of a page may go on behind it, and is asked for as a whole.
        """
        since = 0
        while True:
            rows = self._page(about, since, limit=PAGE)
            last = rows[-1].created_at or 0 if len(rows) == PAGE else -1
            yield from (row for row in rows if row.created_at != last)
            if len(rows) < PAGE:
                return
            yield from self._page(about, last, until=last)
            since = last + 1

    def _page(
        self, about: dict[str, Any], since: int, *, until: int | None = None, limit: int | None = None
    ) -> list[WorkflowStatus]:
        end = None if until is None else _iso(until)
        with self._store.told():
            return self._asked().list_workflows(
                start_time=_iso(since), end_time=end, limit=limit, load_output=False, **about
            )

    def _asked(self) -> DBOSClient:
        if self._client is None:
            self._client = DBOSClient(system_database_engine=self._store.engine, retry_connection_errors=False)
        return self._client


def _is_of(row: WorkflowStatus, whose: set[tuple[int, str]]) -> bool:
    """Whether it is of one of these installations and repositories; 0 and "" are any."""
    fields = _fields(row)
    installation, repository = fields.get("installation"), str(fields.get("repository")).lower()
    return not whose.isdisjoint({(installation, repository), (installation, ""), (0, repository), (0, "")})


def _is_job(row: WorkflowStatus, delivery: str) -> bool:
    return bool(delivery) and _fields(row).get("delivery") == delivery


def _fields(row: WorkflowStatus) -> dict[str, Any]:
    given = row.input["args"] if row.input else ()
    return given[0] if given and isinstance(given[0], dict) else {}


def _hands(row: WorkflowStatus) -> tuple[str | None, int | None]:
    """Who took the job, and how often it was begun."""
    return row.executor_id, row.recovery_attempts


def _iso(milliseconds: int) -> str:
    """With half a millisecond more, for the engine rounds down what a float makes of it."""
    return datetime.fromtimestamp((milliseconds + 0.5) / 1000, UTC).isoformat()


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    return (list(ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE))
