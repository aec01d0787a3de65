"""Decides for one model who may be sent now and with which key, and how long the next one has to wait.

Nothing here knows a clock: `now` is monotonic seconds. The libraries that pace (aiolimiter, limits, pyrate-limiter)
keep to a rate that they are given, first come first served; here the rate is heard from the server, shared with other
processes, and given out by repository and haste over several keys.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from reviewer.model.rates.allowance import Allowance
from reviewer.model.rates.headers import Told
from reviewer.model.rates.lanes import Lanes, Ticket
from reviewer.model.refused import masked
from reviewer.ports.rates import ModelRates


class Ring(Protocol):
    """The keys there are."""

    def in_turn(self, refused: Collection[str] = ()) -> Sequence[str]:
        """Those that may be used, beginning with the one whose turn it is."""

    def took(self) -> None:
        """The turn goes on."""


class Pacer:
    """Each ticket that joins is granted once, or leaves."""

    def __init__(self, model: str, keys: Ring, *, sharers: int = 1) -> None:
        self._model = model
        self._keys = keys
        self._sharers = sharers
        self._allowances: dict[str, Allowance] = {}
        self.lanes = Lanes()

    @property
    def idle(self) -> bool:
        return not len(self.lanes) and not any(each.in_flight for each in self._allowances.values())

    def grant(self, now: float) -> list[Ticket]:
        """Those that go now, with their keys."""
        granted = []
        while (head := self.lanes.head()) is not None:
            keys = self._keys.in_turn(head.refused)
            key = next((key for key in keys if self._of(key).wait(head.weight, now) == 0), None)
            if key is None and keys:
                break
            granted.append(self.lanes.take())
            head.key = key or ""
            if key:
                self._keys.took()
                head.at = self._of(key).send(head.weight, now)
        return granted

    def wait(self, now: float) -> float | None:
        """Seconds until the next one may go; None when nobody waits, or for an answer only."""
        head = self.lanes.head()
        if head is None:
            return None
        waits = [self._of(key).wait(head.weight, now) for key in self._keys.in_turn(head.refused)]
        return min((wait for wait in waits if wait is not None), default=None)

    def unsent(self, ticket: Ticket) -> None:
        """It was granted, and is not sent after all."""
        if ticket.key:
            self._of(ticket.key).unsend(ticket.weight, ticket.at)

    def lost(self, ticket: Ticket, told: Told) -> None:
        """It was sent; what the server made of it is not known, or of no use."""
        self._of(ticket.key or "").lost(ticket.at, told)

    def answered(self, ticket: Ticket, told: Told) -> None:
        self._of(ticket.key or "").answered(ticket.at, told)

    def refused(self, ticket: Ticket, told: Told, now: float, wait: Callable[[int], float]) -> None:
        """The server says that it was too much. See `Allowance.refused`."""
        self._of(ticket.key or "").refused(ticket.weight, ticket.at, told, now, wait)

    def share(self, sharers: int) -> None:
        """So many processes use the keys, this one too."""
        self._sharers = sharers
        for each in self._allowances.values():
            each.share(sharers)

    def view(self, now: float) -> ModelRates:
        keys = tuple(each.view(masked(key), now) for key, each in self._allowances.items())
        return ModelRates(self._model, len(self.lanes), self.lanes.urgent, keys)

    def _of(self, key: str) -> Allowance:
        if key not in self._allowances:
            self._allowances[key] = Allowance()
            self._allowances[key].share(self._sharers)
        return self._allowances[key]
