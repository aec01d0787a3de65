"""Configuration files: the last one of each branch that could be read, for the day on which the next one cannot."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import sqlalchemy as sa

from reviewer.ports import KeptConfig
from reviewer.store.database import Database
from reviewer.store.statements import put, whole
from reviewer.store.tables import CONFIGS

DAY = 86_400.0


class SqlConfigs(Database):
    """Satisfies `ports.Configs`."""

    async def kept_config(self, installation: int, repository: str, ref: str) -> KeptConfig | None:
        found = await asyncio.to_thread(self._kept_config, installation, repository, ref)
        return None if found is None else found[0]

    def _kept_config(self, installation: int, repository: str, ref: str) -> tuple[KeptConfig, float] | None:
        """And when it was seen last."""
        query = sa.select(CONFIGS).where(
            CONFIGS.c.installation == installation, CONFIGS.c.repository == repository, CONFIGS.c.ref == whole(ref)
        )
        with self.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (KeptConfig(row.name, row.text, row.digest), row.at)

    async def keep_config(self, installation: int, repository: str, ref: str, kept: KeptConfig) -> None:
        await asyncio.to_thread(self._keep_config, installation, repository, ref, replace(kept, text=whole(kept.text)))

    def _keep_config(self, installation: int, repository: str, ref: str, kept: KeptConfig) -> None:
        """It seldom changes, and a read waits for no disk; what is in use is written once a day, or it would be old."""
        known = self._kept_config(installation, repository, ref)
        if known is not None and known[0] == kept and known[1] > self.now() - DAY:
            return
        key = {"installation": installation, "repository": repository, "ref": whole(ref)}
        row = {"name": kept.path, "text": kept.text, "digest": kept.digest, "at": self.now()}
        with self.transaction() as connection:
            put(connection, CONFIGS, [{**key, **row}])
