"""Runs: what each set out to do on GitHub, how it ended, and how its repository wants a failed one to end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import sqlalchemy as sa

from reviewer.core.types import Conclusion, Ended, Job
from reviewer.ports import LastVerdict, RunRecord, Stood
from reviewer.store.database import Database
from reviewer.store.rows import row_of
from reviewer.store.statements import insert, put
from reviewer.store.tables import POLICIES, RUNS, STEPS, WISHES

MOST_ENDS = 200  # runs on one head


_JUDGED = sa.or_(RUNS.c.prompt_version != "", RUNS.c.conclusion == "failure")


class SqlRuns(Database):
    """Satisfies the part of `ports.Store` that is about runs."""

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
        await asyncio.to_thread(self._put, RUNS, row_of(record, int(self.now())))

    async def run_of(self, installation: int, run: str) -> dict[str, Any] | None:
        """The kept run as JSON-able values, for the operator; None when it has not finished."""
        return await asyncio.to_thread(self._run_of, installation, run)

    def _run_of(self, installation: int, run: str) -> dict[str, Any] | None:
        query = sa.select(RUNS).where(RUNS.c.installation == installation, RUNS.c.run == run)
        with self.transaction() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return {**row, **{name: json.loads(row[name]) for name in ("findings", "usage", "blocking")}}

    async def last_verdict(self, job: Job, head: str, *, before: float = 0.0) -> LastVerdict | None:
        return await asyncio.to_thread(self._last_verdict, job, head, before)

    def _last_verdict(self, job: Job, head: str, before: float) -> LastVerdict | None:
        newest = RUNS.c.created.desc(), sa.case((RUNS.c.head == head, 0), else_=1)
        seen = (RUNS.c.created <= int(before),) if before else ()  # GitHub tells whole seconds
        query = sa.select(RUNS.c.head, RUNS.c.blocking, RUNS.c.conclusion, RUNS.c.problem)
        query = query.where(*_of(job), RUNS.c.conclusion != "cancelled", _JUDGED, *seen)
        with self.transaction() as connection:
            row = connection.execute(query.order_by(*newest).limit(1)).one_or_none()
        if row is None:
            return None
        return LastVerdict(row.head, json.loads(row.blocking), row.conclusion == "success" and not row.problem)

    async def ends(self, job: Job, head: str) -> tuple[Ended, ...]:
        return await asyncio.to_thread(self._ends, job, head)

    def _ends(self, job: Job, head: str) -> tuple[Ended, ...]:
        columns = [RUNS.c[name] for name in ("number", "run", "conclusion", "shown", "title", "created", "check_id")]
        done = RUNS.alias()  # what the newest wish has come to
        wished = sa.and_(*(WISHES.c[name] == RUNS.c[name] for name in ("installation", "repository", "number")))
        ended = sa.and_(done.c.installation == RUNS.c.installation, done.c.run == WISHES.c.delivery)
        query = (
            sa.select(*columns, _JUDGED.label("judged"), WISHES.c.kind, WISHES.c.head, done.c.head.label("ended_on"))
            .select_from(RUNS.outerjoin(WISHES, wished).outerjoin(done, ended))
            .where(RUNS.c.installation == job.installation, RUNS.c.repository == job.repository, RUNS.c.head == head)
            .order_by(RUNS.c.created.desc(), RUNS.c.run)
        )
        with self.transaction() as connection:
            return tuple(_ended(row, head) for row in connection.execute(query.limit(MOST_ENDS)))

    async def head_before(self, job: Job, head: str) -> str:
        return await asyncio.to_thread(self._head_before, job, head)

    def _head_before(self, job: Job, head: str) -> str:
        query = sa.select(RUNS.c.head).where(*_of(job), RUNS.c.head != head)
        with self.transaction() as connection:
            return connection.execute(query.order_by(RUNS.c.created.desc()).limit(1)).scalar_one_or_none() or ""

    async def reviewed(self, job: Job) -> bool:
        return await asyncio.to_thread(self._reviewed, job)

    def _reviewed(self, job: Job) -> bool:
        query = sa.select(RUNS.c.run).where(*_of(job), RUNS.c.prompt_version != "").limit(1)
        with self.transaction() as connection:
            return connection.execute(query).first() is not None

    async def stood(self, job: Job, run: str) -> tuple[Stood, ...]:
        row = await self.run_of(job.installation, run)
        if row is None or (row["repository"], row["number"]) != (job.repository, job.number):
            return ()
        parts = ("path", "severity", "category", "title")
        return tuple(Stood(each["fingerprint"], *(each[part] for part in parts)) for each in row["findings"])

    async def on_error(self, job: Job) -> Conclusion | None:
        return await asyncio.to_thread(self._on_error, job.installation, job.repository)

    def _on_error(self, installation: int, repository: str) -> Conclusion | None:
        of = POLICIES.c.installation == installation, POLICIES.c.repository == repository
        with self.transaction() as connection:
            return connection.execute(sa.select(POLICIES.c.on_error).where(*of)).scalar_one_or_none()

    async def keep_on_error(self, job: Job, on_error: Conclusion) -> None:
        if await self.on_error(job) != on_error:  # it seldom changes, and a read waits for no disk
            row = {"installation": job.installation, "repository": job.repository, "on_error": on_error}
            await asyncio.to_thread(self._put, POLICIES, row)

    def _put(self, table: sa.Table, row: dict[str, Any]) -> None:
        with self.transaction() as connection:
            put(connection, table, [row])


def _of(job: Job) -> tuple[sa.ColumnElement[bool], ...]:
    of = RUNS.c.installation == job.installation, RUNS.c.repository == job.repository
    return *of, RUNS.c.number == job.number


def _ended(row: sa.Row[*tuple[Any, ...]], head: str) -> Ended:
    """A wish that is not known any more is taken for one that still holds."""
    return Ended(
        row.number,
        row.run,
        row.conclusion,
        row.shown or row.conclusion,
        row.title,
        judged=bool(row.judged),
        here=row.kind is None or (row.kind == "review" and (row.ended_on or row.head) == head),
        idle=row.kind is None or row.ended_on is not None,
        check=row.check_id,
        at=row.created,
    )
