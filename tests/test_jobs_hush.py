"""What DBOS logs while a database is away: seldom, in one line, with how much was left out."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from reviewer.jobs.hush import EVERY, Seldom

REFUSED = (
    '(psycopg.OperationalError) connection failed: connection to server at "127.0.0.1", port 5432 failed: refused\n'
    "\tIs the server running on that host?\n(Background on this error at: https://sqlalche.me/e/20/e3q8)"
)


def said(filter_: Seldom, text: str, error: Exception | None = None) -> logging.LogRecord | None:
    about = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("dbos", logging.WARNING, __file__, 1, text, (), about)
    return record if filter_.filter(record) else None


def test_a_flood_is_a_line_now_and_then() -> None:
    """Whichever queue says it, however often it was tried; another reason is another message."""
    now = [0.0]
    seldom = Seldom(clock=lambda: now[0])
    first = said(seldom, f"Exception encountered in queue thread for reviews: {REFUSED}")
    assert first
    assert "\n" not in first.getMessage()
    assert "sqlalche.me" not in first.getMessage()
    assert first.getMessage().endswith("Is the server running on that host?")
    for queue in ("reviews", "commands", "arrivals"):
        assert said(seldom, f"Exception encountered in queue thread for {queue}: {REFUSED}") is None
    assert said(seldom, "Exception encountered in queue thread for reviews: something else")
    assert said(seldom, f"Exception reloading queue reviews from database: {REFUSED}")
    assert said(seldom, "Database connection failed: x. Retrying in 0.51s (attempt 1)")
    assert said(seldom, "Database connection failed: x. Retrying in 1.27s (attempt 2)") is None
    now[0] = EVERY
    again = said(seldom, f"Exception encountered in queue thread for commands: {REFUSED}")
    assert again
    assert again.getMessage().endswith("(3 more like it were left out)")


def test_only_a_database_that_is_away_loses_its_traceback() -> None:
    """The reason stays in the message; what is nobody's outage is to be found by its traceback."""
    seldom = Seldom()
    refused = sa.exc.OperationalError("SELECT 1", {}, Exception("100 % refused"))
    away = said(seldom, "Exception encountered in background workflow:", refused)
    assert away
    assert away.exc_info is None
    assert "100 % refused" in away.getMessage()
    trace = "Traceback (most recent call last):\n  File x, line 1\nsqlalchemy.exc.OperationalError: "
    inside = said(seldom, f"Exception polling schedules: {trace}{REFUSED}\n[SQL: SELECT 1]")
    assert inside
    assert inside.getMessage().startswith("Exception polling schedules: (psycopg.OperationalError) connection failed")
    assert "SQL: " not in inside.getMessage()
    odd = said(seldom, "Exception encountered in asynchronous workflow:", ValueError("odd"))
    assert odd
    assert odd.exc_info
