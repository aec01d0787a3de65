"""What people have dismissed: so many of each repository, and no text longer than it may be."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from reviewer.core.types import Dismissal
from reviewer.store.acts import keep_past
from reviewer.store.database import Database
from reviewer.store.statements import insert, strike, whole
from reviewer.store.tables import DISMISSALS

MOST = 500  # of a repository; the oldest go
LENGTHS = {  # characters: nobody may fill the database
    **dict.fromkeys(("code", "reason"), 2_000),
    "body": 4_000,
    "title": 300,
    "path": 4_096,  # what a path may be
}
LABEL = 200  # characters of any other text
COLUMNS = [DISMISSALS.c[field.name] for field in fields(Dismissal)]
NEWEST_FIRST = DISMISSALS.c.at.desc(), DISMISSALS.c.number.desc(), DISMISSALS.c.name


class SqlDismissals(Database):
    """Satisfies `ports.Dismissals`."""

    async def dismissals(self, installation: int, repository: str) -> tuple[Dismissal, ...]:
        return await asyncio.to_thread(self._dismissals, installation, repository)

    def _dismissals(self, installation: int, repository: str) -> tuple[Dismissal, ...]:
        of = *_of(installation, repository), DISMISSALS.c.forgotten == 0
        query = sa.select(*COLUMNS).where(*of).order_by(*NEWEST_FIRST).limit(MOST)
        with self.transaction() as connection:
            rows = connection.execute(query).mappings()
            return tuple(Dismissal(**{**row, "command": bool(row["command"])}) for row in rows)

    async def keep_dismissal(self, installation: int, repository: str, dismissal: Dismissal) -> None:
        """One without a time was dismissed now. No button that is still pressed, and nothing that an old thread tells,
        brings back what was forgotten, or takes the place of a command without a reason; nothing without a reason takes
        the place of a reason. What an older program kept goes into the record before it is replaced or struck.
        """
        await asyncio.to_thread(self._keep_dismissal, installation, repository, dismissal)

    def _keep_dismissal(self, installation: int, repository: str, dismissal: Dismissal) -> None:
        row = _row(dismissal) | {"at": dismissal.at or self.now()}
        keys = [column.name for column in DISMISSALS.primary_key]
        of = _of(installation, repository)
        with self.transaction() as connection:
            first = insert(connection, DISMISSALS).values(
                installation=installation, repository=whole(repository), **row
            )
            new = {name: first.excluded[name] for name in row if name not in keys} | {"forgotten": 0}
            button = sa.and_(DISMISSALS.c.command == 0, DISMISSALS.c.forgotten == 0)
            newer = sa.and_(DISMISSALS.c.reason == "", sa.or_(first.excluded.command == 1, button))
            told = sa.or_(first.excluded.command == 1, DISMISSALS.c.forgotten == 0)
            better = sa.or_(sa.and_(first.excluded.reason != "", told), newer)
            self._keep_past(connection, *of, *_named(dismissal.number, dismissal.name))
            connection.execute(first.on_conflict_do_update(index_elements=keys, set_=new, where=better))
            named = DISMISSALS.c.number, DISMISSALS.c.name
            over = sa.select(*named).where(*of).order_by(*NEWEST_FIRST).limit(MOST).offset(MOST)
            gone = [tuple(row) for row in connection.execute(over)]
            if gone:
                self._keep_past(connection, *of, sa.tuple_(*named).in_(gone))
                strike(connection, DISMISSALS, *of, sa.tuple_(*named).in_(gone))

    async def forget_dismissal(self, installation: int, repository: str, number: int, name: str) -> bool:
        return await asyncio.to_thread(self._forget_dismissal, installation, repository, number, name)

    def _forget_dismissal(self, installation: int, repository: str, number: int, name: str) -> bool:
        blank = dict.fromkeys(("path", "code", "context", "category", "severity", "title", "body", "reason", "by"), "")
        plain = {"command": 0, "forgotten": 1}
        known = (*_of(installation, repository), *_named(number, name), DISMISSALS.c.forgotten == 0)
        with self.transaction() as connection:
            self._keep_past(connection, *known)
            gone = sa.update(DISMISSALS).where(*known).values(**blank, **plain).returning(DISMISSALS.c.number)
            return connection.execute(gone).first() is not None

    def _keep_past(self, connection: sa.Connection, *where: sa.ColumnElement[bool]) -> None:
        keep_past(connection, connection.execute(sa.select(DISMISSALS).where(*where)).mappings().all())


def _named(number: int, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return DISMISSALS.c.number == number, DISMISSALS.c.name == _cut("name", name)


def _of(installation: int, repository: str) -> tuple[sa.ColumnElement[bool], ...]:
    return DISMISSALS.c.installation == installation, DISMISSALS.c.repository == whole(repository)


def _row(dismissal: Dismissal) -> dict[str, Any]:
    values = asdict(dismissal) | {"command": int(dismissal.command)}
    return {name: _cut(name, value) if isinstance(value, str) else value for name, value in values.items()}


def _cut(name: str, text: str) -> str:
    """Cut first, so that nothing is spent on what is too long."""
    return whole(text[: LENGTHS.get(name, LABEL)])
