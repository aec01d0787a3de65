"""Who is signed in: a name that nobody can guess, in a cookie and in memory, until it ends."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

HOURS = 12  # that a sign-in lasts
MOST = 1_000  # sessions at once; the oldest ends first


@dataclass(slots=True)
class Sessions:
    """They end with the process: a restart signs everybody out. `now` is in seconds since the epoch."""

    now: Callable[[], float]
    _until: dict[bytes, float] = field(default_factory=dict)  # by the hash of the name, the oldest first

    def begin(self) -> str:
        """What the cookie holds."""
        now = self.now()
        for name in [name for name, until in self._until.items() if until <= now]:
            del self._until[name]
        if len(self._until) >= MOST:
            del self._until[next(iter(self._until))]
        cookie = secrets.token_urlsafe(32)
        self._until[_name(cookie)] = now + HOURS * 3_600
        return cookie

    def holds(self, cookie: str) -> bool:
        return self._until.get(_name(cookie), 0.0) > self.now()

    def end(self, cookie: str) -> None:
        """Also for whoever has a copy of the cookie."""
        self._until.pop(_name(cookie), None)


def _name(cookie: str) -> bytes:
    """A hash, so that the time that a look takes says nothing of the names there are."""
    return hashlib.sha256(cookie.encode("utf-8", "replace")).digest()
