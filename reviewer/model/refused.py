"""Which of a provider's keys were refused and since when: told once in the log, and shown to the operator."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import structlog

from reviewer.ports.keys import last_of

_log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class RefusedKeys:
    """A key is in it from its first refusal until it has worked again."""

    since: dict[str, tuple[float, str]] = field(default_factory=dict)  # by key: seconds since the epoch, and why

    def add(self, key: str, *, whose: str, code: str) -> None:
        if key not in self.since:
            self.since[key] = time.time(), code
            _log.warning("model.key_refused", key=masked(key), whose=whose, code=code)

    def discard(self, key: str) -> None:
        self.since.pop(key, None)


def masked(key: str) -> str:
    return f"…{last_of(key)}"
