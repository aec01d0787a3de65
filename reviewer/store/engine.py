"""Opens the database that `REVIEWER_DATABASE_URL` names; our tables and the job engine share what it returns."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from reviewer.core.errors import OutsideError, UsageError
from reviewer.store.remedies import mended

VARIABLE = "REVIEWER_DATABASE_URL"
BUSY_MS = 8_000  # how long a connection waits for SQLite's one writer before "database is locked"
LOCKED = (0.2, 1.0, 2.0)  # seconds: the change to WAL waits for nobody, so two that start together may collide
POOL = 32  # connections kept: the threads of the job engine and those of the web server
# What a worker holds locked that stopped or vanished in the middle of a transaction is free again after so long, and
# another one can take its work over; PostgreSQL itself would wait for hours.
POSTGRESQL_SETTINGS = ("SET idle_in_transaction_session_timeout = '15s'",)
# A host that swallows packets must hang nobody: neither who connects nor who waits for an answer.
POSTGRESQL_CONNECTION = {
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
# What a server says that refuses for a moment.
STARTING = ("starting up", "shutting down", "recovery", "accepting connections", "too many clients")
SQLITE_PRAGMAS = (
    # Without WAL readers block the writer; with synchronous=NORMAL a commit may be lost when the power fails.
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_MS}",
    "PRAGMA foreign_keys=ON",
)


def engine(url: str) -> sa.Engine:
    """The engine for `sqlite:///FILE` or `postgresql://…`; raises UsageError for a URL that cannot be used.

    A SQLite file is opened (and made) at once, so that a wrong path is told at start. A PostgreSQL server may be
    down for a moment: it is asked when the tables are made.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        # The URL may hold a password, so the sentence leaves it out.
        raise UsageError(f"{VARIABLE} is not a URL; write sqlite:///reviewer.db or postgresql://…") from None
    scheme = parsed.drivername.partition("+")[0]
    if scheme == "sqlite":
        return _sqlite(parsed)
    if scheme in {"postgresql", "postgres"}:  # SQLAlchemy refuses `postgres:`, which hosting services hand out
        return _postgresql(parsed)
    raise UsageError(f"{VARIABLE} begins with {scheme!r}, but only sqlite:///FILE and postgresql://… can be used")


def missing(url: str) -> str:
    """A sentence where the URL names a SQLite file that is not there, for whoever only reads; else ""."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        return ""
    file = parsed.database or ""
    if parsed.drivername.partition("+")[0] != "sqlite" or Path(file).is_file():
        return ""
    return f"There is no database {file}: run this where `reviewer serve` runs, or set {VARIABLE} to its database."


def may_come(error: OutsideError) -> bool:
    """Whether a server did not answer at all, or says itself that it will soon; not one that refuses us."""
    cause = error.__cause__
    if not isinstance(cause, sa.exc.OperationalError) or isinstance(cause.orig, sqlite3.Error):
        return False
    said = str(cause.orig)
    return "FATAL" not in said or any(words in said for words in STARTING)


def _postgresql(url: sa.URL) -> sa.Engine:
    if not url.database:
        raise UsageError(f"{VARIABLE} names no database; write postgresql://USER@HOST/DATABASE")
    url = url.set(drivername="postgresql+psycopg")
    bounds = {name: value for name, value in POSTGRESQL_CONNECTION.items() if name not in url.query}
    made = sa.create_engine(url, pool_size=POOL, pool_pre_ping=True, pool_timeout=30, connect_args=bounds)
    event.listen(made, "connect", _prepare_postgresql)
    return made


def _prepare_postgresql(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for setting in POSTGRESQL_SETTINGS:
        cursor.execute(setting)
    cursor.close()
    connection.commit()


def _sqlite(url: sa.URL) -> sa.Engine:
    _refuse_unusable(url.database or "")
    made = sa.create_engine(
        url.set(drivername="sqlite"), pool_size=POOL, max_overflow=POOL, connect_args={"timeout": BUSY_MS / 1000}
    )
    event.listen(made, "connect", _prepare_sqlite)
    reason: object = ""
    for pause in (*LOCKED, 0.0):
        try:
            with made.connect() as connection:  # without a commit
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.exec_driver_sql("PRAGMA user_version=0")  # a read-only file shows itself only at a write
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            reason = getattr(error, "orig", error)  # the pragmas raise the driver's own errors
            if "locked" not in str(reason):
                break
            time.sleep(pause)
        else:
            return made
    made.dispose()
    raise UsageError(f"{VARIABLE}: {url.database} cannot be written as a SQLite database: {mended(str(reason))}")


def _refuse_unusable(database: str) -> None:
    if database in {"", ":memory:"} or database.startswith("file:"):
        raise UsageError(
            f"{VARIABLE} must name a file by its path, as in sqlite:///reviewer.db: what is in memory dies with us"
        )
    path = Path(database).absolute()
    if not path.parent.is_dir():
        raise UsageError(f"{VARIABLE}: the folder {path.parent} does not exist; make it, or name another file")
    if path.is_dir():
        raise UsageError(f"{VARIABLE}: {path} is a folder; name a file in it, as in sqlite:///{path}/reviewer.db")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # BEGIN IMMEDIATE before the first write: a transaction that has to turn from reader into writer halfway
    # fails with "database is locked" at once, whatever the busy timeout is. The job engine relies on it too.
    connection.isolation_level = "IMMEDIATE"
    for pragma in SQLITE_PRAGMAS:
        connection.execute(pragma)
