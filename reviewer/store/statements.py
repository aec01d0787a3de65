"""What SQLAlchemy's common part cannot say of SQLite and PostgreSQL at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from reviewer.store.locking import order_of
from reviewer.store.tables import DELIVERIES, WISHES


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


def put(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, each in place of the one with the same primary key."""
    keys = [column.name for column in table.primary_key]
    statement = insert(connection, table)
    new = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), list(rows))


def strike(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool], wait: bool = False) -> int:
    """Delete rows; how many went. They are locked in the order in which everybody locks them: two that meet cannot
    deadlock. Without `wait` those that somebody is writing just now stay.
    """
    keys = list(table.primary_key)
    if connection.dialect.name == "postgresql":  # SQLite has one writer
        free = sa.select(*keys).where(*where).order_by(*order_of(table)).with_for_update(skip_locked=not wait)
        where = (sa.tuple_(*keys).in_(free),)
    return len(connection.execute(sa.delete(table).where(*where).returning(keys[0])).all())


def whole(text: str) -> str:
    """The text as every database takes it: PostgreSQL knows no NUL, and UTF-8 no half of a surrogate pair."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
