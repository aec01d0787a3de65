"""Counts the commands that people give, for as long as their limits look back."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import sqlalchemy as sa

from reviewer.core.types import Job
from reviewer.ports import HOUR, Hourly, LetIn
from reviewer.store.database import Database
from reviewer.store.statements import put, whole
from reviewer.store.tables_commands import COMMANDS

MOST_REFUSED = 100  # refusals of a kind that are kept
MOST_WHY = 200  # characters


class SqlCommands(Database):
    """Satisfies `ports.Commands`. Two comments in one repository are counted one after the other."""

    async def let_in(self, job: Job, run: str, count: int, limits: Hourly) -> LetIn:
        if not limits.person and not limits.repository:
            return LetIn(count)
        return await asyncio.to_thread(self._let_in, job, run, count, limits)

    def _let_in(self, job: Job, run: str, count: int, limits: Hourly) -> LetIn:
        with self.transaction() as connection:
            _alone(connection, job)
            at = self.time(connection)
            mine = [COMMANDS.c[name] == value for name, value in _key(job, run).items()]
            known = connection.execute(sa.select(COMMANDS.c.count).where(*mine)).scalar_one_or_none()
            person = _left(connection, job, limits.person, at, COMMANDS.c.login == _login(job))
            own, left, until = min((False, *_left(connection, job, limits.repository, at)), (True, *person), key=_room)
            given = min(count, left) if known is None else min(count, known)
            if given and known is None:
                put(connection, COMMANDS, [{**_row(job, run, at=at), "count": given}])
        return LetIn(given, limits.person if own else limits.repository, own, until)

    async def refused(self, job: Job, run: str, why: str) -> int:
        return await asyncio.to_thread(self._refused, job, run, why[:MOST_WHY])

    def _refused(self, job: Job, run: str, why: str) -> int:
        with self.transaction() as connection:
            _alone(connection, job)
            at = self.time(connection)
            of = [*_of(job, at), COMMANDS.c.login == _login(job), COMMANDS.c.number == job.number]
            query = sa.select(COMMANDS.c.run).where(*of, COMMANDS.c.why == whole(why)).order_by(COMMANDS.c.at)
            runs = list(connection.execute(query.limit(MOST_REFUSED)).scalars())
            if whole(run) in runs:
                return runs.index(whole(run))
            if len(runs) < MOST_REFUSED:
                put(connection, COMMANDS, [_row(job, run, why=why, at=at)])
        return len(runs)


def _room(left: tuple[bool, int, float]) -> tuple[int, float]:
    """The least first; of two that are full the one that is for longer."""
    return left[1], -left[2]


def _left(connection: sa.Connection, job: Job, limit: int, at: float, *by: sa.ColumnElement[bool]) -> tuple[int, float]:
    """How many more there may be now, and when there may be one again."""
    if not limit:
        return sys.maxsize, at
    query = sa.select(COMMANDS.c.at, COMMANDS.c.count).where(*_of(job, at), COMMANDS.c.count > 0, *by)
    rows = connection.execute(query.order_by(COMMANDS.c.at.desc()).limit(limit)).all()
    given, until = 0, at
    for moment, count in rows:  # the newest first: the one that fills the limit has to be forgotten
        given += count
        if given >= limit:
            until = moment + HOUR
            break
    return max(limit - given, 0), until


def _alone(connection: sa.Connection, job: Job) -> None:
    if connection.dialect.name == "postgresql":
        name = whole(f"commands {job.installation} {job.repository}")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _of(job: Job, at: float) -> tuple[sa.ColumnElement[bool], ...]:
    of = COMMANDS.c.installation == job.installation, COMMANDS.c.repository == whole(job.repository)
    return *of, COMMANDS.c.at > at - HOUR


def _key(job: Job, run: str, why: str = "") -> dict[str, Any]:
    return {"installation": job.installation, "repository": whole(job.repository), "run": whole(run), "why": whole(why)}


def _row(job: Job, run: str, *, at: float, why: str = "") -> dict[str, Any]:
    return {**_key(job, run, why), "number": job.number, "login": _login(job), "count": 0, "at": at}


def _login(job: Job) -> str:
    return whole(job.author.lower())
