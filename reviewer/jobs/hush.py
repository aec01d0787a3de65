"""Keeps DBOS's own log to what the operator has to hear, in the program's log."""

from __future__ import annotations

import logging

from reviewer.jobs.work import JobFailed


def hush() -> None:
    """DBOS's warnings and errors go where the program's own log goes, without its console handler."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # DBOS adds its own to a logger that has none
    logger.setLevel(logging.WARNING)
    logger.addFilter(_not_ours)


def _not_ours(record: logging.LogRecord) -> bool:
    """A failed job is logged by us, with its traceback; DBOS would say it again."""
    return not (record.exc_info and isinstance(record.exc_info[1], JobFailed))
