"""After how long rows that nobody touches are struck, so that no table grows for ever."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from reviewer.store.tables import ANSWERS, DELIVERIES, RUNS, STEPS, WISHES

DAY = 86_400.0


class Old(NamedTuple):
    """Rows of `table` whose `times` (columns, seconds since the epoch) all lie so many seconds back."""

    table: sa.Table
    times: tuple[str, ...]
    seconds: float


OLD = (
    Old(DELIVERIES, ("created",), 30 * DAY),  # GitHub redelivers for 3 days, a GitHub Enterprise Server for 7
    Old(ANSWERS, ("created", "used"), 30 * DAY),  # a pull request that rests longer is paid for once more
    Old(STEPS, ("at",), 30 * DAY),
    Old(WISHES, ("at",), 30 * DAY),
    Old(RUNS, ("created",), 90 * DAY),  # what a quarter cost
)
