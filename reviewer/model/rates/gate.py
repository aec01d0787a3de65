"""Where the requests to one model wait for their turn; tasks of several threads and event loops share it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from reviewer.model.rates.headers import Told
from reviewer.model.rates.lanes import Ticket
from reviewer.model.rates.pacer import Pacer, Ring
from reviewer.model.rates.shut import Shut
from reviewer.ports.rates import ModelRates

SHORTEST = 0.01  # seconds to sleep
MOST = 64  # models whose rates are kept: any repository may name one


class Full(Exception):
    """Patience ended before there was room. `others` wait as well."""

    def __init__(self, others: int) -> None:
        super().__init__()
        self.others = others


class Gate:
    """Only the one whose turn it is sleeps for time; the others wait until it has gone. So nobody comes back together
    with others, and a key that is held is held for all of them.
    """

    def __init__(
        self,
        model: str,
        keys: Ring,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        sharers: int = 1,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._slept = 0.0  # until when: a sleep has passed, whatever the clock says
        self._lock = threading.Lock()
        self._shut = Shut(self._now)
        self._pacer = Pacer(model, keys, sharers=sharers)
        self._wakes: dict[Ticket, Callable[[], object]] = {}

    @property
    def idle(self) -> bool:
        with self._lock:
            return self._pacer.idle

    @property
    def closed(self) -> bool:
        """The server lets nobody in: whoever cannot go at once gives up."""
        with self._lock:
            return self._shut.closed

    async def enter(self, ticket: Ticket, *, patience: float, again: int = 0) -> float:
        """Wait until `ticket.key` is set; the seconds that it took. Then one of the four below has to follow.
        `again`: see `Lanes.join`.

        Raises Full after `patience` seconds, or as soon as it is known that they will not do.
        """
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        with self._lock:
            began = self._now()
            self._pacer.lanes.join(ticket, again=again)
            self._wakes[ticket] = lambda: loop.call_soon_threadsafe(event.set)
            self._go_on(ticket)
        try:
            async with asyncio.timeout(patience):
                while (delay := self._delay(ticket, began + patience)) is None or delay > 0:
                    await self._nap(event, delay)
        except BaseException as error:
            others = self._leave(ticket)
            if isinstance(error, TimeoutError):
                raise Full(others) from None
            raise
        with self._lock:
            self._wakes.pop(ticket, None)
            return self._now() - began

    def unsent(self, ticket: Ticket) -> None:
        with self._lock:
            self._pacer.unsent(ticket)
            self._go_on()

    def lost(self, ticket: Ticket, told: Told) -> None:
        with self._lock:
            self._pacer.lost(ticket, told)
            self._go_on()

    def answered(self, ticket: Ticket, told: Told) -> None:
        with self._lock:
            self._shut.answered()
            self._pacer.answered(ticket, told)
            self._go_on()

    def refused(
        self,
        ticket: Ticket,
        told: Told,
        wait: Callable[[int], float],
        *,
        asked: float | None = None,
        throttled: bool = True,
    ) -> None:
        """`wait` gives the seconds for so many refusals in a row; `asked` are those that the server asks for. Not
        `throttled`: it has no time now, which says nothing of its limits.
        """
        with self._lock:
            self._pacer.refused(ticket, told, self._now(), wait)
            if throttled and self._shut.refused(ticket.at, asked):
                for wake in list(self._wakes.values()):
                    _call(wake)
            self._go_on()

    def share(self, sharers: int) -> None:
        with self._lock:
            self._pacer.share(sharers)
            self._go_on()

    def view(self) -> ModelRates:
        with self._lock:
            return self._pacer.view(self._now())

    def _now(self) -> float:
        return max(self._clock(), self._slept)

    def _delay(self, ticket: Ticket, deadline: float) -> float | None:
        """Seconds to sleep, 0 when it may go; None: until it is woken. Raises TimeoutError when it is no use."""
        with self._lock:
            self._go_on(ticket)
            if ticket.key is not None:
                return 0.0
            if self._shut.closed:
                raise TimeoutError
            now = self._now()
            delay = self._pacer.wait(now) if self._pacer.lanes.head() is ticket else None
            if delay is not None and now + delay > deadline:
                raise TimeoutError
            return delay if delay is None else max(delay, SHORTEST)

    async def _nap(self, event: asyncio.Event, delay: float | None) -> None:
        """Until woken, or for so long."""
        if delay is None:
            await event.wait()
        else:
            with self._lock:
                until = self._now() + delay
            woken = asyncio.ensure_future(event.wait())
            slept = asyncio.ensure_future(self._sleep(delay))
            try:
                await asyncio.wait({woken, slept}, return_when=asyncio.FIRST_COMPLETED)
                if slept.done():
                    with self._lock:
                        self._slept = max(self._slept, until)
            finally:
                woken.cancel()
                slept.cancel()
        event.clear()

    def _leave(self, ticket: Ticket) -> int:
        """It waits no more; how many do."""
        with self._lock:
            self._wakes.pop(ticket, None)
            if ticket.key is None:
                self._pacer.lanes.leave(ticket)
            else:
                self._pacer.unsent(ticket)
            others = len(self._pacer.lanes)
            self._go_on()
            return others

    def _go_on(self, awake: Ticket | None = None) -> None:
        """Let go who may, and see that the next one watches the time; `awake` does so already."""
        for ticket in [*self._pacer.grant(self._now()), self._pacer.lanes.head()]:
            wake = self._wakes.get(ticket) if ticket and ticket is not awake else None
            if wake:
                _call(wake)


def _call(wake: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # its loop is closed: its task has left, or is leaving
        wake()


class Rates:
    """The gates of one provider's models, by name."""

    def __init__(self, keys: Ring, *, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]]) -> None:
        self._keys, self._clock, self._sleep = keys, clock, sleep
        self._sharers = 1
        self._gates: dict[str, Gate] = {}
        self._lock = threading.Lock()

    def gate(self, model: str) -> Gate:
        with self._lock:
            if model not in self._gates and len(self._gates) >= MOST:
                idle = next((name for name, gate in self._gates.items() if gate.idle), None)
                self._gates.pop(idle or "", None)
            if model not in self._gates:
                self._gates[model] = Gate(
                    model, self._keys, clock=self._clock, sleep=self._sleep, sharers=self._sharers
                )
            return self._gates[model]

    def share(self, sharers: int) -> None:
        """So many processes use the keys, this one too: each takes its part where the others are seen to take."""
        with self._lock:
            self._sharers = max(1, sharers)
            gates = list(self._gates.values())
        for gate in gates:
            gate.share(self._sharers)

    def view(self) -> tuple[ModelRates, ...]:
        """What the page and the metrics show."""
        with self._lock:
            gates = list(self._gates.values())
        return tuple(gate.view() for gate in gates)
