"""Looks at operator tokens: strangers have few guesses, and none of them locks the operator out."""

from __future__ import annotations

import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

import structlog

TRIES = 5  # wrong tokens at once from one address; then one more for each `EVERY` seconds
EVERY = 6.0
ADDRESSES = 10_000  # whose wrong tokens are remembered at once
SPARE = 20  # tokens that are looked at beside that, from whoever it is; then one more for each `SPARE_EVERY` seconds
SPARE_EVERY = 2.0
LONGEST = 4_096  # characters of a token that are looked at
LINES = 10  # of the log a minute
MINUTE = 60.0
NETWORK = 64  # bits: who has one address of IPv6 has as many as there are within these

_log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class _Tries:
    """So many at once, then one more for each `every` seconds. `clock` is monotonic."""

    most: int
    every: float
    spent: float = 0.0
    then: float = 0.0

    def now_spent(self, now: float) -> float:
        return max(0.0, self.spent - (now - self.then) / self.every)

    def wait(self, now: float) -> float:
        """Seconds until there is one, 0 for at once."""
        return max(0.0, (self.now_spent(now) - self.most + 1) * self.every)

    def spend(self, now: float) -> None:
        self.spent, self.then = self.now_spent(now) + 1, now


@dataclass(slots=True)
class Door:
    """One for the process, so that a guess counts wherever it is made.

    Whose address has no tries left, since somebody beside them guesses, shares a few looks with all others: a guess
    that is looked at tells little, and the right token is let in.
    """

    token: str
    clock: Callable[[], float] = time.monotonic
    _guessed: OrderedDict[str, _Tries] = field(default_factory=OrderedDict)  # the one whose last guess is oldest first
    _spare: _Tries = field(default_factory=lambda: _Tries(SPARE, SPARE_EVERY))
    _told: _Tries = field(default_factory=lambda: _Tries(LINES, MINUTE / LINES))
    _untold: int = 0

    def refuses(self, given: str, *, address: str, path: str) -> float | None:
        """None for the right token, 0 for a wrong one; else the seconds until the next one is looked at."""
        now, name = self.clock(), _network(address)
        own = self._tries_of(name, now)
        wait = min(own.wait(now), self._spare.wait(now)) if own else self._spare.wait(now)
        if not wait and self.token and hmac.compare_digest(given[:LONGEST].encode(), self.token.encode()):
            return None
        self._tell(name, path, now, looked_at=not wait)
        if not wait:
            self._failed(name, own, now)
        return wait

    def _tries_of(self, name: str, now: float) -> _Tries | None:
        """None for one too many: while so many guess at once, who comes new has the spare looks only."""
        while self._guessed and not next(iter(self._guessed.values())).now_spent(now):
            self._guessed.popitem(last=False)
        if name in self._guessed or len(self._guessed) < ADDRESSES:
            return self._guessed.get(name, _Tries(TRIES, EVERY))
        return None

    def _failed(self, name: str, own: _Tries | None, now: float) -> None:
        if own is None or own.wait(now):
            self._spare.spend(now)
            return
        own.spend(now)
        self._guessed[name] = own
        self._guessed.move_to_end(name)

    def _tell(self, name: str, path: str, now: float, *, looked_at: bool) -> None:
        """A few lines a minute; the next one says how many more there were."""
        if self._told.wait(now):
            self._untold += 1
            return
        self._told.spend(now)
        _log.warning("operator.refused", address=name, path=path, looked_at=looked_at, more=self._untold)
        self._untold = 0


def seconds(wait: float) -> str:
    """For `Retry-After`: whole, and never too few."""
    return str(math.ceil(wait))


def _network(address: str) -> str:
    """Whom an address stands for: with IPv6 its network; also where it is one of IPv4 in disguise, itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        high = int(found) >> (128 - NETWORK) << (128 - NETWORK)
        return f"{IPv6Address(high)}/{NETWORK}"
    return str(found)
