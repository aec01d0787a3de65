"""What people ruled in a repository, for the record: overrides, dismissals and pauses, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from reviewer.core.errors import UsageError
from reviewer.store.database import Database
from reviewer.store.engine import engine, missing
from reviewer.store.rulings import override_of, pause_of
from reviewer.store.tables import DISMISSALS, OVERRIDES, PAUSES, WISHES


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did. Times are seconds since the epoch, 0 where it has not come to an end."""

    what: Literal["override", "dismissal", "pause"]
    repository: str
    number: int
    by: str  # login
    at: float
    head: str = ""  # SHA; of an override
    reason: str = ""
    findings: tuple[str, ...] = ()  # labels, names where there is none
    ended: float = 0.0
    ended_by: str = ""


def acts(url: str, repository: str) -> list[Act]:
    """In the repository `owner/name`, in whatever case it is written; nothing is made or changed.

    Raises UsageError where there is no database of ours, OutsideError where it does not answer.
    """
    if why := missing(url):
        raise UsageError(why)
    database = Database(engine(url))
    try:
        with database.transaction() as connection:
            there = set(sa.inspect(connection).get_table_names())
            if WISHES.name not in there:
                raise UsageError("The database is empty: no `reviewer serve` has used it yet.")
            found = [
                act
                for table in (OVERRIDES, PAUSES, DISMISSALS)
                if table.name in there
                for row in _rows(connection, table, repository)
                for act in _acts(table, row)
            ]
    finally:
        database.close()
    return sorted(found, key=lambda act: (act.at, act.number), reverse=True)


def _rows(connection: sa.Connection, table: sa.Table, repository: str) -> Iterator[sa.RowMapping]:
    """One installation after the other, as everything is kept."""
    mine = sa.func.lower(table.c.repository) == repository.lower()
    for installation in connection.execute(sa.select(table.c.installation).distinct()).scalars().all():
        yield from connection.execute(sa.select(table).where(table.c.installation == installation, mine)).mappings()


def _acts(table: sa.Table, row: sa.RowMapping) -> Iterator[Act]:
    name = row["repository"]
    if table is OVERRIDES:
        one = override_of(row)
        labels = tuple(label or said for said, label in one.findings.items())
        yield Act("override", name, one.number, one.by, one.at, one.head, one.reason, labels)
    elif table is PAUSES:
        pause = pause_of(row)
        yield Act("pause", name, pause.number, pause.by, pause.at, ended=pause.ended, ended_by=pause.ended_by)
    elif not row["forgotten"]:
        label = " · ".join(row[part] for part in ("severity", "path", "title") if row[part]) or row["name"]
        yield Act("dismissal", name, row["number"], row["by"], row["at"], reason=row["reason"], findings=(label,))
