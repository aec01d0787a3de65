"""Makes the tables of the store and of the engine, and waits a while for a database that starts beside us."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from dbos import DBOS

from reviewer.core.errors import OutsideError
from reviewer.store import SqlStore
from reviewer.store.engine import VARIABLE, may_come

PATIENCE = 15.0  # seconds: a PostgreSQL that starts in the same moment takes some
AGAIN, TELL = 0.5, 5.0  # seconds between two tries, and between two lines of the log

_log = structlog.stdlib.get_logger(__name__)


def make(
    store: SqlStore,
    *,
    upgrade: bool = False,
    patience: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """For a thread; several processes may do so at once. Raises UsageError and OutsideError as `create_tables` does.

    The engine's own tables are brought up without a question: its versions get on with one another.
    """

    def do() -> None:
        store.create_tables(upgrade=upgrade)
        with store.told():
            DBOS.migrate(store.engine.url.render_as_string(hide_password=False))

    _await(do, patience=PATIENCE if patience is None else patience, clock=clock, sleep=sleep)


def _await(
    do: Callable[[], None], *, patience: float, clock: Callable[[], float], sleep: Callable[[float], object]
) -> None:
    end, told = clock() + patience, float("-inf")
    while True:
        try:
            return do()
        except OutsideError as error:
            now = clock()
            if not may_come(error):
                raise
            if now >= end:
                raise OutsideError(
                    f"{error}; {patience:.0f} s were not enough for it: is PostgreSQL running where {VARIABLE} says?"
                ) from error
            if now >= told + TELL:
                told = now
                _log.warning("database.waiting", reason=str(error), seconds_left=round(end - now))
            sleep(AGAIN)
