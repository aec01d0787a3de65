"""The installations' own keys, sealed before they come here; one row each, gone when it is removed."""

from __future__ import annotations

import asyncio
from dataclasses import asdict

import sqlalchemy as sa

from reviewer.ports.keys import KeptKey
from reviewer.store.database import Database
from reviewer.store.statements import put, whole
from reviewer.store.tables import KEYS


class SqlKeys(Database):
    """Satisfies `ports.keys.Keys`."""

    async def own_key(self, installation: int) -> KeptKey | None:
        found = await asyncio.to_thread(self._own_keys, KEYS.c.installation == installation)
        return found[0] if found else None

    async def own_keys(self) -> tuple[KeptKey, ...]:
        return await asyncio.to_thread(self._own_keys, sa.true())

    def _own_keys(self, which: sa.ColumnElement[bool]) -> tuple[KeptKey, ...]:
        with self.transaction() as connection:
            rows = connection.execute(sa.select(KEYS).where(which).order_by(KEYS.c.installation)).mappings()
            return tuple(KeptKey(**row) for row in rows)

    async def keep_own_key(self, key: KeptKey) -> None:
        row = asdict(key) | {"by": whole(key.by), "at": key.at or self.now()}

        def keep() -> None:
            with self.transaction() as connection:
                put(connection, KEYS, [row])

        await asyncio.to_thread(keep)

    async def reseal(self, key: KeptKey, sealed: str) -> bool:
        as_it_was = KEYS.c.installation == key.installation, KEYS.c.sealed == key.sealed
        return await self._changed(sa.update(KEYS).where(*as_it_was).values(sealed=sealed))

    async def drop_own_key(self, installation: int) -> bool:
        return await self._changed(sa.delete(KEYS).where(KEYS.c.installation == installation))

    async def _changed(self, statement: sa.Update | sa.Delete) -> bool:
        def change() -> bool:
            with self.transaction() as connection:
                return connection.execute(statement.returning(KEYS.c.installation)).one_or_none() is not None

        return await asyncio.to_thread(change)
