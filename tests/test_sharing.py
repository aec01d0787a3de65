"""Each worker process hears how many there are, and its models take their part."""

from __future__ import annotations

import asyncio

import pytest

from reviewer.core.errors import OutsideError
from reviewer.model.keys import Keys
from reviewer.model.rates import Rates, Told
from reviewer.model.rates.headers import Gauge
from reviewer.model.rates.lanes import Ticket
from reviewer.sharing import EVERY, share_forever


class Enough(Exception):
    """The test has seen what it wanted."""


def test_the_last_number_counts_while_the_database_is_away() -> None:
    """And a worker that is not counted, since it has just begun, is one all the same."""
    found = iter([0, 2, None, 3])
    told: list[int] = []
    naps: list[float] = []

    async def living() -> int:
        number = next(found)
        if number is None:
            raise OutsideError("The database is away.")
        return number

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 4:
            raise Enough

    with pytest.raises(Enough):
        asyncio.run(share_forever(living, told.append, sleep=sleep))
    assert (told, naps) == ([1, 2, 3], [EVERY] * 4)


def test_every_model_takes_its_part() -> None:
    """Those that are asked later too: where others are seen to take, no more than a part of what was left goes."""
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    async def waits(name: str, rates: Rates) -> float:
        gate = rates.gate(name)
        for at, left in ((0.0, 60_000.0), (10.0, 35_000.0)):
            now[0] = at
            ticket = Ticket(100)
            await gate.enter(ticket, patience=100)
            gate.answered(ticket, Told(tokens=Gauge(left, 60_000, (60_000 - left) / 1_000)))
        now[0] = 30.0
        return await gate.enter(Ticket(25_000), patience=300)

    async def story() -> tuple[float, ...]:
        rates = Rates(Keys(["k"]), clock=lambda: now[0], sleep=sleep)
        rates.gate("early")
        rates.share(4)
        early, late = await waits("early", rates), await waits("late", rates)
        now[0] = 0.0
        return early, late, await waits("m", Rates(Keys(["k"]), clock=lambda: now[0], sleep=sleep))

    early, late, alone = asyncio.run(story())
    assert early == late
    assert early > alone
