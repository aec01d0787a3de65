"""Which revision the tables are of: made where there are none, brought up on SQLite, refused where that is for people.

A revision is written MAJOR.MINOR. A minor one only adds, so that programs of the revision before it can go on beside
the new ones; a major one is not for them.
"""

from __future__ import annotations

import filecmp
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

import sqlalchemy as sa
import structlog

from reviewer.core.errors import OutsideError, UsageError
from reviewer.store import migrations
from reviewer.store.backup import copy
from reviewer.store.tables import METADATA

REVISIONS = ("1.0",)  # of `migrations/versions`, the oldest first
NEWEST = REVISIONS[-1]
UNVERSIONED = ""  # made by a program that wrote no revision down: 0.1.0, or one before it
COPIED = 256 * 2**20  # bytes of a SQLite file up to which a copy is made before it is brought up
UPGRADE = "`reviewer db upgrade`"

VERSIONS = sa.Table(  # as alembic makes it itself
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

_log = structlog.stdlib.get_logger(__name__)


def revision_of(connection: sa.Connection) -> str | None:
    """The revision of the tables, UNVERSIONED where none was written down; None where there are none of ours."""
    there = set(sa.inspect(connection).get_table_names())
    if VERSIONS.name in there:
        return connection.execute(sa.select(VERSIONS.c.version_num)).scalar() or UNVERSIONED
    return UNVERSIONED if there & set(METADATA.tables) else None


def works(revision: str | None) -> bool:
    """Whether this program can work with tables of the revision."""
    return revision == NEWEST or (revision is not None and _newer(revision) and _major(revision) == _major(NEWEST))


def why_not(revision: str | None) -> str:
    """A sentence for a database that this program cannot work with, as it is; else ""."""
    if works(revision):
        return ""
    if revision is None:
        return f"the database is empty: start `reviewer serve`, or run {UPGRADE}"
    if _newer(revision):
        return (
            f"the database is of revision {revision}, and this program knows {NEWEST} at most: start a newer version "
            "of reviewer, or restore the backup from before its upgrade"
        )
    return (
        f"the database is of an older version (revision {revision or 'unknown'}, and this program needs {NEWEST}): "
        f"run {UPGRADE}, with the other processes stopped or of this version"
    )


def prepare(engine: sa.Engine, *, upgrade: bool) -> str | None:
    """See that the tables are there and of a revision that works; two processes may do so at once.

    Gives the revision before. Without `upgrade`, older tables on PostgreSQL are refused: others may be at work on them.
    Raises UsageError for what is refused, SQLAlchemy's errors where the database does not answer.
    """
    with engine.connect() as connection:
        found = revision_of(connection)
    if works(found):
        return found
    with engine.begin() as connection:
        _lock(connection)
        found = revision_of(connection)  # another process may have been quicker
        if found is None:
            METADATA.create_all(connection, checkfirst=False)
            VERSIONS.create(connection)
            connection.execute(sa.insert(VERSIONS).values(version_num=NEWEST))
        elif not works(found):
            sqlite = connection.dialect.name == "sqlite"
            if _newer(found) or not (upgrade or sqlite):
                raise UsageError(why_not(found))
            kept = _keep_copy(Path(engine.url.database or "")) if sqlite else ""
            migrations.run(connection)
            _log.warning("database.upgraded", before=found or "unknown", now=NEWEST, copy=kept)
    return found


def _lock(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("reviewer tables"))))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # waits for the one writer


def _keep_copy(file: Path) -> str:
    """A copy of the file beside it, as it was; its name, "" where the file is too large for a start to wait for it."""
    if file.stat().st_size > COPIED:
        return ""
    if (free := shutil.disk_usage(file.absolute().parent).free) < 2 * file.stat().st_size:
        raise OutsideError(
            f"{file} is to be brought to revision {NEWEST} and a copy of it kept, for which the disk has no room "
            f"({free // 2**20} MB are free): make room, and start again"
        )
    older: list[Path] = []
    for nth in count(1):
        kept = file.with_name(f"{file.name}.before-{NEWEST}" + (f"-{nth}" if nth > 1 else ""))
        with suppress(FileExistsError):
            copy(file, kept)
            break
        older.append(kept)
    for same in older:
        if filecmp.cmp(same, kept, shallow=False):  # an earlier try got no further
            kept.unlink()
            return str(same)
    return str(kept)


def _newer(revision: str) -> bool:
    return revision != UNVERSIONED and revision not in REVISIONS


def _major(revision: str) -> str:
    return revision.partition(".")[0]
