"""Calls under way: what they hold of an account, and how those are entered into the ledger that were cut off."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from reviewer.core.types import Amount
from reviewer.store.accounts import Key, Used, name_of, used
from reviewer.store.database import Database
from reviewer.store.statements import insert
from reviewer.store.tables import CALLS, WORKERS
from reviewer.store.tables_open import OPEN_CALLS

LOST = "lost"  # the outcome of a call whose process has ended: nobody knows what it cost
# Seconds after which a call is lost whoever holds it: three tries of a slow model, and less than the hour after
# midnight for which the page waits before it adds up the day.
LONGEST = 3_300.0
AT_ONCE = 100
_STRIKE = sa.delete(OPEN_CALLS).where(
    OPEN_CALLS.c.installation == sa.bindparam("in_"), OPEN_CALLS.c.call == sa.bindparam("id_")
)
_SAME = ("installation", "call", "repository", "run", "delivery", "person", "purpose", "model", "prompt", "number")
_KEPT = (*_SAME, "estimated", "most", "output", "nanos", "cost", "at")


def open_row(row: dict[str, Any], wants: Amount, accounts: Sequence[str], *, holder: str, at: float) -> dict[str, Any]:
    """Of a call as the ledger would keep it (`row`), for which so much is reserved on these accounts."""
    want = used(wants)
    return {
        **{name: row[name] for name in (*_SAME, "estimated", "most")},
        "output": min(row["output"], want.tokens),
        "cost": f"{wants.dollars:f}" if wants.dollars else "",
        **want._asdict(),
        "accounts": "\n".join(accounts),
        "holder": holder,
        "at": at,
    }


def held(connection: sa.Connection, key: Key) -> Amount:
    """What calls under way, of all workers, hold of an account."""
    query = sa.select(sa.func.sum(OPEN_CALLS.c.tokens), sa.func.sum(OPEN_CALLS.c.nanos))
    query = query.where(OPEN_CALLS.c.accounts.contains(name_of(key), autoescape=True))
    if key.installation:
        query = query.where(OPEN_CALLS.c.installation == key.installation)
    tokens, nanos = connection.execute(query).one()
    return Used(int(tokens or 0), int(nanos or 0)).amount


def settles(connection: sa.Connection, row: dict[str, Any]) -> bool:
    """Strike the call as under way and enter its row in the ledger, also in the place of one that says it was lost.

    False where it was entered before: then nothing of it counts again.
    """
    connection.execute(_STRIKE, {"in_": row["installation"], "id_": row["call"]})
    return connection.execute(_entry(connection.dialect.name), row).first() is not None


@cache
def _entry(dialect: str) -> sa.Executable:
    """Built once: other writers wait meanwhile."""
    new = (postgresql if dialect == "postgresql" else sqlite).insert(CALLS)
    found = {column.name: new.excluded[column.name] for column in CALLS.columns if not column.primary_key}
    keys = [column.name for column in CALLS.primary_key]
    late = new.on_conflict_do_update(index_elements=keys, set_=found, where=CALLS.c.outcome == LOST)
    entry: sa.Executable = late.returning(CALLS.c.call)
    return entry


def enter_lost(database: Database) -> int:
    """Enter the calls into the ledger that nobody will settle, each once, whoever else notices; how many there were.

    Their workers are not among the living any more, or they are too old. What was reserved for them stays on the
    accounts, and is their cost.
    """
    with database.transaction() as connection:
        gone = _gone(database.time(connection))
        if connection.execute(sa.select(OPEN_CALLS.c.call).where(gone).limit(1)).first() is None:
            return 0  # without a write: this is asked with every beat
    count = 0
    while found := _enter(database, gone):
        count += found
    return count


def _enter(database: Database, gone: sa.ColumnElement[bool]) -> int:
    keys = list(OPEN_CALLS.primary_key)
    some = sa.select(*keys).where(gone).order_by(*keys).limit(AT_ONCE)
    with database.transaction() as connection:
        if connection.dialect.name == "postgresql":  # SQLite has one writer
            some = some.with_for_update(skip_locked=True)
        struck = sa.delete(OPEN_CALLS).where(sa.tuple_(*keys).in_(some)).returning(*OPEN_CALLS.columns)
        rows = [_lost(row) for row in connection.execute(struck).mappings()]
        if rows:
            connection.execute(insert(connection, CALLS).on_conflict_do_nothing(), rows)
    return len(rows)


def _gone(now: float) -> sa.ColumnElement[bool]:
    living = sa.select(WORKERS.c.name)
    dead = sa.and_(OPEN_CALLS.c.holder != "", OPEN_CALLS.c.holder.not_in(living))
    return sa.or_(dead, OPEN_CALLS.c.at < now - LONGEST)


def _lost(row: sa.RowMapping) -> dict[str, Any]:
    """Its row in the ledger: what was reserved is shown as what it took."""
    nothing = {"cached": 0, "reasoning": 0, "uncapped": 0, "seconds": 0.0, "tier": "", "request_id": ""}
    return {
        **{name: row[name] for name in _KEPT},
        **nothing,
        "input": row["tokens"] - row["output"],
        "calls": 1,
        "count": 1,
        "outcome": LOST,
    }
