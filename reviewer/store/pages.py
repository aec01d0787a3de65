"""What the operator's page is made of: the last runs, and what the ledger comes to, by day, repository and model.

The page is about all installations together. Each query goes through an index, over a window and with a bound; what
the days before today came to is added up once, since nothing is entered there any more.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa

from reviewer.ports.overview import DAYS, Books, ShownRun, Spender, Sum
from reviewer.store.accounts import NANO
from reviewer.store.database import Database
from reviewer.store.tables import CALLS, RUNS

DAY = 86_400
LATE = 3_600  # seconds after midnight in which a call of the day before may still be entered
REVIEWS, TIMED, SPENDERS, SUMS = 12, 5_000, 1_000, 20_000
_EACH = CALLS.c.input + CALLS.c.output
_TOKENS = sa.func.sum(_EACH), sa.func.sum(sa.case((CALLS.c.cost == "", _EACH), else_=0))  # all, those without a price


class Part(NamedTuple):
    """What the ledger comes to between two moments."""

    sums: tuple[Sum, ...]
    spenders: tuple[Spender, ...]


@dataclass(slots=True)
class Before:
    """The days that have ended, from the first one of the window on."""

    first: int
    until: int  # the day that is not among them any more
    part: Part


class Pages:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._before: Before | None = None
        self._adding_up = threading.Lock()

    def books(self) -> Books:
        """For a thread. Raises OutsideError."""
        now = self._database.now()
        today = int(now // DAY)
        with self._database.transaction() as connection:
            parts = self._ended(connection, today - DAYS + 1, int((now - LATE) // DAY))
            return Books(
                reviews=_reviews(connection),
                today=_today(connection, today * DAY),
                sums=[each for part in parts for each in part.sums],
                spenders=_together(part.spenders for part in parts),
                seconds=_seconds(connection, now - DAY),
            )

    def _ended(self, connection: sa.Connection, first: int, until: int) -> tuple[Part, Part]:
        """What the ended days came to, as it was added up before, and what came since."""
        with self._adding_up:  # whoever comes second waits, which is quicker than to add up beside it
            before = self._before
            if before is None or (before.first, before.until) != (first, until):
                self._before = before = Before(first, until, _part(connection, first * DAY, until * DAY))
        return before.part, _part(connection, until * DAY, math.inf)


def _part(connection: sa.Connection, since: float, until: float) -> Part:
    within = CALLS.c.at >= since, CALLS.c.at < (until if math.isfinite(until) else 9e15)
    return Part(_sums(connection, within), _spenders(connection, within))


def _sums(connection: sa.Connection, within: tuple[sa.ColumnElement[bool], ...]) -> tuple[Sum, ...]:
    day = sa.cast(sa.func.floor(CALLS.c.at / DAY), sa.BigInteger).label("day")
    alike = day, CALLS.c.model, CALLS.c.tier, CALLS.c.outcome
    figures = sa.func.count(), sa.func.sum(CALLS.c.count), *_TOKENS, sa.func.sum(CALLS.c.nanos)
    query = sa.select(*alike, *figures).where(*within).group_by(*alike).limit(SUMS)
    return tuple(
        Sum(day, model, tier, outcome, calls, int(count), int(tokens), _dollars(nanos), int(unpriced))
        for day, model, tier, outcome, calls, count, tokens, unpriced, nanos in connection.execute(query)
    )


def _spenders(connection: sa.Connection, within: tuple[sa.ColumnElement[bool], ...]) -> tuple[Spender, ...]:
    spent = sa.func.sum(CALLS.c.nanos)
    figures = sa.func.count(), *_TOKENS, spent
    query = sa.select(CALLS.c.repository, *figures).where(*within, CALLS.c.tier == "").group_by(CALLS.c.repository)
    rows = connection.execute(query.order_by(spent.desc(), CALLS.c.repository).limit(SPENDERS))
    return tuple(
        Spender(name, calls, int(tokens), _dollars(nanos), int(unpriced))
        for name, calls, tokens, unpriced, nanos in rows
    )


def _together(parts: Iterable[Iterable[Spender]]) -> tuple[Spender, ...]:
    """One for each repository, who spent the most first."""
    found: dict[str, Spender] = {}
    for each in (spender for part in parts for spender in part):
        old = found.get(each.repository, Spender(each.repository, 0, 0, Decimal(0)))
        sums = old.calls + each.calls, old.tokens + each.tokens, old.dollars + each.dollars
        found[each.repository] = Spender(each.repository, *sums, old.unpriced + each.unpriced)
    return tuple(sorted(found.values(), key=lambda each: (-each.dollars, -each.tokens, each.repository)))


def _seconds(connection: sa.Connection, since: float) -> dict[str, list[float]]:
    """How long the newest calls took that were answered, by model."""
    answered = CALLS.c.at >= since, CALLS.c.tier == "", CALLS.c.outcome == "ok"
    query = sa.select(CALLS.c.model, CALLS.c.seconds).where(*answered).order_by(CALLS.c.at.desc()).limit(TIMED)
    found: dict[str, list[float]] = defaultdict(list)
    for model, seconds in connection.execute(query):
        found[model].append(seconds)
    return dict(found)


def _reviews(connection: sa.Connection) -> tuple[ShownRun, ...]:
    named = ("run", "repository", "number", "head", "conclusion", "title", "cost", "model", "seconds", "created")
    query = sa.select(*(RUNS.c[name] for name in named)).order_by(RUNS.c.created.desc(), RUNS.c.run).limit(REVIEWS)
    return tuple(
        ShownRun(run, repository, number, head, conclusion, title, _cost(cost), model, seconds, at)
        for run, repository, number, head, conclusion, title, cost, model, seconds, at in connection.execute(query)
    )


def _today(connection: sa.Connection, since: int) -> dict[str, int]:
    query = sa.select(RUNS.c.conclusion, sa.func.count()).where(RUNS.c.created >= since).group_by(RUNS.c.conclusion)
    return {row[0]: row[1] for row in connection.execute(query.limit(10))}


def _dollars(nanos: int | Decimal) -> Decimal:
    return Decimal(int(nanos)) / NANO


def _cost(kept: str) -> Decimal | None:
    return Decimal(kept) if kept[:1].isdigit() else None  # "None" where no price was known
