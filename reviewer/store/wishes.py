"""Which job a pull request waits for: the newest wish, whatever is delivered again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import sqlalchemy as sa

from reviewer.core.types import Job
from reviewer.store.database import Database
from reviewer.store.statements import wish_statements
from reviewer.store.tables import WISHES

SHORT_SHA = 7
STRUCK = "struck"  # a kind of wish that no job has
ENDINGS = {  # why nobody wants anything, by kind of wish
    "close": "closed",
    "disband": "the merge group is gone",
    STRUCK: "the App was taken off, or what was kept of it struck",
}


class Wish(NamedTuple):
    """The newest wish for a pull request."""

    delivery: str
    kind: str
    head: str
    at: float  # seconds since the epoch, when it came
    previous: float  # when the one before it came; 0 when there was none


class SqlWishes(Database):
    """`fence` is set by the job engine: it never returns for a job that another worker has taken over."""

    def __init__(self, engine: sa.Engine, *, now: Callable[[], float] = time.time) -> None:
        super().__init__(engine, now=now)
        self.fence: Callable[[Job], Awaitable[None]] = _no_fence

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
        lane = {"installation": job.installation, "repository": job.about, "number": job.number}
        connection.execute(statements[1], {**lane, **wish, "sequence": 1})
        return True

    async def wanted(self, job: Job) -> str:
        await self.fence(job)
        return await asyncio.to_thread(self._wanted, job)

    def _wanted(self, job: Job) -> str:
        newest = self.newest(job)
        if newest is None or newest.delivery == job.delivery:
            return ""
        if ending := ENDINGS.get(newest.kind):
            return ending
        same = newest.head == job.head
        return f"superseded by {'a newer event on the same head' if same else newest.head[:SHORT_SHA]}"

    async def still_ours(self, job: Job) -> None:
        await self.fence(job)

    def newest(self, job: Job) -> Wish | None:
        """The newest wish for the pull request of `job`; for a thread."""
        query = sa.select(*(WISHES.c[name] for name in Wish._fields)).where(
            WISHES.c.installation == job.installation,
            WISHES.c.repository == job.about,
            WISHES.c.number == job.number,
        )
        with self.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return Wish(*row) if row else None


async def _no_fence(_job: Job) -> None:
    """Nobody can take over what no engine runs."""
