"""Keeps DBOS's own log to what the operator has to hear, in the program's log."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from reviewer.jobs.work import JobFailed

EVERY = 30.0  # seconds for which a message is not said again
KINDS = 256  # of messages that are remembered
AWAY = {"OperationalError", "InterfaceError"}  # of SQLAlchemy's and the drivers' errors

_QUEUE = re.compile(r"\b(thread for|queue(?! thread)) \S+")  # each queue complains of the same
_NUMBER = re.compile(r"[0-9.]+")  # seconds, tries, line numbers
_DRIVER = re.compile(
    r"\((?:\w+\.(?:Operational|Interface)Error|psycopg\.errors\.\w*Shutdown)\)"
)  # how SQLAlchemy begins what a driver said
_ASIDE = ("[SQL: ", "(Background on this error at: ")  # what follows what the driver said
_TRACE = "Traceback (most recent call last):"


def hush() -> None:
    """DBOS's warnings and errors go where the program's own log goes, without its console handler."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # DBOS adds its own to a logger that has none
    logger.setLevel(logging.WARNING)
    logger.addFilter(_not_ours)
    logger.addFilter(_SELDOM)


def _not_ours(record: logging.LogRecord) -> bool:
    """A failed job is logged by us, with its traceback; DBOS would say it again."""
    return not (record.exc_info and isinstance(record.exc_info[1], JobFailed))


@dataclass(slots=True)
class _Said:
    at: float
    left_out: int = 0


@dataclass(slots=True)
class Seldom:
    """A filter for what is said again and again while a database is away: now and then, in one line, and how often.

    `clock` is monotonic. Errors of other kinds keep their tracebacks.
    """

    clock: Callable[[], float] = time.monotonic
    _said: dict[str, _Said] = field(default_factory=dict)  # the oldest first
    _lock: threading.Lock = field(default_factory=threading.Lock)  # queues have threads of their own

    def filter(self, record: logging.LogRecord) -> bool:
        text = _in_a_line(record)
        left_out = self._left_out(_NUMBER.sub("", _QUEUE.sub(r"\1", text))[:200])
        if left_out is None:
            return False
        record.msg, record.args = text + (f" ({left_out:,} more like it were left out)" if left_out else ""), ()
        return True

    def _left_out(self, kind: str) -> int | None:
        """How many of the kind were not said since the last one that was; None where this one is not either."""
        with self._lock:
            now, last = self.clock(), self._said.get(kind)
            if last and now - last.at < EVERY:
                last.left_out += 1
                return None
            self._said.pop(kind, None)
            self._said[kind] = _Said(now)
            if len(self._said) > KINDS:
                self._said.pop(next(iter(self._said)))
            return last.left_out if last else 0


_SELDOM = Seldom()


def _in_a_line(record: logging.LogRecord) -> str:
    """The message; of a database that does not answer without a traceback, and in one line."""
    text, error = record.getMessage(), record.exc_info[1] if record.exc_info else None
    if type(error).__name__ in AWAY:
        text, record.exc_info, record.exc_text = f"{text} {error}", None, None
    said = [*_DRIVER.finditer(text)]
    if not said:
        return text
    if _TRACE in text:  # some messages have one in them
        text = text[: text.index(_TRACE)] + text[said[-1].start() :]
    for aside in _ASIDE:
        text = text.partition(aside)[0]
    return " ".join(text.split())
