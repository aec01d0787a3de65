"""One database: short transactions for threads, the clock that its users share, and what its errors read like."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from reviewer.core.errors import OutsideError, StoreError
from reviewer.store.remedies import mended
from reviewer.store.schema import VERSIONS, prepare, why_not

# The database's own: as the store tells them, and as they come from who shares its engine. Others are bugs of ours.
FAULTS = (OutsideError, sa.exc.DBAPIError, sa.exc.TimeoutError)


class Database:
    """What the store of each noun stands on. Every method raises OutsideError when the database does not answer."""

    def __init__(self, engine: sa.Engine, *, now: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self.now = now  # seconds since the epoch

    def create_tables(self, *, upgrade: bool = False) -> None:
        """Make the tables, or bring them up; two processes may do so at once. To be called once, before anything else.

        Raises UsageError for a database of another version (see `prepare`).
        """
        with self.told():
            prepare(self.engine, upgrade=upgrade)

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
            raise StoreError(_sentence(error)) from error

    def clock(self, connection: sa.Connection) -> sa.ColumnElement[float]:
        """Seconds since the epoch by one clock for all: a SQLite file lies on one machine, so there its clock will do.

        PostgreSQL asks it again for every row, and uses no index on what is compared with it: so see `time`.
        """
        if connection.dialect.name == "postgresql":
            return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)
        return sa.literal(self.now(), sa.Float)

    def time(self, connection: sa.Connection) -> float:
        return float(connection.execute(sa.select(self.clock(connection))).scalar_one())

    async def ready(self) -> str:
        """Also of tables that somebody brought to a revision that this program does not know."""
        try:
            revision = await asyncio.to_thread(self._revision)
        except OutsideError as error:
            return str(error)
        return why_not(revision)

    def _revision(self) -> str:
        with self.transaction() as connection:
            return str(connection.execute(sa.select(VERSIONS.c.version_num)).scalar() or "")


def _sentence(error: sa.exc.SQLAlchemyError) -> str:
    """One sentence without the statement and its values, which SQLAlchemy's own text carries."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"the database did not answer as it should: {mended(cause[0] if cause else type(error).__name__)}"
