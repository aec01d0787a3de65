"""Reads how prompts did: by pull request for a comparison, by day for the quality; about all installations together.

Each query goes through an index on time and has a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from reviewer.core.quality import Measure, Pull, Share, Shares
from reviewer.store.database import Database
from reviewer.store.tables import DISMISSALS
from reviewer.store.tables_fates import FATES, LOOKS

DAY = 86_400
MOST_LOOKS, MOST_LABELS = 50_000, 200
FIGURES = 6  # of a share
PLACE = ("installation", "repository", "number")
# Of a look: what was not good, and of how many.
BAD: dict[Measure, tuple[str, str]] = {
    "schema": ("unread", "answers"),
    "placed": ("astray", "findings"),
    "confirmed": ("refuted", "checked"),
}


class Used(NamedTuple):
    """A prompt's label, and what it was used for."""

    label: str
    looks: int
    first: float  # seconds since the epoch
    last: float


class Results:
    """Reads only; every method is for a thread, and raises OutsideError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> float:
        return self._database.now()

    def labels(self, since: float) -> list[Used]:
        """What was in use since then, the newest first."""
        last = sa.func.max(LOOKS.c.at)
        figures = LOOKS.c.prompt, sa.func.count(), sa.func.min(LOOKS.c.at), last
        query = sa.select(*figures).where(LOOKS.c.at >= since).group_by(LOOKS.c.prompt)
        with self._database.transaction() as connection:
            rows = connection.execute(query.order_by(last.desc(), LOOKS.c.prompt).limit(MOST_LABELS))
            return [Used(*row) for row in rows]

    def reach(self, labels: Sequence[str], since: float) -> float:
        """From when on there are no more than `MOST_LOOKS` looks with these prompts; not before `since`."""
        theirs = sa.select(LOOKS.c.at).where(LOOKS.c.at >= since, LOOKS.c.prompt.in_(labels))
        with self._database.transaction() as connection:
            oldest = connection.execute(theirs.order_by(LOOKS.c.at.desc()).offset(MOST_LOOKS).limit(1)).scalar()
        return since if oldest is None else float(oldest)

    def pulls(self, labels: Sequence[str], since: float) -> list[Pull]:
        """The pull requests that one of the prompts has looked at since then, the newest first; of a finding, what
        became of it until now. To be asked within the `reach`.
        """
        last = sa.func.max(LOOKS.c.at)
        by = [*(LOOKS.c[name] for name in PLACE), LOOKS.c.prompt]
        sums = [sa.func.sum(LOOKS.c[name]) for name in ("tokens", "answers", "unread")]
        figures: list[sa.ColumnElement[Any]] = [*by, *sums, sa.func.min(LOOKS.c.at), last]
        looks = sa.select(*figures)
        looks = looks.where(LOOKS.c.at >= since, LOOKS.c.prompt.in_(labels)).group_by(*by)
        with self._database.transaction() as connection:
            found = connection.execute(looks.order_by(last.desc(), *by)).all()
            became = _became(connection, labels, since)
        return [_pull(tuple(row), became.get(tuple(row[:4]), (0,) * 5)) for row in found]

    def shares(self, since: float, until: float) -> Shares:
        """Between two moments."""
        with self._database.transaction() as connection:
            return {**_of_looks(connection, since, until), "fixed": _of_fates(connection, since, until)}

    def days(self, count: int) -> list[tuple[int, Shares]]:
        """Of so many days (since the epoch, UTC), today first; those on which nothing happened are left out."""
        today = int(self.now() // DAY)
        found = [(day, self.shares(day * DAY, (day + 1) * DAY)) for day in range(today, today - count, -1)]
        return [(day, shares) for day, shares in found if any(share.total for share in shares.values())]


def _pull(row: Sequence[Any], became: Sequence[int]) -> Pull:
    installation, repository, number, prompt, tokens, answers, unread, first, last = row
    counts = dict(zip(("said", "fixed", "dismissed", "refuted", "outdated"), became, strict=True))
    spent = {"tokens": int(tokens), "answers": int(answers), "unread": int(unread)}
    return Pull(installation, repository, number, prompt, **counts, **spent, first=first, last=last)


def _became(
    connection: sa.Connection, labels: Sequence[str], since: float
) -> dict[tuple[object, ...], tuple[int, ...]]:
    """By place and label. What was dismissed after the last look is known only from the dismissals."""
    same = (DISMISSALS.c[name] == FATES.c[name] for name in (*PLACE, "name"))
    kept = sa.and_(*same, DISMISSALS.c.forgotten == 0)
    fate = sa.case((DISMISSALS.c.name.is_not(None), "dismissed"), else_=FATES.c.fate)
    counts = [
        sa.func.sum(sa.case((fate == name, 1), else_=0)) for name in ("fixed", "dismissed", "refuted", "outdated")
    ]
    by = *(FATES.c[name] for name in PLACE), FATES.c.prompt
    query = sa.select(*by, sa.func.count(), *counts).select_from(FATES.outerjoin(DISMISSALS, kept))
    query = query.where(FATES.c.said >= since, FATES.c.prompt.in_(labels)).group_by(*by)
    return {tuple(row[:4]): tuple(map(int, row[4:])) for row in connection.execute(query)}


def _of_looks(connection: sa.Connection, since: float, until: float) -> dict[Measure, Share]:
    names = sorted({name for pair in BAD.values() for name in pair})
    sums = [sa.func.sum(LOOKS.c[name]).label(name) for name in names]
    by = _by_day(LOOKS, until)
    pulls = sa.select(*sums).where(LOOKS.c.at >= since, LOOKS.c.at < until).group_by(*by).subquery()
    figures = [_figures(pulls.c[bad], pulls.c[total]) for bad, total in BAD.values()]
    row = connection.execute(sa.select(*(each for some in figures for each in some))).one()
    return {name: _share(row[FIGURES * at : FIGURES * at + FIGURES]) for at, name in enumerate(BAD)}


def _of_fates(connection: sa.Connection, since: float, until: float) -> Share:
    """Of what came to an end by people within the time."""
    ended = FATES.c.at >= since, FATES.c.at < until, FATES.c.fate.in_(("fixed", "dismissed"))
    dismissed = sa.func.sum(sa.case((FATES.c.fate == "dismissed", 1), else_=0)).label("dismissed")
    counted = sa.select(dismissed, sa.func.count().label("total"))
    pulls = counted.where(*ended).group_by(*_by_day(FATES, until)).subquery()
    row = connection.execute(sa.select(*_figures(pulls.c.dismissed, pulls.c.total))).one()
    return _share(row)


def _by_day(table: sa.Table, until: float) -> list[sa.ColumnElement[object]]:
    """A pull request counts once for each 24 hours."""
    return [sa.func.floor((until - table.c.at) / DAY), *(table.c[name] for name in PLACE)]


def _figures(bad: sa.ColumnElement[int], total: sa.ColumnElement[int]) -> list[sa.ColumnElement[int]]:
    """What is bad, of how many, in how many pull requests with anything bad; and the squares."""
    squares = [sa.func.sum(one * other) for one, other in ((bad, bad), (bad, total), (total, total))]
    return [sa.func.sum(bad), sa.func.sum(total), sa.func.sum(sa.case((bad > 0, 1), else_=0)), *squares]


def _share(row: Sequence[int | None]) -> Share:
    bad, total, bad_pulls, *squares = (int(figure or 0) for figure in row)
    return Share(total - bad, total, bad_pulls, (squares[0], squares[1], squares[2]))
