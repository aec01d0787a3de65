"""Reads back what was found on a repository's last pull requests, and the configuration that it was found by."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from reviewer.core.errors import UsageError
from reviewer.core.simulate import Past
from reviewer.core.types import Anchor, Finding, Placed, Severity, Side
from reviewer.ports import KeptConfig
from reviewer.store.database import Database
from reviewer.store.engine import engine, missing
from reviewer.store.sql import SqlStore
from reviewer.store.tables import CONFIGS, RUNS


def opened(url: str) -> SqlStore:
    """The server's own database. Raises UsageError where there is none: to look into it must not make it."""
    if why := missing(url):
        raise UsageError(why)
    store = SqlStore(engine(url))
    with store.transaction() as connection:
        empty = not sa.inspect(connection).has_table(RUNS.name)
    if empty:
        store.close()
        raise UsageError("The database is empty: no `reviewer serve` has used it yet.")
    store.create_tables()  # gives those of an older program the columns that came later
    return store


def installation_of(database: Database, repository: str) -> tuple[int, str] | None:
    """The installation that reviewed the repository last, and how it writes its name; None where nobody did.

    For the operator at the command line: it looks through all installations.
    """
    query = sa.select(RUNS.c.installation, RUNS.c.repository).where(
        sa.func.lower(RUNS.c.repository) == repository.lower()
    )
    with database.transaction() as connection:
        row = connection.execute(query.order_by(RUNS.c.created.desc()).limit(1)).one_or_none()
    return None if row is None else (row.installation, row.repository)


def last_pulls(database: Database, installation: int, repository: str, count: int) -> list[Past]:
    """The newest review of each of the newest pull requests; where there is none, how its last run ended.

    By their numbers: what somebody runs again is no newer for that.
    """
    of = RUNS.c.installation == installation, RUNS.c.repository == repository
    numbers = sa.select(RUNS.c.number).where(*of).distinct().order_by(RUNS.c.number.desc())
    reviewed = sa.case((sa.and_(RUNS.c.prompt_version != "", RUNS.c.conclusion != "cancelled"), 0), else_=1)
    with database.transaction() as connection:
        found = []
        for number in connection.execute(numbers.limit(count)).scalars().all():
            query = sa.select(RUNS, reviewed.label("without")).where(*of, RUNS.c.number == number)
            order = (sa.text("without"), RUNS.c.created.desc(), RUNS.c.run)
            found.append(_past(connection.execute(query.order_by(*order).limit(1)).mappings().one()))
    return found


def newest_config(database: Database, installation: int, repository: str) -> KeptConfig | None:
    """The configuration that was seen last on any branch; None where none was."""
    of = CONFIGS.c.installation == installation, CONFIGS.c.repository == repository
    query = sa.select(CONFIGS.c.name, CONFIGS.c.text).where(*of).order_by(CONFIGS.c.at.desc(), CONFIGS.c.ref).limit(1)
    with database.transaction() as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None or not row.name else KeptConfig(row.name, row.text)


def _past(row: sa.RowMapping) -> Past:
    findings = None if row["without"] else tuple(_placed(each) for each in json.loads(row["findings"]))
    named = ("number", "head", "conclusion", "title", "problem")
    return Past(**{name: row[name] for name in named}, findings=findings)


def _placed(kept: dict[str, Any]) -> Placed:
    """What an older program kept has no confidence: it is taken for sure."""
    finding = Finding(
        path=kept["path"],
        line=kept["line"],
        end_line=None,
        quote="",
        severity=Severity.parse(kept["severity"]),
        category=kept["category"],
        confidence=kept.get("confidence", 1.0),
        title=kept["title"],
        body="",
        source=kept.get("source", "model"),
    )
    anchor = Anchor(kept["path"], Side.RIGHT, kept["line"]) if kept["placed"] else None
    return Placed(finding, anchor, fingerprint=kept["fingerprint"], confirmed=kept["confirmed"])
