"""What a database is: its revision, its size, how many rows its tables have; and a backup of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from reviewer.core.errors import UsageError
from reviewer.store.backup import copy
from reviewer.store.database import Database
from reviewer.store.engine import missing
from reviewer.store.schema import revision_of, why_not
from reviewer.store.tables import METADATA


@dataclass(frozen=True, slots=True)
class Standing:
    address: str  # without its password
    revision: str  # "unknown" where none was written down, "none" where there are no tables
    problem: str  # why this program cannot work with it as it is, "" if it can
    size: int  # bytes, with the engine's tables
    rows: dict[str, int]  # by table, of those that have any


def standing(database: Database) -> Standing:
    """Nothing is made or changed."""
    engine = database.engine
    with database.transaction() as connection:
        revision = revision_of(connection)
        there = set(sa.inspect(connection).get_table_names())
        rows = {
            table.name: int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
            for table in METADATA.sorted_tables
            if table.name in there
        }
        size: sa.Executable
        if connection.dialect.name == "postgresql":
            size = sa.select(sa.func.pg_database_size(sa.func.current_database()))
        else:
            size = sa.text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return Standing(
            address=engine.url.render_as_string(),
            revision="none" if revision is None else revision or "unknown",
            problem=why_not(revision),
            size=int(connection.execute(size).scalar_one()),
            rows={name: count for name, count in rows.items() if count},
        )


def back_up(url: str, target: Path) -> int:
    """Copy the SQLite database while others write to it; the bytes of the copy. Raises UsageError and OutsideError."""
    parsed = sa.make_url(url)
    if parsed.drivername.partition("+")[0] != "sqlite":
        shown = parsed.set(drivername="postgresql")._replace(password=None).render_as_string()
        raise UsageError(
            f"PostgreSQL has its own tool for that: `pg_dump --format=custom --file={target} --dbname='{shown}'` "
            "(the password comes from PGPASSWORD or ~/.pgpass; `pg_restore` is the way back)"
        )
    if why := missing(url):
        raise UsageError(why)
    if not target.absolute().parent.is_dir():
        raise UsageError(f"The folder {target.absolute().parent} does not exist: make it, or name another file.")
    try:
        return copy(Path(parsed.database or ""), target)
    except FileExistsError:
        raise UsageError(f"{target} is there already, and no backup is overwritten: name another file.") from None
