"""Which of the operator page's sessions were signed out, for all servers on the database; the cookie holds the rest."""

from __future__ import annotations

import sqlalchemy as sa

from reviewer.store.database import Database
from reviewer.store.statements import insert
from reviewer.store.tables_sessions import SIGNED_OUT

MARGIN = 3_600  # seconds by which clocks may differ


class SignedOutSessions:
    """Satisfies `page.session.SignedOut`. Each method is one short transaction for a thread, and raises OutsideError
    where the database does not answer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, until: float) -> None:
        with self._database.transaction() as connection:
            over = SIGNED_OUT.c.until < self._database.now() - MARGIN
            connection.execute(sa.delete(SIGNED_OUT).where(over))
            row = insert(connection, SIGNED_OUT).values(name=name, until=until)
            connection.execute(row.on_conflict_do_nothing())

    def has(self, name: str) -> bool:
        query = sa.select(SIGNED_OUT.c.name).where(SIGNED_OUT.c.name == name)
        with self._database.transaction() as connection:
            return connection.execute(query).first() is not None
