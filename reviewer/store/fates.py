"""Keeps what became of the findings that were said; it is read in `results`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import asdict

import sqlalchemy as sa

from reviewer.ports.fates import Became, Looked
from reviewer.store.database import Database
from reviewer.store.statements import insert, put, whole
from reviewer.store.tables_fates import FATES, LOOKS

MOST = 1_000  # findings of a run
LONGEST = 200  # characters of a text
AT_ONCE = 500  # names in a statement


class SqlFates(Database):
    """Satisfies `ports.Fates`."""

    async def keep_look(self, looked: Looked) -> None:
        await asyncio.to_thread(self._keep_look, looked)

    def _keep_look(self, looked: Looked) -> None:
        now = self.now()
        of = {"installation": looked.installation, "repository": whole(looked.repository), "number": looked.number}
        told = {"prompt": _cut(looked.prompt), "model": _cut(looked.model), "tokens": looked.tokens, "at": now}
        new = {**of, "prompt": told["prompt"], "said": now, "at": now, "fate": "open"}
        said = sorted((_cut(name), _cut(severity)) for name, severity in looked.said.items())[:MOST]
        with self.transaction() as connection:
            put(connection, LOOKS, [{**of, **told, **asdict(looked.quality), "run": whole(looked.run)}])
            if said:
                rows = [{**new, "name": name, "severity": severity} for name, severity in said]
                connection.execute(insert(connection, FATES).on_conflict_do_nothing(), rows)
            for fate, names in _by_fate(looked).items():
                for start in range(0, len(names), AT_ONCE):
                    ours = (FATES.c[key] == value for key, value in of.items())
                    these = *ours, FATES.c.name.in_(names[start : start + AT_ONCE])
                    changed = sa.update(FATES).where(*these, FATES.c.fate != fate)
                    connection.execute(changed.values(fate=fate, at=now))


def _by_fate(looked: Looked) -> dict[Became, list[str]]:
    found: dict[Became, list[str]] = defaultdict(list)
    for name, fate in sorted(looked.became.items()):
        found[fate].append(_cut(name))
    return found


def _cut(text: str) -> str:
    return whole(text[:LONGEST])
