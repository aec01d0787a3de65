"""What a look at the database finds, which changes nothing in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from reviewer.ports.keys import KeptKey
from reviewer.store.engine import engine, missing
from reviewer.store.schema import revision_of, why_not
from reviewer.store.sql import SqlStore


@dataclass(frozen=True, slots=True)
class Found:
    """`file` is SQLite's, `host` PostgreSQL's. `unfit`: why this program cannot work with the tables; else ""."""

    file: Path | None
    host: str = ""
    there: bool = True
    empty: bool = False  # it has no tables of ours
    revision: str = ""
    unfit: str = ""
    keys: tuple[KeptKey, ...] = ()


def look(url: str) -> Found:
    """For a thread, with no event loop. Raises UsageError where it cannot be used, OutsideError where it is away."""
    file, host = _whereabouts(url)
    if missing(url):
        return Found(file, there=False)
    store = SqlStore(engine(url))
    try:
        with store.told(), store.engine.connect() as connection:
            revision = revision_of(connection)
            connection.rollback()
            _try_to_write(connection)
        unfit = why_not(revision)
        keys = () if unfit else asyncio.run(store.own_keys())
        return Found(file, host, empty=revision is None, revision=revision or "", unfit=unfit, keys=keys)
    finally:
        store.close()


def file_of(url: str) -> Path | None:
    """SQLite's file, None for another database or an address that is none."""
    try:
        return _whereabouts(url)[0]
    except sa.exc.ArgumentError:
        return None


def _whereabouts(url: str) -> tuple[Path | None, str]:
    parsed = sa.make_url(url)
    if parsed.drivername.startswith("sqlite"):
        return Path(parsed.database or "").absolute(), ""
    return None, f"{parsed.host or 'localhost'}/{parsed.database or ''}"


def _try_to_write(connection: sa.Connection) -> None:
    """A table that nobody else ever sees."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.exec_driver_sql("CREATE TABLE reviewer_doctor (x INTEGER)")
    connection.exec_driver_sql("INSERT INTO reviewer_doctor VALUES (1)")
    connection.rollback()
