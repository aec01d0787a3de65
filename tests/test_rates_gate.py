"""The gate where requests wait for their turn: who waits for time sleeps, and does nothing else meanwhile."""

from __future__ import annotations

import asyncio

from reviewer.model.keys import Keys
from reviewer.model.rates.gate import Gate
from reviewer.model.rates.headers import Told
from reviewer.model.rates.lanes import Ticket
from reviewer.model.rates.shut import WAVES

TURNS = 200  # of the event loop


class Time:
    """Stands still until it is let go on; counts how often it was asked."""

    def __init__(self) -> None:
        self.now, self.asked, self.slept = 0.0, 0, list[float]()
        self.over = asyncio.Event()

    def __call__(self) -> float:
        self.asked += 1
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.over.wait()
        self.now += seconds


async def _waits() -> tuple[int, list[float], float]:
    time = Time()
    gate = Gate("m", Keys(["k"]), clock=time, sleep=time.sleep)
    first, second = Ticket(10, "a", urgent=False), Ticket(10, "b", urgent=False)
    await gate.enter(first, patience=100)
    gate.refused(first, Told(), lambda _: 30.0)
    waiting = asyncio.create_task(gate.enter(second, patience=100))
    for _ in range(TURNS):
        await asyncio.sleep(0)
    asked = time.asked
    time.over.set()
    return asked, time.slept, await waiting


async def _closes_and_opens() -> tuple[bool, bool, float]:
    time = Time()
    time.over.set()
    gate = Gate("m", Keys(["k"]), clock=time, sleep=time.sleep)
    for _ in range(WAVES):
        ticket = Ticket(10, "a")
        await gate.enter(ticket, patience=100)
        gate.refused(ticket, Told(), lambda _: 1.0)
    closed = gate.closed
    time.now += 1.0
    probe, after = Ticket(10, "a"), Ticket(10, "b")
    await gate.enter(probe, patience=100)
    gate.answered(probe, Told())
    await gate.enter(after, patience=100)
    gate.refused(after, Told(), lambda _: 5.0)
    return closed, gate.closed, await gate.enter(Ticket(10, "c"), patience=100)


async def _has_no_time() -> bool:
    time = Time()
    time.over.set()
    gate = Gate("m", Keys(["k"]), clock=time, sleep=time.sleep)
    for _ in range(2 * WAVES):
        ticket = Ticket(10, "a")
        await gate.enter(ticket, patience=100)
        gate.refused(ticket, Told(), lambda _: 1.0, throttled=False)
    return gate.closed


def test_a_server_that_is_away_is_for_the_breaker() -> None:
    """A 503 that says when to come back says nothing of limits, however often it comes."""
    assert not asyncio.run(_has_no_time())


def test_an_answer_opens_what_refusals_closed() -> None:
    """Who goes at once while nobody is waited for may find it open again: from then on others wait as ever."""
    closed, still, waited = asyncio.run(_closes_and_opens())
    assert (closed, still, waited) == (True, False, 5.0)


def test_who_waits_for_time_sleeps() -> None:
    """A key that is held costs no computing: one look at the clock for each reason to look, one sleep until it is free."""
    asked, slept, waited = asyncio.run(_waits())
    assert slept == [30.0]
    assert waited == 30.0
    assert asked < TURNS / 10
