"""The circuit breaker in front of a model, over real HTTP: when it opens, what it says, and what closes it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from asker import Asker, asking, review, served, serving, standin
from starlette.responses import Response

from reviewer.core.errors import ModelError
from reviewer.model.breaker import FEWEST, FIRST_REST, LONGEST_REST
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault, FaultKind

__all__ = ["served"]

DOWN, BUSY = Fault("server_error"), Fault("overloaded")


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def guarded(server: StandInModel, **settings: Any) -> Iterator[tuple[Asker, Clock]]:
    clock = Clock()
    with asking(server, **{"clock": clock, "tries": 1, **settings}) as asker:
        yield asker, clock


@contextmanager
def away(**settings: Any) -> Iterator[tuple[Asker, Clock]]:
    clock = Clock()
    with serving(lambda _: Response(status_code=503, headers={"retry-after": "2"}), clock=clock, **settings) as asker:
        yield asker, clock


def fails(asker: Asker, times: int) -> list[str]:
    return [asker.fails(review()).code for _ in range(times)]


def test_a_model_that_fails_is_left_alone() -> None:
    """From the tenth failure within a minute no request is sent, and the error says since when and until when."""
    server = standin(*[DOWN] * 50)
    with guarded(server) as (asker, clock):
        circuits = [asker.model.circuit]
        assert fails(asker, FEWEST) == ["500"] * FEWEST
        clock.now += 12
        error = asker.fails(review())
        assert [*circuits, asker.model.circuit] == ["closed", "open"]
    assert (error.retryable, error.code, error.remedy, len(server.requests)) == (True, "circuit_open", "another", 10)
    assert str(error) == (
        "The model gpt-x has been left alone for 12 s, because at least half of its requests failed within a minute; "
        "it is tried again in 18 s. The last failure: The model server answered 500: try again later."
    )


def test_half_of_the_requests_are_enough() -> None:
    with guarded(standin(*[None, BUSY] * 5)) as (asker, _):
        for _ in range(5):
            asker.ask(review())
            asker.fails(review())
        assert asker.fails(review()).code == "circuit_open"


def test_less_than_half_is_lived_with() -> None:
    server = standin(*[None, None, BUSY] * 10)
    with guarded(server) as (asker, _):
        for _ in range(10):
            asker.ask(review(), review())
            assert asker.fails(review()).code == "503"
    assert len(server.requests) == 30


def test_failures_of_another_minute_do_not_count() -> None:
    """Nine failures, a minute's pause, nine more: it is asked throughout."""
    with guarded(standin(*[DOWN] * 18)) as (asker, clock):
        for _ in range(2):
            assert fails(asker, FEWEST - 1) == ["500"] * (FEWEST - 1)
            clock.now += 61
        assert asker.ask(review())[0].fault == ""


@pytest.mark.parametrize("kind", ["context_length", "content_filter", "unknown_model", "insufficient_quota", "bad_key"])
def test_what_waiting_does_not_mend_does_not_count(kind: FaultKind) -> None:
    """A refusal of one request says nothing about the health of the model."""
    with guarded(standin(*[kind] * 30)) as (asker, _):
        assert "circuit_open" not in fails(asker, 30)


@pytest.mark.parametrize("kind", ["text", "truncated", "refusal", "bad_arguments"])
def test_an_answer_that_cannot_be_used_does_not_count(kind: FaultKind) -> None:
    with guarded(standin(*[kind] * 30)) as (asker, _):
        assert len(asker.ask(*[review()] * 30)) == 30


def test_a_busy_server_is_not_an_ill_one() -> None:
    """A wait that the server asks for, and that helps, opens nothing: it is how many calls share one limit."""
    server = standin(*[Fault("rate_limit", 2), Fault("rate_limit", 2), None] * 20)
    with guarded(server, tries=3) as (asker, _):
        asker.ask(*[review()] * 20)
    assert len(server.requests) == 60


@pytest.mark.parametrize("seconds", [0, 2])
def test_a_server_that_stays_busy_is_not_an_ill_one_either(seconds: float) -> None:
    """Patience ends, not the number of tries; whether the server says when to come back or does not."""
    with asking(standin(None, *[Fault("rate_limit", seconds)] * 500), patience=20) as asker:
        asker.ask(review())
        assert fails(asker, FEWEST + 1) == ["rate_limited"] * (FEWEST + 1)
        assert asker.model.circuit == "closed"


def test_a_server_that_only_says_that_it_is_away_is_left_alone() -> None:
    """A 503 that says when to come back may say so for ever: its tries are counted."""
    with away(tries=3) as (asker, _):
        assert fails(asker, FEWEST + 1) == ["503"] * FEWEST + ["circuit_open"]


def test_probes_close_it() -> None:
    """After its rest two good answers in a row bring the model back, with a clean slate."""
    server = standin(*[DOWN] * FEWEST)
    with guarded(server) as (asker, clock):
        fails(asker, FEWEST)
        clock.now += FIRST_REST
        asker.ask(review(), review())
        server.faults = [DOWN] * (FEWEST - 1)
        assert fails(asker, FEWEST - 1) == ["500"] * (FEWEST - 1)
        assert asker.ask(review())[0].fault == ""


def test_probes_that_fail_lengthen_the_rest() -> None:
    """Twice as long each time, up to five minutes; "since" still counts from when it began to fail."""
    with guarded(standin(*[DOWN] * 50)) as (asker, clock):
        fails(asker, FEWEST)
        began, rest = clock.now, FIRST_REST
        for _ in range(6):
            clock.now += rest
            assert fails(asker, 3) == ["500", "500", "circuit_open"]
            rest = min(rest * 2, LONGEST_REST)
        assert f"has been left alone for {clock.now - began:.0f} s" in str(asker.fails(review()))
        assert f"it is tried again in {LONGEST_REST:.0f} s" in str(asker.fails(review()))


def test_one_probe_at_a_time() -> None:
    """While one is on its way the others are told so, instead of pressing on a model that is coming round."""
    server = standin(*[DOWN] * FEWEST)
    with guarded(server) as (asker, clock):
        fails(asker, FEWEST)
        clock.now += FIRST_REST
        server.latency = 0.2

        async def eight() -> list[object]:
            calls = [asker.model.call(review()) for _ in range(8)]
            try:
                return await asyncio.gather(*calls, return_exceptions=True)
            finally:
                await asker.model.aclose()

        told = [str(outcome) for outcome in asyncio.run(eight()) if isinstance(outcome, ModelError)]
    assert (len(told), len(server.requests)) == (7, FEWEST + 1)
    assert all("it is being tried again now" in sentence for sentence in told)


def test_a_probe_that_is_cancelled_gives_its_place_back() -> None:
    server = standin(*[DOWN] * FEWEST)
    with guarded(server) as (asker, clock):
        fails(asker, FEWEST)
        clock.now += FIRST_REST
        server.latency = 30.0

        async def cancelled() -> None:
            task = asyncio.create_task(asker.model.call(review()))
            while len(server.requests) == FEWEST:  # noqa: ASYNC110 - the server runs on a thread of its own
                await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await asker.model.aclose()

        asyncio.run(cancelled())
        server.latency = 0.0
        assert [answer.fault for answer in asker.ask(review(), review(), review())] == [""] * 3


def test_a_call_does_not_wait_out_a_circuit_that_opened() -> None:
    """Calls side by side stop trying together: the last failures are told at once, without a sleep."""
    server = standin(*[DOWN] * 50)
    with guarded(server, tries=3) as (asker, _):
        for _ in range(3):
            asker.fails(review())
        naps = len(asker.naps.seconds)
        error = asker.fails(review())
    assert (error.code, len(server.requests), len(asker.naps.seconds)) == ("500", FEWEST, naps)


def test_threads_and_event_loops_share_it() -> None:
    """A model is one for the process: what fails on one loop is known on the others."""
    server = standin(*[DOWN] * 50)
    with guarded(server) as (asker, _):
        threads = [threading.Thread(target=fails, args=(asker, 5)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert asker.fails(review()).code == "circuit_open"
    assert len(server.requests) == FEWEST
