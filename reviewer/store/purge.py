"""Counts and strikes what is kept of an installation, of a repository, or from before a day: in every table."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from reviewer.store.database import Database
from reviewer.store.old import OLD
from reviewer.store.statements import strike
from reviewer.store.tables import (
    ACCOUNTS,
    ANSWERS,
    CALLS,
    DISMISSALS,
    KEYS,
    METADATA,
    OVERRIDES,
    PAUSES,
    POLICIES,
    RESERVATIONS,
    STEPS,
    WISHES,
)
from reviewer.store.tables_acts import ACTS
from reviewer.store.tables_open import OPEN_CALLS
from reviewer.store.wishes import STRUCK

AT_ONCE = 200  # rows in one transaction
LOOK = 5_000  # rows that are looked for at once
TIMES = {old.table.name: old.time for old in OLD} | {
    ANSWERS.name: "used",
    DISMISSALS.name: "at",
    OVERRIDES.name: "at",
    PAUSES.name: "at",
}
IN_FORCE = frozenset({KEYS.name, POLICIES.name, RESERVATIONS.name, OPEN_CALLS.name})  # have no age that says anything
RECORD = frozenset({ACTS.name, OVERRIDES.name, PAUSES.name, CALLS.name, ACCOUNTS.name})  # who ruled what; the money
UNDER_WAY = frozenset({WISHES.name, OPEN_CALLS.name})  # what running jobs look at
TABLES = tuple(table for table in METADATA.sorted_tables if "installation" in table.c)  # the others are of nobody


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to go: all that is given has to be true of it."""

    installation: int = 0  # 0: of all
    repository: str = ""  # owner/name in whatever case; "": of all
    before: float = 0.0  # seconds since the epoch; 0: of any age, and what is in force too
    spare: frozenset[str] = frozenset()  # tables that are left alone


def tally(database: Database, scope: Scope) -> dict[str, int]:
    """The rows of each table that would go, for those that have any."""
    found = {}
    for table, where in _chosen(scope):
        with database.transaction() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()
        if count:
            found[table.name] = int(count)
    return found


def purge(database: Database, scope: Scope) -> dict[str, int]:
    """Strike them in short transactions; the rows that went, by table. What is written meanwhile may stay."""
    found = {}
    for table, where in _chosen(scope):
        if count := _strike(database, table, where):
            found[table.name] = count
    return found


def unwant(database: Database, scope: Scope) -> None:
    """Nothing is wanted of what is in scope: what runs for it ends where it next asks."""
    for table, where in _chosen(scope):
        if table is WISHES:
            with database.transaction() as connection:
                connection.execute(sa.update(WISHES).where(*where).values(kind=STRUCK, delivery=""))


def _strike(database: Database, table: sa.Table, where: list[sa.ColumnElement[bool]]) -> int:
    keys, count = list(table.primary_key), 0
    while True:
        with database.transaction() as connection:
            some = [tuple(row) for row in connection.execute(sa.select(*keys).where(*where).limit(LOOK))]
        went = 0
        for start in range(0, len(some), AT_ONCE):
            chosen = sa.tuple_(*keys).in_(some[start : start + AT_ONCE])
            with database.transaction() as connection:
                went += strike(connection, table, chosen, *where, wait=True)
        count += went
        if len(some) < LOOK or not went:
            return count


def _chosen(scope: Scope) -> list[tuple[sa.Table, list[sa.ColumnElement[bool]]]]:
    """The tables with what of them is in scope. Steps come first: whose they are is known by rows of other tables."""
    tables = sorted((table for table in TABLES if table.name not in scope.spare), key=lambda table: table is not STEPS)
    found = [(table, _where(table, scope)) for table in tables]
    return [(table, where) for table, where in found if where]


def _where(table: sa.Table, scope: Scope) -> list[sa.ColumnElement[bool]]:
    """Empty where nothing of the table is in scope: nothing is struck without a reason."""
    where: list[sa.ColumnElement[bool]] = []
    if scope.installation:
        where.append(table.c.installation == scope.installation)
    if scope.repository:
        of = _of_repository(table, scope.repository.lower())
        if of is None:
            return []
        where.append(of)
    if scope.before:
        if table.name in IN_FORCE:
            return []
        where.append(table.c[TIMES[table.name]] < scope.before)
        if table is PAUSES:
            where.append(PAUSES.c.ended > 0)
    return where


def _of_repository(table: sa.Table, name: str) -> sa.ColumnElement[bool] | None:
    if table is ACCOUNTS:
        return sa.and_(ACCOUNTS.c.level == "repository", ACCOUNTS.c.who == name)
    if table is STEPS:
        named = [each for each in TABLES if {"repository", "run"} <= set(each.c.keys())]
        runs = [sa.select(each.c.installation, each.c.run).where(_place(each, name)) for each in named]
        return sa.tuple_(STEPS.c.installation, STEPS.c.run).in_(sa.union(*runs))
    if table is RESERVATIONS:
        return sa.func.lower(RESERVATIONS.c.scope).startswith(f"{name}#", autoescape=True)
    return _place(table, name) if "repository" in table.c else None


def _place(table: sa.Table, name: str) -> sa.ColumnElement[bool]:
    place = sa.func.lower(table.c.repository)
    return sa.or_(place == name, place.startswith(f"{name}@", autoescape=True))  # of a merge group: with its head
