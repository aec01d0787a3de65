"""Finds out by being refused what a server allows that never says so: how much a minute, and how many at once."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

MINUTE = 60.0
# After a refusal a part of what was let in before is asked for; after so many seconds as much again, and from then on
# more and more, slowly at first (the curve of CUBIC, RFC 9438): near the limit refusals are rare, and one that has
# risen is found within minutes.
LESS = 0.85
RETURN = 60.0
# The first pace is what was let in within a minute, which says too little of a server that counts by the second: it
# doubles until the next refusal, which then says how far that was too much.
DOUBLES = 10.0  # seconds
TOO_FAR = 0.7
AT_ONCE = 4.0  # seconds of the pace that may go together after a pause
PROVEN = 120.0  # seconds for which it counts how many were let in at once
FORGIVEN = 600.0  # seconds after which a server that refused is no longer spared
LONGEST = 60.0  # seconds that a pace may hold the next one
MANY = 1_000  # requests that are kept in mind
NEVER = -math.inf


@dataclass(slots=True)
class _Sent:
    at: float
    weight: float
    beside: int  # in flight with it, itself too


class Guess:
    """Times are monotonic seconds. Until the first refusal everything may go."""

    def __init__(self) -> None:
        self.row = 0  # refusals one after the other, with nothing let in between
        self._sent: deque[_Sent] = deque()  # those that were not refused, in order
        self._refused_at = NEVER  # the last wave of refusals: what was sent before belongs to it
        self._before = (0.0, False)  # pace and whether it was a first one, before the last wave of refusals
        self._beside = 0  # the most that were in flight with one of them
        self._peak = 0.0  # tokens a second that were too much; 0: not known
        self._starting = False  # the pace is a first one
        self._at_once = 0.0  # requests; 0: as many as there are
        self._opening = False  # nothing had been let in: with each good answer one more may go along
        self._next = 0.0  # when the next one may go

    def wait(self, now: float, in_flight: int) -> float | None:
        """Seconds until one more may go; None when an answer has to come first."""
        if NEVER < self._refused_at < now - FORGIVEN:
            self.told()
            self._refused_at, self.row = NEVER, 0
        if self._at_once and in_flight >= max(1.0, self._at_once * max(1.0, self._growth(now))):
            return None
        return max(0.0, self._next - now) if self._peak else 0.0

    def send(self, weight: float, at: float, in_flight: int) -> None:
        """`at` is later than that of whatever was sent before."""
        self._sent.append(_Sent(at, weight, in_flight))
        while len(self._sent) > MANY or self._sent[0].at < at - PROVEN:
            self._sent.popleft()
        if self._peak:
            self._next = max(self._next, at - AT_ONCE) + weight / self._pace(at)

    def answered(self) -> None:
        self._at_once += self._opening

    def unsend(self, at: float) -> _Sent | None:
        """It was not let in, or never left."""
        sent = next((each for each in reversed(self._sent) if each.at == at), None)
        if sent:
            self._sent.remove(sent)
            for later in self._sent:
                later.beside -= later.at > at
        return sent

    def refused(self, weight: float, at: float, now: float, *, told: bool) -> None:
        """Those that were on their way together are refused together: that is one refusal. `told`: the server says
        what its limit is, and nothing has to be guessed.
        """
        sent = self.unsend(at)
        if at > self._refused_at:
            let_in = any(self._refused_at < each.at < at for each in self._sent)
            self.row = 1 if let_in else self.row + 1
            self._before = (self._pace(now) if self._peak else 0.0, self._starting)
            self._refused_at, self._beside = now, 0
        if told:
            self.told()
            return
        most = max((each.beside for each in self._sent), default=1)
        self._beside = max(self._beside, sent.beside if sent else 0)
        self._opening = not self._sent
        if self._beside > most or self._opening:
            self._at_once = most
            self._peak, self._starting = self._before
        elif self.row == 1:
            self._slower(now)
        self._next = now
        if self._peak and not self._starting:
            self._next += min(weight / self._pace(now), LONGEST)

    def _slower(self, now: float) -> None:
        """It was too much a minute."""
        before, starting = self._before
        minute, lately = (self._let_in(now, period) for period in (MINUTE, MINUTE / 6))
        if not before:
            self._peak, self._starting = minute, bool(minute)
        else:
            before *= TOO_FAR if starting else 1
            self._peak, self._starting = min(before, max(minute, lately)) or before, False

    def _let_in(self, now: float, period: float) -> float:
        """Tokens a second."""
        return sum(each.weight for each in self._sent if each.at > now - period) / period

    def hold(self, until: float) -> None:
        """Nothing goes before, and nothing is saved up until then."""
        self._next = max(self._next, until)

    def told(self) -> None:
        """The server speaks of its limits: nothing is guessed any more."""
        self._peak = self._at_once = self._next = 0.0
        self._starting = self._opening = False

    def _pace(self, now: float) -> float:
        """Tokens a second."""
        doubled = LESS * 2.0 ** ((now - self._refused_at) / DOUBLES)
        return self._peak * (doubled if self._starting else self._growth(now))

    def _growth(self, now: float) -> float:
        """What is tried now as a part of what was too much."""
        return 1 + (1 - LESS) * ((now - self._refused_at - RETURN) / RETURN) ** 3
