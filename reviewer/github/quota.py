"""How many requests GitHub still allows, by what it says in its answers' headers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

KINDS = ("core", "graphql")  # what the limits are counted for, as far as we ask for it
OTHER = "other"


class Quota:
    """Shared by all connections, each of which has limits of its own. `now` is in seconds since the epoch."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._left: dict[tuple[int, str], tuple[int, float]] = {}  # (requests, until when)

    def note(self, connection: int, headers: Mapping[str, str]) -> None:
        """What an answer to `connection` says, if anything: a GitHub Enterprise Server may have no limits."""
        left, until = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-reset", "")
        if not (left.isdecimal() and until.isdecimal() and len(left) < 12 and len(until) < 12):
            return
        kind = headers.get("x-ratelimit-resource", "core")
        self._left[connection, kind if kind in KINDS else OTHER] = (int(left), float(until))

    def lowest(self) -> dict[str, int]:
        """The fewest requests that are left to one connection, by kind, until its limit is counted anew."""
        lowest: dict[str, int] = {}
        for key, (left, until) in list(self._left.items()):
            if until <= self._now():
                self._left.pop(key, None)
            else:
                lowest[key[1]] = min(left, lowest.get(key[1], left))
        return lowest
