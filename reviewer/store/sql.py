"""The store on SQL: short transactions in threads, the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import sqlalchemy as sa

from reviewer.core.errors import OutsideError
from reviewer.core.types import Conclusion, Job
from reviewer.ports import RunRecord
from reviewer.store.rows import row_of
from reviewer.store.statements import add_columns, insert, wish_statements
from reviewer.store.tables import ANSWERS, METADATA, POLICIES, RUNS, STEPS, WISHES

DAY = 86_400.0
KEYS_AT_ONCE = 500  # SQLite takes 32,766 variables in a statement, builds of it 999
SHORT_SHA = 7


class Wish(NamedTuple):
    """The newest wish for a pull request."""

    delivery: str
    kind: str
    head: str
    at: float  # seconds since the epoch, when it came
    previous: float  # when the one before it came; 0 when there was none


class SqlStore:
    """Satisfies `ports.Store`. Every method raises OutsideError when the database does not do its part.

    `fence` is set by the job engine: it never returns for a job that another worker has taken over.
    """

    def __init__(self, engine: sa.Engine, *, now: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self.now = now  # seconds since the epoch
        self.fence: Callable[[Job], Awaitable[None]] = _no_fence

    def create_tables(self) -> None:
        """Make what is missing; two processes may do so at once. To be called once, before anything else."""
        with self.transaction() as connection:
            if connection.dialect.name == "postgresql":  # SQLite: the first CREATE waits for the one writer
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("reviewer tables"))))
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            METADATA.create_all(connection)
            add_columns(connection)

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
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = ANSWERS.c.installation == installation, ANSWERS.c.key.in_(keys[start : start + KEYS_AT_ONCE])
            with self.transaction() as connection:
                rows = connection.execute(sa.select(ANSWERS.c.key, ANSWERS.c.text, ANSWERS.c.used).where(*some)).all()
            found.update((row.key, row.text) for row in rows)
            now = self.now()
            stale = sorted(row.key for row in rows if row.used < now - DAY)  # in one order, as below
            if stale:
                with self.transaction() as connection:
                    used = sa.update(ANSWERS).where(some[0], ANSWERS.c.key == sa.bindparam("k")).values(used=now)
                    connection.execute(used, [{"k": key} for key in stale])
        return found

    async def keep_answers(self, installation: int, entries: dict[str, str]) -> None:
        now = self.now()
        rows = [
            {"installation": installation, "key": key, "text": text, "created": int(now), "used": now}
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
        now, statements = self.now(), wish_statements(connection.dialect.name)
        delivery = {"installation": job.installation, "delivery": job.delivery, "created": int(now)}
        # A row comes back only for what was inserted; `rowcount` is -1 for both with psycopg.
        if connection.execute(statements[0], delivery).first() is None:
            return False
        wish = {"delivery": job.delivery, "head": job.head, "kind": job.kind, "at": now}
        lane = {"installation": job.installation, "repository": job.repository, "number": job.number}
        connection.execute(statements[1], {**lane, **wish, "sequence": 1})
        return True

    async def wanted(self, job: Job) -> str:
        await self.fence(job)
        return await asyncio.to_thread(self._wanted, job)

    def _wanted(self, job: Job) -> str:
        newest = self.newest(job)
        if newest is None or newest.delivery == job.delivery:
            return ""
        if newest.kind == "close":
            return "closed"
        same = newest.head == job.head
        return f"superseded by {'a newer event on the same head' if same else newest.head[:SHORT_SHA]}"

    async def still_ours(self, job: Job) -> None:
        await self.fence(job)

    def newest(self, job: Job) -> Wish | None:
        """The newest wish for the pull request of `job`; for a thread."""
        query = sa.select(*(WISHES.c[name] for name in Wish._fields)).where(
            WISHES.c.installation == job.installation,
            WISHES.c.repository == job.repository,
            WISHES.c.number == job.number,
        )
        with self.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return Wish(*row) if row else None

    # --- runs and their steps ------------------------------------------------------------------------------------

    async def steps(self, job: Job, run: str) -> dict[str, int]:
        return await asyncio.to_thread(self._steps, job.installation, run)

    def _steps(self, installation: int, run: str) -> dict[str, int]:
        query = sa.select(STEPS.c.step, STEPS.c.result).where(STEPS.c.installation == installation, STEPS.c.run == run)
        with self.transaction() as connection:
            return {row.step: row.result for row in connection.execute(query.order_by(STEPS.c.nth))}

    async def keep_step(self, job: Job, run: str, step: str, result: int = 0) -> None:
        await asyncio.to_thread(self._keep_step, {"installation": job.installation, "run": run, "step": step}, result)

    def _keep_step(self, key: dict[str, Any], result: int) -> None:
        earlier = sa.select(sa.func.coalesce(sa.func.max(STEPS.c.nth), 0) + 1).where(
            STEPS.c.installation == key["installation"], STEPS.c.run == key["run"]
        )
        with self.transaction() as connection:
            row = {"nth": connection.execute(earlier).scalar_one(), "result": result, "at": self.now()}
            new = insert(connection, STEPS).values({**key, **row})
            connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=row))

    async def keep_run(self, record: RunRecord) -> None:
        await asyncio.to_thread(self._put, RUNS, [row_of(record, int(self.now()))])

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

    async def on_error(self, job: Job) -> Conclusion | None:
        return await asyncio.to_thread(self._on_error, job.installation, job.repository)

    def _on_error(self, installation: int, repository: str) -> Conclusion | None:
        of = POLICIES.c.installation == installation, POLICIES.c.repository == repository
        with self.transaction() as connection:
            return connection.execute(sa.select(POLICIES.c.on_error).where(*of)).scalar_one_or_none()

    async def keep_on_error(self, job: Job, on_error: Conclusion) -> None:
        if await self.on_error(job) != on_error:  # it seldom changes, and a read waits for no disk
            row = {"installation": job.installation, "repository": job.repository, "on_error": on_error}
            await asyncio.to_thread(self._put, POLICIES, [row])

    def _put(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Insert the rows, each in place of the one with the same primary key."""
        keys = [column.name for column in table.primary_key]
        with self.transaction() as connection:
            statement = insert(connection, table)
            new = {name: statement.excluded[name] for name in rows[0] if name not in keys}
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), rows)


async def _no_fence(_job: Job) -> None:
    """Nobody can take over what no engine runs."""


def _sentence(error: sa.exc.SQLAlchemyError) -> str:
    """One sentence without the statement and its values, which SQLAlchemy's own text carries."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"the database did not answer as it should: {cause[0] if cause else type(error).__name__}"
