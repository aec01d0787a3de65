"""What one key may ask of one model: its requests, its tokens, and for how long it is held."""

from __future__ import annotations

from collections.abc import Callable

from reviewer.model.rates.bucket import Bucket
from reviewer.model.rates.guess import Guess
from reviewer.model.rates.headers import Told
from reviewer.ports.rates import KeyRates

COLD = 8  # requests at once until the first answer says what the limits are, or that there is nothing to be heard


class Allowance:
    """Times are monotonic seconds. What the server says of its limits is kept to; where it refuses for what it does
    not speak of, that is guessed.
    """

    def __init__(self) -> None:
        self.requests, self.tokens = Bucket(), Bucket()
        self.guess = Guess()
        self.held_until = 0.0
        self.in_flight = 0
        self._cold = True
        self._last = 0.0  # when something was sent

    def wait(self, weight: float, now: float) -> float | None:
        """Seconds until it may go, 0 for now; None when an answer has to come first."""
        guessed = self.guess.wait(now, self.in_flight)
        if guessed is None or (self._cold and self.in_flight >= COLD):
            return None
        return max(self.held_until - now, self.requests.wait(1, now), self.tokens.wait(weight, now), guessed, 0.0)

    def send(self, weight: float, now: float) -> float:
        """The moment by which the answer is told apart from the others."""
        self._last = max(now, self._last + 1e-6)
        self.in_flight += 1
        self.requests.send(1, self._last)
        self.tokens.send(weight, self._last)
        self.guess.send(weight, self._last, self.in_flight)
        return self._last

    def unsend(self, weight: float, at: float) -> None:
        """It never left."""
        self.in_flight -= 1
        self.guess.unsend(at)
        self._uncount(weight, at)

    def lost(self, at: float, told: Told) -> None:
        """It left, and no good answer came."""
        self.in_flight -= 1
        self._hear(at, told)

    def answered(self, at: float, told: Told) -> None:
        self.in_flight -= 1
        self._cold = False
        self._hear(at, told)
        if self.tokens.limit is None:
            self.guess.answered()
        else:
            self.guess.told()

    def refused(self, weight: float, at: float, told: Told, now: float, wait: Callable[[int], float]) -> None:
        """It came too early: nothing more is sent for so long as `wait` says to the so manieth refusal in a row.

        Those on their way together are refused together: that is one refusal.
        """
        self.in_flight -= 1
        self._uncount(weight, at)
        self._hear(at, told)
        left = self.requests.left(now)
        known = self.tokens.limit is not None or (left is not None and left < 1)
        self.guess.refused(weight, at, now, told=known)
        self.held_until = max(self.held_until, now + wait(max(1, self.guess.row)))
        self.guess.hold(self.held_until)
        self._cold = False

    def share(self, sharers: int) -> None:
        self.requests.sharers = self.tokens.sharers = sharers

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

    def _hear(self, at: float, told: Told) -> None:
        if told.requests:
            self.requests.heard(told.requests, at)
        if told.tokens:
            self.tokens.heard(told.tokens, at)
