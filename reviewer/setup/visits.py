"""Who may set this server up: whoever brings the one-time token of this start, from one browser at a time."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from reviewer.setup.manifest import Wish

HOURS = 4  # that a visit lasts
STATE_SECONDS = 3_600.0  # as long as GitHub's code does
STATES = 50  # open pages of one visit; the oldest ends first


@dataclass(slots=True)
class Visit:
    """What one browser has chosen and not finished yet. `now` is in seconds since the epoch."""

    now: Callable[[], float]
    until: float
    wish: Wish | None = None
    code: str = ""  # GitHub's, that could not be turned into credentials yet
    code_until: float = 0.0
    said: str = ""  # once, on the next page
    _states: OrderedDict[bytes, float] = field(default_factory=OrderedDict)

    def new_state(self) -> str:
        """For one way to GitHub and back."""
        state = secrets.token_urlsafe(24)
        self._states[_hash(state)] = self.now() + STATE_SECONDS
        if len(self._states) > STATES:
            self._states.popitem(last=False)
        return state

    def takes(self, state: str) -> bool:
        """Whether it is one of this visit that was not used and has not ended; it is used up."""
        return self._states.pop(_hash(state), 0.0) > self.now()


class Visits:
    """The token opens one visit; they end with the process. While it is `open_end` none ends before."""

    def __init__(self, now: Callable[[], float], *, open_end: Callable[[], bool] = lambda: False) -> None:
        self._now, self._open_end = now, open_end
        self._visits: dict[bytes, Visit] = {}
        self.used = False

    def begin(self) -> str:
        """What the cookie holds; whoever calls has looked at the token."""
        self.used = True
        cookie = secrets.token_urlsafe(32)
        self._visits[_hash(cookie)] = Visit(self._now, self._now() + HOURS * 3_600)
        return cookie

    def of(self, cookie: str) -> Visit | None:
        found = self._visits.get(_hash(cookie))
        return found if found and self._lasts(found) else None

    def any(self) -> bool:
        return any(map(self._lasts, self._visits.values()))

    def _lasts(self, visit: Visit) -> bool:
        return visit.until > self._now() or self._open_end()

    def end(self) -> None:
        """All of them."""
        self._visits.clear()


def _hash(name: str) -> bytes:
    """So that the time that a look takes says nothing of what there is."""
    return hashlib.sha256(name.encode("utf-8", "replace")).digest()
