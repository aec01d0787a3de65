"""Overrides and pauses: what people ruled on a pull request, kept for good, each text within a length."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import sqlalchemy as sa

from reviewer.core.types import Override, Pause
from reviewer.store.database import Database
from reviewer.store.statements import put, whole
from reviewer.store.tables import OVERRIDES, PAUSES

MOST = 200  # of a pull request that count
MOST_FINDINGS = 500  # that an override names
LABEL = 500  # characters of what a finding is called
REASON = 2_000  # characters


class SqlRulings(Database):
    """Satisfies `ports.Rulings`."""

    async def overrides(self, installation: int, repository: str, number: int) -> tuple[Override, ...]:
        return await asyncio.to_thread(self._overrides, installation, repository, number)

    def _overrides(self, installation: int, repository: str, number: int) -> tuple[Override, ...]:
        of = _of(OVERRIDES, installation, repository, number)
        query = sa.select(OVERRIDES).where(*of).order_by(OVERRIDES.c.at.desc(), OVERRIDES.c.run).limit(MOST)
        with self.transaction() as connection:
            return tuple(reversed([override_of(row) for row in connection.execute(query).mappings()]))

    async def keep_override(self, installation: int, repository: str, override: Override) -> None:
        labels = {whole(name): whole(text[:LABEL]) for name, text in [*override.findings.items()][:MOST_FINDINGS]}
        row = {
            **_key(installation, repository, override.number, override.run),
            "head": whole(override.head),
            "base": whole(override.base),
            "by": whole(override.by),
            "reason": whole(override.reason[:REASON]),
            "findings": json.dumps(labels),
            "at": override.at or self.now(),
        }
        await asyncio.to_thread(self._keep, OVERRIDES, row)

    async def pause(self, installation: int, repository: str, number: int) -> Pause | None:
        return await asyncio.to_thread(self._pause, installation, repository, number)

    def _pause(self, installation: int, repository: str, number: int) -> Pause | None:
        of = _of(PAUSES, installation, repository, number)
        newest = sa.case((PAUSES.c.ended == 0, 0), else_=1), PAUSES.c.at.desc(), PAUSES.c.run
        with self.transaction() as connection:
            row = connection.execute(sa.select(PAUSES).where(*of).order_by(*newest).limit(1)).mappings().one_or_none()
        return pause_of(row) if row else None

    async def keep_pause(self, installation: int, repository: str, pause: Pause) -> None:
        row = {
            **_key(installation, repository, pause.number, pause.run),
            "head": whole(pause.head),
            "by": whole(pause.by),
            "at": pause.at or self.now(),
            "ended": pause.ended,
            "ended_by": whole(pause.ended_by),
        }
        await asyncio.to_thread(self._keep, PAUSES, row)

    def _keep(self, table: sa.Table, row: dict[str, Any]) -> None:
        with self.transaction() as connection:
            put(connection, table, [row])


def override_of(row: sa.RowMapping) -> Override:
    names = "number", "head", "by", "reason", "at", "base", "run"
    return Override(**{name: row[name] for name in names}, findings=json.loads(row["findings"]))


def pause_of(row: sa.RowMapping) -> Pause:
    return Pause(**{name: row[name] for name in ("number", "by", "at", "head", "run", "ended", "ended_by")})


def _key(installation: int, repository: str, number: int, run: str) -> dict[str, Any]:
    return {"installation": installation, "repository": whole(repository), "number": number, "run": whole(run)}


def _of(table: sa.Table, installation: int, repository: str, number: int) -> tuple[sa.ColumnElement[bool], ...]:
    of = table.c.installation == installation, table.c.repository == whole(repository)
    return *of, table.c.number == number
