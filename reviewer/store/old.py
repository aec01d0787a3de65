"""After how long rows that nobody touches are struck, so that no table grows for ever."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from reviewer.store.tables import ACCOUNTS, CALLS, CONFIGS, DELIVERIES, LEASES, RESERVATIONS, RUNS, STEPS, WISHES
from reviewer.store.tables_acts import ACTS
from reviewer.store.tables_commands import COMMANDS
from reviewer.store.tables_fates import FATES, LOOKS

DAY = 86_400.0


class Old(NamedTuple):
    """Rows of `table` whose `time` (a column, seconds since the epoch) lies so many seconds back."""

    table: sa.Table
    time: str
    seconds: float


OLD = (
    Old(DELIVERIES, "created", 30 * DAY),  # GitHub redelivers for 3 days, a GitHub Enterprise Server for 7
    Old(STEPS, "at", 30 * DAY),
    Old(WISHES, "at", 30 * DAY),
    Old(RUNS, "created", 90 * DAY),  # what a quarter cost
    Old(CONFIGS, "at", 90 * DAY),
    Old(RESERVATIONS, "until", 0.0),  # nobody holds it any more
    Old(ACCOUNTS, "until", 7 * DAY),  # a call that was booked in a window is settled by then; the ledger stays
    Old(CALLS, "at", 400 * DAY),  # a year and the month after it, to be compared with
    Old(COMMANDS, "at", DAY),  # the limits look back for an hour
    Old(FATES, "said", 400 * DAY),
    Old(LOOKS, "at", 400 * DAY),
    Old(LEASES, "until", DAY),
    Old(ACTS, "at", 731 * DAY),  # two years, of which one may be a leap year; COMMANDS promises them
)
