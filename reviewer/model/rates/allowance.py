"""What one key may ask of one model: its requests, its tokens, and for how long it is held."""

from __future__ import annotations

from collections.abc import Callable

from reviewer.model.rates.bucket import Bucket
from reviewer.model.rates.headers import Told
from reviewer.ports.rates import KeyRates

COLD = 8  # requests at once until the first answer says what the limits are, or that there is nothing to be heard
FORGIVEN = 600.0  # seconds after which a server that says nothing of limits is no longer spared


class Allowance:
    """Times are monotonic seconds. A server that never speaks of limits is left to itself until it refuses: then one
    request goes first, and each good answer lets one more go along, as a congestion window does.
    """

    def __init__(self) -> None:
        self.requests, self.tokens = Bucket(), Bucket()
        self.held_until = 0.0
        self.in_flight = 0
        self._window: float | None = COLD  # requests at once; None: as many as there are
        self._half = float(COLD)  # from where the window opens slowly
        self._streak = 0  # refusals one after the other
        self._last = 0.0  # when something was sent
        self._refused_at = 0.0

    def wait(self, weight: float, now: float) -> float | None:
        """Seconds until it may go, 0 for now; None when an answer has to come first."""
        if self._refused_at and now - self._refused_at > FORGIVEN:
            self._window = None
        if self._window is not None and self.in_flight >= max(1.0, self._window):
            return None
        return max(self.held_until - now, self.requests.wait(1, now), self.tokens.wait(weight, now), 0.0)

    def send(self, weight: float, now: float) -> float:
        """The moment by which the answer is told apart from the others."""
        self._last = max(now, self._last + 1e-6)
        self.requests.send(1, self._last)
        self.tokens.send(weight, self._last)
        self.in_flight += 1
        return self._last

    def unsend(self, weight: float, at: float) -> None:
        """It never left."""
        self.in_flight -= 1
        self._uncount(weight, at)

    def lost(self, at: float, told: Told) -> None:
        """It left, and no good answer came."""
        self.in_flight -= 1
        if self._hear(at, told):
            self._window = None

    def answered(self, at: float, told: Told) -> None:
        self.in_flight -= 1
        self._streak = 0
        if self._hear(at, told) or not self._refused_at:
            self._window = None
        elif self._window is not None:
            self._window += 1 if self._window < self._half else 1 / self._window

    def refused(self, weight: float, at: float, told: Told, now: float, wait: Callable[[int], float]) -> None:
        """It came too early: nothing more is sent for so long as `wait` says to the so manieth refusal in a row.

        Those on their way together are refused together: that is one refusal.
        """
        together = at <= self._refused_at
        if not together:
            self._streak += 1
            self._half = max(1.0, self.in_flight / 2)
        self.in_flight -= 1
        self._uncount(weight, at)
        self._refused_at = now
        self._window = None if self._hear(at, told) else 1.0
        self.held_until = max(self.held_until, now + wait(max(1, self._streak)))

    def view(self, key: str, now: float) -> KeyRates:
        requests, tokens = self.requests, self.tokens
        return KeyRates(
            key,
            requests.limit,
            requests.left(now),
            tokens.limit,
            tokens.left(now),
            max(0.0, self.held_until - now),
            self.in_flight,
        )

    def _uncount(self, weight: float, at: float) -> None:
        self.requests.unsend(1, at)
        self.tokens.unsend(weight, at)

    def _hear(self, at: float, told: Told) -> bool:
        """Whether the server speaks of its limits, now or before."""
        if told.requests:
            self.requests.heard(told.requests, at)
        if told.tokens:
            self.tokens.heard(told.tokens, at)
        return self.requests.limit is not None or self.tokens.limit is not None
