"""How an error of a job is told: to the log, and in the one sentence that the database keeps of it."""

from __future__ import annotations

import logging

from reviewer.core.errors import Gone, ReviewerError

log = logging.getLogger(__name__)


def told(event: str, error: Exception, run: str) -> None:
    """What we raised on purpose says in a sentence what is so; where it was raised helps nobody."""
    if isinstance(error, Gone):
        log.info(event, extra={"run": run, "reason": str(error)})
    elif isinstance(error, ReviewerError):
        log.error(event, extra={"run": run, "reason": str(error)})
    else:
        log.error(event, extra={"run": run}, exc_info=error)


def sentence(error: Exception) -> str:
    """What may rest of an error: our own sentence; of a stranger's only the name, since its text may quote code."""
    if isinstance(error, ReviewerError):
        return str(error)
    return f"unexpected {type(error).__name__}; the log has its traceback at job.failed"
