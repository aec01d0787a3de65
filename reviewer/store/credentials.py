"""What `/setup` got for this server: texts by the names of variables, sealed before they come here."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from reviewer.store.database import Database
from reviewer.store.statements import put
from reviewer.store.tables_credentials import CREDENTIALS


class SqlCredentials(Database):
    """Every method is for a thread."""

    def credentials(self) -> dict[str, str]:
        """By name; none in a database that was not made yet."""
        with self.transaction() as connection:
            if not sa.inspect(connection).has_table(CREDENTIALS.name):
                return {}
            rows = connection.execute(sa.select(CREDENTIALS.c.name, CREDENTIALS.c.sealed))
            return {row.name: row.sealed for row in rows}

    def keep_credentials(self, sealed: Mapping[str, str], *, unless: Collection[str] = ()) -> tuple[str, ...]:
        """All of them or none, each in place of the one of its name.

        Gives those of the names in `unless` that are kept already; then nothing was changed.
        """
        rows = [{"name": name, "sealed": text, "at": self.now()} for name, text in sorted(sealed.items())]
        with self.transaction() as connection:
            _alone(connection)
            query = sa.select(CREDENTIALS.c.name).where(CREDENTIALS.c.name.in_(list(unless))).order_by("name")
            there = tuple(connection.execute(query).scalars())
            if not there and rows:
                put(connection, CREDENTIALS, rows)
        return there

    def reseal_credential(self, name: str, before: str, sealed: str) -> bool:
        """False where somebody has changed it meanwhile."""
        as_it_was = CREDENTIALS.c.name == name, CREDENTIALS.c.sealed == before
        statement = sa.update(CREDENTIALS).where(*as_it_was).values(sealed=sealed).returning(CREDENTIALS.c.name)
        with self.transaction() as connection:
            return connection.execute(statement).one_or_none() is not None

    def write_nothing(self) -> None:
        """As keeping does, but nothing stays. Raises OutsideError for a database that takes no credentials."""
        with self.transaction() as connection:
            put(connection, CREDENTIALS, [{"name": "", "sealed": "x" * 8_192, "at": self.now()}])
            connection.execute(sa.delete(CREDENTIALS).where(CREDENTIALS.c.name == ""))


def _alone(connection: sa.Connection) -> None:
    """Two servers that are set up at once: whoever comes second sees what the first one kept."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("reviewer credentials"))))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
