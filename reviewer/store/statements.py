"""What SQLAlchemy's common part cannot say of SQLite and PostgreSQL at once."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from reviewer.store.tables import DELIVERIES, METADATA, WISHES


def insert(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """INSERT that can say ON CONFLICT: the same words in both databases, but not in SQLAlchemy's common part."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


@cache
def wish_statements(dialect: str) -> tuple[sa.Executable, sa.Executable]:
    """Built once: at the door, making them takes half as long as running them."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    delivery = insert(DELIVERIES).on_conflict_do_nothing().returning(DELIVERIES.c.delivery)
    first = insert(WISHES)
    newer: dict[str, Any] = {name: first.excluded[name] for name in ("delivery", "head", "kind", "at")}
    newer |= {"sequence": WISHES.c.sequence + 1, "previous": WISHES.c.at}
    keys = [column.name for column in WISHES.primary_key]
    return delivery, first.on_conflict_do_update(index_elements=keys, set_=newer)


def add_columns(connection: sa.Connection) -> None:
    """Give tables that an older program made the columns that came later; these have defaults."""
    inspector = sa.inspect(connection)
    quote = connection.dialect.identifier_preparer.format_column
    for table in METADATA.tables.values():
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                kind = column.type.compile(connection.dialect)
                default = column.server_default.arg if isinstance(column.server_default, sa.DefaultClause) else "NULL"
                connection.exec_driver_sql(
                    f"ALTER TABLE {table.name} ADD COLUMN {quote(column)} {kind} NOT NULL DEFAULT {default}"
                )
