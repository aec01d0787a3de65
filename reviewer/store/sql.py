"""The store on SQL: short transactions in threads, the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from reviewer.core.errors import OutsideError
from reviewer.core.types import Job, Placed
from reviewer.ports import RunRecord
from reviewer.store.tables import ANSWERS, CHECKS, DELIVERIES, METADATA, RUNS, WISHES

KEYS_AT_ONCE = 500  # SQLite takes 32,766 variables in a statement, builds of it 999
SHORT_SHA = 7


class SqlStore:
    """Satisfies `ports.Store`. Every method raises OutsideError when the database does not do its part."""

    def __init__(self, engine: sa.Engine, *, now: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self._now = now  # seconds since the epoch

    def create_tables(self) -> None:
        """Make what is missing; two processes may do so at once. To be called once, before anything else."""
        with self.transaction() as connection:
            if connection.dialect.name == "postgresql":  # SQLite: the first CREATE waits for the one writer
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("reviewer tables"))))
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            METADATA.create_all(connection)

    def close(self) -> None:
        """Close the connections; the job engine, which shares them, is to be stopped before."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One short transaction, for a thread; committed at the end of the block."""
        with self.told(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def told(self) -> Iterator[None]:
        """What goes wrong with the database within the block is an OutsideError."""
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            raise OutsideError(_sentence(error)) from error

    async def ready(self) -> str:
        try:
            await asyncio.to_thread(self._ask)
        except OutsideError as error:
            return str(error)
        return ""

    def _ask(self) -> None:
        with self.transaction() as connection:
            connection.execute(sa.select(sa.func.count()).select_from(WISHES).where(sa.false()))

    # --- answers: the checkpoint of a review ---------------------------------------------------------------------

    async def answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        return await asyncio.to_thread(self._answers, installation, keys)

    def _answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self.transaction() as connection:
            for start in range(0, len(keys), KEYS_AT_ONCE):
                some = keys[start : start + KEYS_AT_ONCE]
                query = sa.select(ANSWERS.c.key, ANSWERS.c.text).where(
                    ANSWERS.c.installation == installation, ANSWERS.c.key.in_(some)
                )
                found.update((key, text) for key, text in connection.execute(query))
        return found

    async def keep_answers(self, installation: int, entries: dict[str, str]) -> None:
        rows = [
            {"installation": installation, "key": key, "text": text, "created": int(self._now())}
            for key, text in sorted(entries.items())  # in one order: two writers of the same rows cannot deadlock
        ]
        if rows:
            await asyncio.to_thread(self._put, ANSWERS, rows)

    # --- wishes: which job a pull request waits for --------------------------------------------------------------

    async def want(self, job: Job) -> None:
        await asyncio.to_thread(self._want, job)

    def _want(self, job: Job) -> None:
        with self.transaction() as connection:
            self.record_wish(connection, job)

    def record_wish(self, connection: sa.Connection, job: Job) -> bool:
        """Make `job` the newest wish for its pull request, within the caller's transaction; False if it is known.

        A delivery that was taken before keeps its place: a redelivery says what was wished then, not now. The row of
        the pull request is what two writers wait for, so the order is the order of their commits.
        """
        delivery = {"installation": job.installation, "delivery": job.delivery, "created": int(self._now())}
        new = _insert(connection, DELIVERIES).values(delivery).on_conflict_do_nothing()
        # A row comes back only for what was inserted; `rowcount` is -1 for both with psycopg.
        if connection.execute(new.returning(DELIVERIES.c.delivery)).first() is None:
            return False
        wish = {"delivery": job.delivery, "head": job.head, "kind": job.kind}
        lane = {"installation": job.installation, "repository": job.repository, "number": job.number}
        first = _insert(connection, WISHES).values(**lane, **wish, sequence=1)
        connection.execute(
            first.on_conflict_do_update(index_elements=list(lane), set_={**wish, "sequence": WISHES.c.sequence + 1})
        )
        return True

    async def wanted(self, job: Job) -> str:
        return await asyncio.to_thread(self._wanted, job)

    def _wanted(self, job: Job) -> str:
        query = sa.select(WISHES.c.delivery, WISHES.c.kind, WISHES.c.head).where(
            WISHES.c.installation == job.installation,
            WISHES.c.repository == job.repository,
            WISHES.c.number == job.number,
        )
        with self.transaction() as connection:
            newest = connection.execute(query).one_or_none()
        if newest is None or newest.delivery == job.delivery:
            return ""
        return "closed" if newest.kind == "close" else f"superseded by {newest.head[:SHORT_SHA]}"

    # --- runs and their checks -----------------------------------------------------------------------------------

    async def check_of(self, job: Job, run: str) -> int | None:
        return await asyncio.to_thread(self._check_of, job.installation, run)

    def _check_of(self, installation: int, run: str) -> int | None:
        query = sa.select(CHECKS.c.check_run).where(CHECKS.c.installation == installation, CHECKS.c.run == run)
        with self.transaction() as connection:
            return connection.execute(query).scalar_one_or_none()

    async def keep_check(self, job: Job, run: str, check: int) -> None:
        await asyncio.to_thread(self._put, CHECKS, [{"installation": job.installation, "run": run, "check_run": check}])

    async def keep_run(self, record: RunRecord) -> None:
        await asyncio.to_thread(self._put, RUNS, [_row(record, int(self._now()))])

    async def run_of(self, installation: int, run: str) -> dict[str, Any] | None:
        """The kept run as JSON-able values, for the operator; None when it has not finished."""
        return await asyncio.to_thread(self._run_of, installation, run)

    def _run_of(self, installation: int, run: str) -> dict[str, Any] | None:
        query = sa.select(RUNS).where(RUNS.c.installation == installation, RUNS.c.run == run)
        with self.transaction() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return {**row, "findings": json.loads(row["findings"]), "usage": json.loads(row["usage"])}

    def _put(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Insert the rows, each in place of the one with the same primary key."""
        keys = [column.name for column in table.primary_key]
        with self.transaction() as connection:
            statement = _insert(connection, table)
            new = {name: statement.excluded[name] for name in rows[0] if name not in keys}
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), rows)


def _insert(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """INSERT that can say ON CONFLICT: the same words in both databases, but not in SQLAlchemy's common part."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def _row(record: RunRecord, created: int) -> dict[str, Any]:
    return {
        "installation": record.job.installation,
        "run": record.run,
        "repository": record.job.repository,
        "number": record.job.number,
        "trigger": record.job.trigger,
        "head": record.head,
        "conclusion": record.conclusion,
        "title": record.title,
        "findings": json.dumps([_finding(placed) for placed in record.findings]),
        "usage": json.dumps(asdict(record.usage)),
        "cost": str(record.cost),
        "model": record.model,
        "prompt_version": record.prompt_version,
        "seconds": record.seconds,
        "created": created,
    }


def _finding(placed: Placed) -> dict[str, Any]:
    """What may rest of a finding: where it stands and what it is called, but neither its quote, code nor fix."""
    return {
        "path": placed.finding.path,
        "line": placed.anchor.line if placed.anchor else placed.finding.line,
        "severity": placed.finding.severity.word,
        "category": placed.finding.category,
        "title": placed.finding.title,
        "fingerprint": placed.fingerprint,
        "confirmed": placed.confirmed,
        "placed": placed.anchor is not None,
    }


def _sentence(error: sa.exc.SQLAlchemyError) -> str:
    """One sentence without the statement and its values, which SQLAlchemy's own text carries."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"the database did not answer as it should: {cause[0] if cause else type(error).__name__}"
