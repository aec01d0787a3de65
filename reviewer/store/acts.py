"""The record of what people did: added to, never changed; each text within a length."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from reviewer.core.render.acts import dismissal_label
from reviewer.core.types import Act
from reviewer.store.database import Database
from reviewer.store.statements import insert, whole
from reviewer.store.tables_acts import ACTS

MOST_FINDINGS = 500  # that an act names
NAME = 200  # characters of a name, a login, a step
LABEL = 500  # characters of what a finding is called
REASON = 2_000  # characters


class SqlActs(Database):
    """Satisfies `ports.Acts`."""

    async def keep_act(self, installation: int, repository: str, act: Act) -> None:
        await asyncio.to_thread(self._keep_act, installation, repository, act)

    def _keep_act(self, installation: int, repository: str, act: Act) -> None:
        with self.transaction() as connection:
            _add(connection, installation, repository, act, at=act.at or self.now())


def keep_past(connection: sa.Connection, rows: Iterable[sa.RowMapping]) -> None:
    """Before dismissals are struck or changed: those that an older program kept, which wrote no record."""
    for row in rows:
        if not row["forgotten"]:
            _add(connection, row["installation"], row["repository"], past_dismissal(row), at=row["at"])


def past_dismissal(row: sa.RowMapping) -> Act:
    """What the table of dismissals knows of an act; once forgotten, that there was one."""
    return Act(
        "dismissal",
        row["number"],
        row["by"],
        at=row["at"],
        findings={row["name"]: dismissal_label(row["severity"], row["path"], row["title"])},
        reason=row["reason"],
        step=f"past {row['at']:.3f} {row['name']}",
    )


def act_of(row: sa.RowMapping) -> Act:
    names = "what", "number", "by", "at", "head", "reason", "how", "run", "step"
    return Act(**{name: row[name] for name in names}, findings=json.loads(row["findings"]))


def _add(connection: sa.Connection, installation: int, repository: str, act: Act, *, at: float) -> None:
    findings = {_cut(name): whole(text[:LABEL]) for name, text in [*act.findings.items()][:MOST_FINDINGS]}
    row: dict[str, Any] = {
        "installation": installation,
        "repository": whole(repository),
        "number": act.number,
        "run": _cut(act.run),
        "step": _cut(act.step),
        "what": act.what,
        "how": act.how,
        "by": _cut(act.by),
        "head": _cut(act.head),
        "reason": whole(act.reason[:REASON]),
        "findings": json.dumps(findings),
        "at": at,
    }
    if act.run or not _known(connection, row, findings):
        connection.execute(insert(connection, ACTS).values(**row).on_conflict_do_nothing())


def _known(connection: sa.Connection, row: dict[str, Any], findings: Collection[str]) -> bool:
    """Whether it is told of this person and each of the findings already."""
    same = [ACTS.c[name] == row[name] for name in ("installation", "repository", "number", "what", "by")]
    told = connection.execute(sa.select(ACTS.c.findings).where(*same)).scalars().all()
    return set(findings) <= {name for each in told for name in json.loads(each)}


def _cut(text: str) -> str:
    return whole(text[:NAME])
