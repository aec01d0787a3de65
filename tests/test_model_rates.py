"""The rates of a model over real HTTP on loopback: what is learned, who waits, and who is told what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from asker import BOTH, PLAIN, SWITCH, Api, asking, review, served, serving, standin
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reviewer.core.errors import ModelError
from reviewer.models import Models
from reviewer.settings import load
from reviewer.standin.model_shapes import Fault

__all__ = ["served"]

KEY = "sk-one-0123456789abcdef"


def limits(remaining: int, limit: int = 100_000) -> dict[str, str]:
    reset = f"{(limit - remaining) * 60_000 // limit}ms"
    return {
        "x-ratelimit-limit-tokens": str(limit),
        "x-ratelimit-remaining-tokens": str(remaining),
        "x-ratelimit-reset-tokens": reset,
    }


def answering(*headers: dict[str, str], then: dict[str, str] | None = None) -> Callable[[Request], Response]:
    told = iter(headers)
    return lambda _: JSONResponse(PLAIN, 200, next(told, then or {}))


def test_a_request_waits_until_its_weight_fits() -> None:
    """The weight is the input and the room for an answer; the wait is what the refill takes, without any 429.

    Somebody else may use this key: until it is known better, room is left for them.
    """
    with serving(answering(limits(1_000), limits(0)), keys=[KEY], clock=lambda: 0.0) as asker:
        asker.ask(review(), review())
        (rates,) = asker.model.rates()
    weight = 16_000 + len(review().system + review().user + str(review().tool.schema)) // 3
    assert sum(asker.naps.seconds) == pytest.approx((weight - 1_000 + 32_000) * 60 / 100_000, abs=0.1)
    (key,) = rates.keys
    assert (rates.model, rates.waiting, key.key, key.tokens, key.held) == ("gpt-x", 0, "…cdef", 100_000, 0)


def test_a_server_that_says_nothing_is_not_paced() -> None:
    with asking(standin()) as asker:
        asker.ask(*[review()] * 12)
        (rates,) = asker.model.rates()
    assert (asker.naps.seconds, rates.keys[0].tokens, rates.keys[0].requests) == ([], None, None)


def test_a_refusal_holds_the_key_for_all_who_wait() -> None:
    """One waits for the time, and the others for it: twelve calls come to two refusals and not to twelve."""
    server = standin(Fault("rate_limit", 3), Fault("rate_limit", 3), latency=0.01)
    with asking(server) as asker:

        async def twelve() -> None:
            await asker.model.call(review())
            await asyncio.gather(*[asker.model.call(review()) for _ in range(12)])
            await asker.model.aclose()

        asyncio.run(twelve())
    assert (len(server.requests), asker.naps.seconds) == (15, [3.0, 3.0])


def test_the_key_with_room_goes_first() -> None:
    """The other one is not asked while it has none."""
    used: list[str] = []

    def answer(request: Request) -> Response:
        used.append(request.headers["authorization"].removeprefix("Bearer "))
        return JSONResponse(PLAIN, 200, limits(100 if used[-1] == "sk-one" else 90_000))

    with serving(answer, keys=["sk-one", "sk-two"]) as asker:
        asker.ask(*[review()] * 4)
    assert (used, asker.naps.seconds) == (["sk-one", "sk-two", "sk-two", "sk-two"], [])


def test_a_held_key_is_no_reason_to_wait_while_there_is_another() -> None:
    server = standin(Fault("rate_limit", 30))
    with asking(server, keys=["sk-one", "sk-two"]) as asker:
        asker.ask(review(), review())
    assert ([request.key for request in server.requests], asker.naps.seconds) == (["sk-one", "sk-two", "sk-two"], [])


def test_patience_for_room_ends() -> None:
    """With a sentence and another model as the remedy, at once where it is known; who is waited for waits less."""
    with serving(answering(limits(0)), keys=[KEY], patience=50, clock=lambda: 0.0) as asker:
        asker.ask(review())
        error = asker.fails(replace(review(), urgent=True))
        assert asker.naps.seconds == []
        asker.ask(review())
    assert (error.code, error.retryable, error.remedy) == ("rate_limited", True, "another")
    assert "leave no room within 10 s" in str(error)


def test_who_waits_for_an_answer_is_patient_as_well() -> None:
    """Nothing hangs: also where only the answer to another request could let it go."""
    server = standin(*[Fault("slow", 1.0)] * 8)
    with asking(server, patience=0.1) as asker:

        async def nine() -> list[object]:
            calls = [asyncio.create_task(asker.model.call(review())) for _ in range(9)]
            done, rest = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            for call in rest:
                call.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
            await asker.model.aclose()
            return [call.exception() for call in done]

        (error,) = asyncio.run(nine())
        assert asker.model.rates()[0].waiting == 0
        assert asker.model.rates()[0].keys[0].in_flight == 0
    assert isinstance(error, ModelError)
    assert error.code == "rate_limited"


def test_a_request_larger_than_a_minute_is_made_smaller() -> None:
    """No wait helps it."""
    body = {"error": {"code": "rate_limit_exceeded", "type": "tokens"}}
    with serving(lambda _: JSONResponse(body, 429, limits(10_000, 10_000)), keys=[KEY]) as asker:
        error = asker.fails(review())
    assert (error.remedy, error.retryable, asker.naps.seconds) == ("smaller", False, [])
    assert "(10,000 tokens" in str(error)


def test_embeddings_are_paced_as_well() -> None:
    """What they waited for room is told apart from what they took."""
    server = standin(Fault("rate_limit", 8))
    with asking(server) as asker:

        async def story() -> None:
            vectors = asker.model.embeddings("text-embedding-3-small")
            found = await vectors.embed(["one"])
            assert (found.seconds, found.waited) == (0.0, 8.0)  # no time passes here but in naps
            await asker.model.aclose()

        asyncio.run(story())
    assert (len(server.requests), asker.naps.seconds) == (2, [8.0])


@pytest.mark.parametrize("api", BOTH)
def test_flex_is_asked_for_where_nobody_waits(api: Api) -> None:
    server = standin()
    with asking(server, api=api, flex=True) as asker:
        asker.ask(review(), replace(review(), urgent=True))
    assert [request.body.get("service_tier") for request in server.requests] == ["flex", None]


@pytest.mark.parametrize("api", BOTH)
def test_a_server_that_knows_no_flex_does_without(api: Api) -> None:
    """Asked once, and not again."""
    server = standin(refused_fields=frozenset({"service_tier"}))
    with asking(server, api=api, flex=True) as asker:
        asker.ask(review(), review())
    assert [request.body.get("service_tier") for request in server.requests] == ["flex", None, None]


def test_without_room_in_the_flex_tier_the_standard_one_is_asked() -> None:
    """At once; the next request tries flex again, and the key is not held."""
    tiers: list[str | None] = []

    def answer(request: Request) -> Response:
        tiers.append(request.headers.get("x-stainless-read-timeout"))
        if len(tiers) == 1:
            return JSONResponse({"error": {"code": "resource_unavailable", "type": "x"}}, 429)
        return JSONResponse(PLAIN)

    with serving(answer, flex=True, read_timeout=50.0) as asker:
        asker.ask(review(), review())
    assert (len(tiers), asker.naps.seconds) == (3, [])
    assert [float(tier or 0) for tier in tiers] == [900.0, 50.0, 900.0]


def test_the_operator_chooses_flex() -> None:
    server = standin()
    SWITCH.app = server.app
    for chosen in ("true", "false"):

        async def story(chosen: str = chosen) -> None:
            models = Models(
                load({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{SWITCH.url}/v1", "REVIEWER_FLEX": chosen})
            )
            await models.named("gpt-x").call(review())
            assert models.rates()[0].keys[0].key == "…cdef"
            await models.aclose()

        asyncio.run(story())
    assert [request.body.get("service_tier") for request in server.requests] == ["flex", None]
