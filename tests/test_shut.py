"""A server that is busy is waited for, one that lets nobody in is not."""

from __future__ import annotations

import asyncio

import pytest
from asker import asking, review, standin

from reviewer.core.errors import ModelError
from reviewer.core.types import Answer
from reviewer.model.rates.shut import LATELY, REST, Shut
from reviewer.standin.model_shapes import Fault


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_three_waves_in_which_nobody_was_let_in_close_it() -> None:
    """Those that were on their way together are one; who was let in lately keeps it open."""
    clock = Clock()
    shut = Shut(clock)
    sent = clock.now
    clock.now += 1
    assert [shut.refused(sent, None) for _ in range(8)] == [0.0] * 8
    clock.now += 1
    assert shut.refused(clock.now - 0.5, None) == 0.0
    clock.now += 1
    assert (shut.refused(clock.now - 0.5, None), shut.closed) == (REST, True)
    shut.answered()
    assert not shut.closed
    for _ in range(10):
        clock.now += LATELY / 10
        assert shut.refused(clock.now - 0.5, None) == 0.0
    clock.now += 1
    assert shut.refused(clock.now - 0.5, None) == REST


@pytest.mark.parametrize(("wait", "rest"), [(2.0, 0.0), (300.0, 0.0), (3_600.0, 300.0)])
def test_a_server_that_says_that_it_is_closed_is_believed(wait: float, rest: float) -> None:
    assert Shut(Clock()).refused(99.0, wait) == rest


@pytest.mark.parametrize("wait", [0.0, 3_600.0])
def test_all_who_wait_hear_of_it(wait: float) -> None:
    """Of twenty calls at once none waits for its own three refusals: what one has found out is so for all."""
    server = standin(*[Fault("rate_limit", wait)] * 500)
    with asking(server, patience=300) as asker:

        async def story() -> list[Answer | BaseException]:
            try:
                return await asyncio.gather(*(asker.model.call(review()) for _ in range(20)), return_exceptions=True)
            finally:
                await asker.model.aclose()

        ends = asyncio.run(story())
    assert [type(end) for end in ends] == [ModelError] * 20
    assert len(server.requests) <= 12
    assert sum(asker.naps.seconds) <= 20
