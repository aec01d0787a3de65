"""`reviewer db`: brings the database up, says what it is, copies it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewer.core.errors import UsageError
from reviewer.core.render.words import many
from reviewer.jobs.tables import make
from reviewer.printing import say
from reviewer.settings import Settings
from reviewer.store import SqlStore, engine
from reviewer.store.engine import missing
from reviewer.store.schema import NEWEST
from reviewer.store.standing import back_up, standing

OK, FAILED = 0, 2


def upgrade(settings: Settings) -> None:
    """Bring the tables to the newest revision, the engine's too; where there are none, make them."""
    store = SqlStore(engine(settings.database_url))
    try:
        before = standing(store)
        make(store, upgrade=True)
        after = standing(store)
    finally:
        store.close()
    if before.revision == after.revision:
        say(f"The database is of revision {after.revision}: there is nothing to do.")
    else:
        say(f"The database was of revision {before.revision}, and is of revision {after.revision} now.")


def status(settings: Settings) -> int:
    """Print the revision, the size and the rows. Exit code 2: this program cannot work with it as it is."""
    with opened(settings) as store:
        found = standing(store)
    say(f"{found.address}: revision {found.revision}, newest {NEWEST}, {size(found.size)}")
    width = max(map(len, found.rows), default=0)
    for name, count in found.rows.items():
        say(f"  {name:<{width}}  {count:,}")
    if found.problem:
        say(f"{found.problem[0].upper()}{found.problem[1:]}.")
        return FAILED
    return OK


def backup(settings: Settings, file: Path) -> None:
    """Copy a SQLite database, while the server runs."""
    count = back_up(settings.database_url, file)
    say(f"{file}: {size(count)}, checked. It holds what the database holds: keep it as safe.")


@contextmanager
def opened(settings: Settings) -> Iterator[SqlStore]:
    """Raises UsageError where there is no database: to look into it must not make it."""
    if why := missing(settings.database_url):
        raise UsageError(why)
    store = SqlStore(engine(settings.database_url))
    try:
        yield store
    finally:
        store.close()


def size(count: int) -> str:
    return f"{count / 2**20:,.1f} MB" if count >= 2**20 else f"{count / 2**10:,.0f} KB"


def rows_of(found: dict[str, int]) -> list[str]:
    """Lines with the rows by table, the most first."""
    width = max(map(len, found), default=0)
    most = sorted(found.items(), key=lambda each: -each[1])
    return [f"  {name:<{width}}  {many(count, 'row')}" for name, count in most]
