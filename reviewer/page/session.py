"""Who may see the page: a signed moment in a cookie, a constant-time look at the token, and few tries for guesses."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

HOURS = 12  # that a sign-in lasts
TRIES = 5  # wrong tokens at once from one address; then one more for each `EVERY` seconds
EVERY = 6.0
ADDRESSES = 1_000  # that are remembered; the one that was heard of longest ago is forgotten first
LONGEST = 4_096  # characters of a token that are looked at


@dataclass(frozen=True, slots=True)
class Sessions:
    """Cookies that say until when they hold. They hold in every process with the same token, and end with it."""

    token: str
    now: Callable[[], float]  # seconds since the epoch

    def is_token(self, given: str) -> bool:
        return hmac.compare_digest(given[:LONGEST].encode(), self.token.encode())

    def begin(self) -> str:
        return self._signed(int(self.now()) + HOURS * 3_600)

    def holds(self, cookie: str) -> bool:
        until, _, _ = cookie.partition(".")
        if len(cookie) > 100 or not (until.isascii() and until.isdigit()):
            return False
        return hmac.compare_digest(cookie.encode(), self._signed(int(until)).encode()) and int(until) > self.now()

    def _signed(self, until: int) -> str:
        """The token is the key, behind a name of its own: what it signs elsewhere is no session."""
        key = hashlib.sha256(b"reviewer session\0" + self.token.encode()).digest()
        return f"{until}.{hmac.new(key, str(until).encode(), hashlib.sha256).hexdigest()}"


@dataclass(slots=True)
class Tries:
    """How many guesses an address has left. While it has none not even the right token is looked at, so that who asks
    often learns nothing more.
    """

    clock: Callable[[], float]  # monotonic seconds
    _spent: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)  # tries, and as of when

    def wait(self, address: str) -> float:
        """Seconds until this address may try again, 0 for at once."""
        return max(0.0, (self._now_spent(address) - TRIES + 1) * EVERY)

    def failed(self, address: str) -> None:
        self._spent[address] = (self._now_spent(address) + 1, self.clock())
        self._spent.move_to_end(address)
        if len(self._spent) > ADDRESSES:
            self._spent.popitem(last=False)

    def _now_spent(self, address: str) -> float:
        tries, then = self._spent.get(address, (0.0, 0.0))
        return max(0.0, tries - (self.clock() - then) / EVERY)
