"""Who waits for the model, and whose turn it is: what is urgent first, and within it each repository in turn."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass, field

# Background is never starved: after so many urgent ones in a row, one that does not hurry goes.
URGENT_IN_A_ROW = 4
KEEPS_TURN = 2  # times


@dataclass(eq=False, slots=True)
class Ticket:
    """One request that waits. `lane` is the repository; `refused` are the keys that it has had refused."""

    weight: int  # tokens
    lane: str = ""
    urgent: bool = False
    refused: Collection[str] = ()
    key: str | None = field(default=None, repr=False)  # once it may go; "" when there is no key for it
    at: float = 0.0  # when it went, for its key


class Lanes:
    """Round robin over the lanes, first come first served within one.

    With `n` lanes waiting and no urgent request, each goes at least every `n`th time; with urgent ones every
    `n * (URGENT_IN_A_ROW + 1)`th.
    """

    def __init__(self) -> None:
        self._urgent: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._background: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._row = 0

    def __len__(self) -> int:
        return sum(len(lane) for lanes in (self._urgent, self._background) for lane in lanes.values())

    @property
    def urgent(self) -> int:
        return sum(map(len, self._urgent.values()))

    def join(self, ticket: Ticket, *, again: int = 0) -> None:
        """`again`: so often it has had its turn, and it did not help. At first it keeps the turn: what is large would
        find no room between small ones. One that never fits must not keep the others waiting for ever.
        """
        lanes = self._of(ticket)
        lane = lanes.setdefault(ticket.lane, deque())
        if again:
            lane.appendleft(ticket)
            if again <= KEEPS_TURN:
                lanes.move_to_end(ticket.lane, last=False)
        else:
            lane.append(ticket)

    def leave(self, ticket: Ticket) -> None:
        lanes = self._of(ticket)
        lane = lanes.get(ticket.lane, deque())
        if ticket in lane:
            lane.remove(ticket)
        if not lane:
            lanes.pop(ticket.lane, None)

    def head(self) -> Ticket | None:
        """Whose turn it is: nobody else goes before, or what is large would never go."""
        lanes = self._next()
        return next(iter(lanes.values()))[0] if lanes else None

    def take(self) -> Ticket:
        """The head goes. Raises IndexError when nobody waits."""
        lanes = self._next()
        if not lanes:
            raise IndexError
        self._row = self._row + 1 if lanes is self._urgent and self._background else 0
        name, lane = next(iter(lanes.items()))
        ticket = lane.popleft()
        if lane:
            lanes.move_to_end(name)
        else:
            del lanes[name]
        return ticket

    def _next(self) -> OrderedDict[str, deque[Ticket]]:
        waits = self._background and self._row >= URGENT_IN_A_ROW
        return self._urgent if self._urgent and not waits else self._background

    def _of(self, ticket: Ticket) -> OrderedDict[str, deque[Ticket]]:
        return self._urgent if ticket.urgent else self._background
