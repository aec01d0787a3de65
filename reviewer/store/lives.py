"""How long a kept answer lives since it was last used: by its kind, and by how busy its repository is.

An answer is kept for the next push to its pull request. Where a repository has few runs, that push may come after
weeks, and what waits for it takes little room. Where it has many, pull requests are merged within days, and what
nobody has used for some days is not used again. So the life is in inverse proportion to the runs of the last week,
between two bounds: about as many answers are kept for a busy repository as for a quiet one, until the lower bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

DAY = 86_400.0
WEEK = 7 * DAY
STEADY = 20.0  # runs in a week, up to which a repository is quiet


class Life(NamedTuple):
    """Seconds since the last use."""

    quiet: float  # at most
    busy: float  # at least


_REVIEW = Life(30 * DAY, 5 * DAY)  # a pull request that rests longer is paid for once more
LIVES: Mapping[str, Life] = {
    "chunk": _REVIEW,
    "form": _REVIEW,
    "claim": _REVIEW,
    "vector": Life(90 * DAY, 90 * DAY),  # the same words mean the same; small, and asked for with every finding
    "question": Life(7 * DAY, 2 * DAY),  # about code that moves on
}
SHORTEST = min(life.busy for life in LIVES.values())


def longest(kind: str) -> float:
    """Seconds after which an answer is not served, even if no round has struck it yet."""
    return LIVES.get(kind, _REVIEW).quiet


def life_of(kind: sa.ColumnElement[str], runs: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    """Seconds, for answers of a kind in a repository with so many runs in the last week (NULL for none)."""
    return sa.case(*((kind == name, _scaled(life, runs)) for name, life in LIVES.items()), else_=_scaled(_REVIEW, runs))


def _scaled(life: Life, runs: sa.ColumnElement[Any]) -> sa.ColumnElement[float]:
    room = life.quiet * STEADY  # seconds and runs
    return sa.case(
        (sa.func.coalesce(runs, 0) <= STEADY, life.quiet),
        (runs * life.busy >= room, life.busy),
        else_=room / sa.cast(runs, sa.Float),
    )
