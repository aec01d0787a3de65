"""What people ruled in a repository, for the record: the newest first, with what older programs kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reviewer.core.errors import UsageError
from reviewer.core.types import Act
from reviewer.store.acts import act_of, past_dismissal
from reviewer.store.database import Database
from reviewer.store.engine import engine, missing
from reviewer.store.rulings import override_of, pause_of
from reviewer.store.tables import DISMISSALS, OVERRIDES, PAUSES, WISHES
from reviewer.store.tables_acts import ACTS


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act in a repository `owner/name`."""

    repository: str
    act: Act


def recorded(url: str, repository: str) -> list[Recorded]:
    """In the repository `owner/name`, in whatever case it is written; nothing is made or changed.

    Raises UsageError where there is no database of ours, OutsideError where it does not answer.
    """
    if why := missing(url):
        raise UsageError(why)
    database = Database(engine(url))
    try:
        with database.transaction() as connection:
            tables = sa.inspect(connection)
            if not tables.has_table(WISHES.name):
                raise UsageError("The database is empty: no `reviewer serve` has used it yet.")
            found = [*_found(connection, tables, repository)]
    finally:
        database.close()
    return sorted(found, key=lambda each: (each.act.at, each.act.number, each.act.step), reverse=True)


def _found(connection: sa.Connection, tables: sa.Inspector, repository: str) -> Iterator[Recorded]:
    record = [(_place(row), act_of(row)) for row in _rows(connection, tables, ACTS, repository)]
    done = {(place, act.number, act.run, act.step) for place, act in record}
    named = {(place, act.number, name) for place, act in record for name in act.findings}
    dismissed = {
        (place, act.number, name, act.by) for place, act in record if act.what == "dismissal" for name in act.findings
    }
    for (_, name), act in record:
        yield Recorded(name, act)
    for table in (OVERRIDES, PAUSES):
        for row in _rows(connection, tables, table, repository):
            for act in [_past_override(row)] if table is OVERRIDES else _past_pause(row):
                if (_place(row), act.number, act.run, act.step) not in done:
                    yield Recorded(row["repository"], act)
    for row in _rows(connection, tables, DISMISSALS, repository):
        about = _place(row), row["number"], row["name"]
        if about not in named if row["forgotten"] else (*about, row["by"]) not in dismissed:
            yield Recorded(row["repository"], past_dismissal(row))


def _rows(connection: sa.Connection, tables: sa.Inspector, table: sa.Table, repository: str) -> Iterator[sa.RowMapping]:
    """One installation after the other, as everything is kept; an older program's table may lack what came later."""
    if not tables.has_table(table.name):
        return
    there = {column["name"] for column in tables.get_columns(table.name)}
    columns = [each if each.name in there else _nothing(each).label(each.name) for each in table.columns]
    mine = sa.func.lower(table.c.repository) == repository.lower()
    for installation in connection.execute(sa.select(table.c.installation).distinct()).scalars().all():
        yield from connection.execute(sa.select(*columns).where(table.c.installation == installation, mine)).mappings()


def _nothing(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.literal("" if isinstance(column.type, sa.Text) else 0)


def _place(row: sa.RowMapping) -> tuple[int, str]:
    return row["installation"], row["repository"]


def _past_override(row: sa.RowMapping) -> Act:
    one = override_of(row)
    about: dict[str, Any] = {"head": one.head, "findings": one.findings, "reason": one.reason, "run": one.run}
    return Act("override", one.number, one.by, at=one.at, how="command", step="override", **about)


def _past_pause(row: sa.RowMapping) -> list[Act]:
    one = pause_of(row)
    about: dict[str, Any] = {"how": "command", "run": one.run}
    ended = [Act("resume", one.number, one.ended_by, at=one.ended, step="resume", **about)] if one.ended else []
    return [Act("pause", one.number, one.by, at=one.at, step="pause", head=one.head, **about), *ended]
