"""Ends and forgets the jobs of an installation or a repository, with all that is kept of it in the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dbos import DBOSClient, WorkflowStatus

from reviewer.jobs.state import STATUSES
from reviewer.store import Scope, SqlStore, Workers
from reviewer.store.purge import UNDER_WAY, purge, tally, unwant

JOBS = "jobs"  # how the engine's own rows are called among the tables
PAGE = 500  # of the engine's rows
AT_ONCE = 100  # of them in one transaction


class Struck(NamedTuple):
    rows: dict[str, int]  # by table
    running: int  # jobs that were being carried out: what they still write has to be struck later


class Leaving:
    """For a thread. Raises OutsideError."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._client: DBOSClient | None = None  # made when first needed: by then there are tables

    def tally(self, scope: Scope) -> dict[str, int]:
        """The rows that would go, by table."""
        jobs = sum(1 for _ in self._jobs(scope, but=""))
        return tally(self._store, scope) | ({JOBS: jobs} if jobs else {})

    def strike(self, scope: Scope, *, but: str = "") -> Struck:
        """Whose job `but` is, it stays: it is what does this. With an age only what has ended goes."""
        found = [(row.workflow_id, STATUSES[row.status]) for row in self._jobs(scope, but=but)]
        unended = [each for each, status in found if status in {"queued", "running"}]
        running = [each for each, status in found if status == "running"]
        if unended:
            unwant(self._store, scope)
            with self._store.told():
                for some in _parts(unended):
                    self._asked().cancel_workflows(some)
        rows = purge(self._store, scope if not running else _sparing(scope, UNDER_WAY))
        gone = [each for each, _ in found if each not in running]
        self._forget(gone)
        return Struck(rows | ({JOBS: len(gone)} if gone else {}), len(running))

    def _forget(self, ids: Sequence[str]) -> None:
        workers = Workers(self._store)
        for some in _parts(ids):
            with self._store.told():
                self._asked().delete_workflows(some)
            workers.forget(some)

    def _jobs(self, scope: Scope, *, but: str) -> Iterator[WorkflowStatus]:
        """The engine has no column for whose a job is: all of them are looked through, some hundred at a time."""
        about: dict[str, Any] = {}
        if scope.before:
            about["completed_before"] = datetime.fromtimestamp(scope.before, UTC).isoformat()
        offset = 0
        while True:
            with self._store.told():
                rows = self._asked().list_workflows(limit=PAGE, offset=offset, load_output=False, **about)
            yield from (row for row in rows if _is_of(row, scope, but))
            offset += len(rows)
            if len(rows) < PAGE:
                return

    def _asked(self) -> DBOSClient:
        if self._client is None:
            self._client = DBOSClient(system_database_engine=self._store.engine, retry_connection_errors=False)
        return self._client


def _is_of(row: WorkflowStatus, scope: Scope, but: str) -> bool:
    given = row.input["args"] if row.input else ()
    fields = given[0] if given and isinstance(given[0], dict) else {}
    if but and fields.get("delivery") == but:
        return False
    if scope.before and STATUSES.get(row.status) in {"queued", "running", None}:
        return False
    mine = not scope.installation or fields.get("installation") == scope.installation
    return mine and (not scope.repository or str(fields.get("repository")).lower() == scope.repository.lower())


def _sparing(scope: Scope, tables: frozenset[str]) -> Scope:
    return Scope(scope.installation, scope.repository, scope.before, scope.spare | tables)


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    return (list(ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE))
