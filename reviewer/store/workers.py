"""Which workers live, and what one of them at a time does for all; times are the database's, so clocks may differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from reviewer.store.open_calls import enter_lost
from reviewer.store.sql import SqlStore
from reviewer.store.statements import insert
from reviewer.store.tables import LEASES, TAKEOVERS, WORKERS
from reviewer.store.upkeep import prune


@dataclass(frozen=True, slots=True)
class Worker:
    """One start of one process. `host` is the same only for processes that see one another by their ids."""

    name: str
    host: str
    pid: int


class Workers:
    """Every method is one short transaction for a thread, and raises OutsideError."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def beat(self, me: Worker) -> bool:
        """Say that `me` lives. False when it is new, or had been counted out meanwhile."""
        with self._store.transaction() as connection:
            now = self._store.clock(connection)
            known = sa.update(WORKERS).where(WORKERS.c.name == me.name).values(beat=now).returning(WORKERS.c.name)
            if connection.execute(known).first():
                return True
            row = {"name": me.name, "host": me.host, "pid": me.pid, "beat": now}
            connection.execute(
                insert(connection, WORKERS).values(row).on_conflict_do_update(index_elements=["name"], set_=row)
            )
            return False

    def leave(self, name: str) -> None:
        with self._store.transaction() as connection:
            connection.execute(sa.delete(WORKERS).where(WORKERS.c.name == name))

    def all(self, *, dead_after: float) -> dict[Worker, bool]:
        """Every worker, and whether it has been heard of within the last `dead_after` seconds."""
        with self._store.transaction() as connection:
            heard = WORKERS.c.beat >= self._store.clock(connection) - dead_after
            rows = connection.execute(sa.select(WORKERS, heard.label("heard"))).all()
        return {Worker(row.name, row.host, row.pid): bool(row.heard) for row in rows}

    def count_out(self, gone: Collection[str], *, dead_after: float) -> set[str]:
        """Strike the workers that were not heard of for so long, and `gone`; the names of those that are left."""
        with self._store.transaction() as connection:
            silent = WORKERS.c.beat < self._store.clock(connection) - dead_after
            connection.execute(sa.delete(WORKERS).where(sa.or_(silent, WORKERS.c.name.in_(gone))))
            return set(connection.execute(sa.select(WORKERS.c.name)).scalars())

    def enter_lost(self) -> int:
        """Enter the calls into the ledger that the workers which were counted out had under way; how many."""
        return enter_lost(self._store)

    # --- leases ---------------------------------------------------------------------------------------------------

    def lease(self, name: str, holder: str, seconds: float) -> bool:
        """Whether `holder` alone may do `name` for so long, from now on."""
        with self._store.transaction() as connection:
            now = self._store.clock(connection)
            row: dict[str, Any] = {"holder": holder, "until": now + seconds}
            first = insert(connection, LEASES).values(name=name, **row)
            free = sa.or_(LEASES.c.until < now, LEASES.c.holder == holder)
            taken = first.on_conflict_do_update(index_elements=["name"], set_=row, where=free).returning(LEASES.c.name)
            return connection.execute(taken).first() is not None

    def release(self, name: str, holder: str) -> None:
        with self._store.transaction() as connection:
            connection.execute(sa.delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == holder))

    # --- takeovers ------------------------------------------------------------------------------------------------

    def begun_before(self, workflow: str) -> int:
        """How often the workflow had been begun by workers that died of it, or with it."""
        query = sa.select(TAKEOVERS.c.begun).where(TAKEOVERS.c.workflow == workflow)
        with self._store.transaction() as connection:
            return connection.execute(query).scalar_one_or_none() or 0

    def add_begun(self, begun: Mapping[str, int]) -> None:
        with self._store.transaction() as connection:
            statement = insert(connection, TAKEOVERS)
            more = {"begun": TAKEOVERS.c.begun + statement.excluded.begun}
            rows = [{"workflow": workflow, "begun": count} for workflow, count in begun.items()]
            connection.execute(statement.on_conflict_do_update(index_elements=["workflow"], set_=more), rows)

    # --- pruning --------------------------------------------------------------------------------------------------

    def forget(self, workflows: Collection[str]) -> None:
        with self._store.transaction() as connection:
            connection.execute(sa.delete(TAKEOVERS).where(TAKEOVERS.c.workflow.in_(workflows)))

    def prune(self, *, at_most: int) -> int:
        """One round over all tables: so many rows of each kind; how many went."""
        return prune(self._store, at_most=at_most, most_bytes=self._store.cache_bytes)
