"""Each try that may have been paid for counts, and each call ends its reservation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from asker import PLAIN, SWITCH, Asker, asking, served, serving, standin
from counter import PRICE, Counter, call, counter, reserve, small, weigh
from databases import sqlite_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reviewer.core.budget import bill, cost
from reviewer.core.errors import ModelError
from reviewer.core.spending import Margins
from reviewer.core.types import Answer, Lost, Prompt, Spent, Usage
from reviewer.metering import Metered, MeteredVectors
from reviewer.model.client import OpenAIModel
from reviewer.model.embeddings import AT_ONCE
from reviewer.ports import Limits, Model
from reviewer.standin.model_shapes import Fault, FaultKind
from reviewer.till import Till

__all__ = ["counter", "served", "sqlite_url"]

USED = {"input_tokens": 1_000, "output_tokens": 50}


# --- tries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "unknown"), [("server_error", 2), ("malformed", 2), ("failed", 0), ("slow", 2), ("rate_limit", 0)]
)
def test_each_try_of_which_nobody_knows_counts_in_full(counter: Counter, fault: FaultKind, unknown: int) -> None:
    """Beside what the answer took, in the account, the ledger and the bill; a failure may say what it took, and one that
    was turned away did not cost anything.
    """
    till = counter.till()
    server = standin(Fault(fault, 5.0), Fault(fault, 5.0)) if fault == "slow" else standin(fault, fault)
    most = reserve(till)
    with asking(server, total_timeout=0.1 if fault == "slow" else 5.0) as asker:
        answer = call(asker, till)
    assert answer.lost.unknown == unknown
    took, rows = answer.spent("gpt-x").total, counter.rows
    assert counter.used() == took.input + took.output == sum(row["input"] + row["output"] for row in rows)
    assert counter.used() >= answer.usage.input + answer.usage.output + unknown * most
    assert sum(Decimal(row["cost"]) for row in rows) == bill(answer.spent("gpt-x"), prices={"gpt-x": PRICE})
    made_again = {"failed": ["failed"] * 2, "rate_limit": []}.get(fault, ["lost"] * unknown)
    assert sorted(row["outcome"] for row in rows) == [*made_again, "ok"]
    assert (counter.spent, counter.open) == (answer.spent("gpt-x"), [])


@pytest.mark.parametrize(
    ("fault", "room", "tries"), [("server_error", 1.5, 1), ("failed", 2.5, 3), ("rate_limit", 1.5, 3)]
)
def test_no_try_is_made_that_the_budget_does_not_take(
    counter: Counter, fault: FaultKind, room: float, tries: int
) -> None:
    """One of which nobody knows may have to be paid for in full: there must be room for another one. It is not waited
    for what the call itself has reserved; one that was turned away, or says what it took, needs no more than that.
    """
    most = int(reserve(counter.till()) * room)
    limits = f"everything {most}/day"
    server = standin(fault, fault, "server_error")
    with asking(server) as asker, pytest.raises(ModelError) as ended:
        call(asker, counter.till(limits))
    assert (len(server.requests), counter.used(limits) <= most) == (tries, True)
    assert (ended.value.code == "budget") == (fault != "failed")
    assert (counter.naps, counter.open) == ([], [])
    assert sum(row["input"] + row["output"] for row in counter.rows) == counter.used(limits)
    assert ended.value.lost.spent("gpt-x") == counter.spent


@pytest.mark.parametrize(("fault", "unknown"), [("server_error", 3), ("content_filter", 0), ("bad_key", 0)])
def test_a_call_that_fails_keeps_what_may_have_been_done(counter: Counter, fault: FaultKind, unknown: int) -> None:
    """Each of its tries; nothing where the request was refused. The provider can be asked about the last one."""
    till, server = counter.till(), standin(*[fault] * 3)
    with asking(server) as asker, pytest.raises(ModelError):
        call(asker, till)
    assert counter.used() == unknown * reserve(till)
    assert [row["request_id"] for row in counter.rows if row["outcome"] != "lost"] == [f"req_{len(server.requests)}"]
    assert sum(row["input"] + row["output"] for row in counter.rows) == counter.used()


def test_what_was_never_sent_costs_nothing(counter: Counter) -> None:
    """There is no server."""
    with pytest.raises(ModelError):
        call(Asker("http://127.0.0.1:9"), counter.till())
    assert (counter.used(), [row["outcome"] for row in counter.rows]) == (0, ["connection"])


def test_a_failure_may_say_what_it_took(counter: Counter) -> None:
    """Then that is what it cost, in the account, the ledger and the run; margins learn of the answer alone."""
    bodies = iter([{"status": "failed", "error": {"code": "server_error"}, "usage": USED}] * 4)
    till = counter.till()
    with serving(lambda _: JSONResponse(next(bodies))) as asker, pytest.raises(ModelError):
        call(asker, till)
    assert (counter.used(), counter.spent.on("gpt-x").output) == (3 * 1_050, 150)
    answers: Iterator[dict[str, Any]] = iter([next(bodies), PLAIN | {"usage": USED}])
    with serving(lambda _: JSONResponse(next(answers))) as asker:
        answer = call(asker, till)
    assert answer.spent("gpt-x").total.input == 2_000
    assert [(row["input"], row["output"], row["cost"]) for row in counter.rows] == [(1_000, 50, "0.015")] * 5
    assert sorted(row["outcome"] for row in counter.rows) == ["failed"] * 3 + ["ok", "server_error"]


def test_a_cancelled_call_is_in_the_books(counter: Counter) -> None:
    """Kept where it was under way, released where it waited for its turn; the row says so."""

    class Waiting:
        name = "gpt-x"
        lost = Lost()

        async def call(self, prompt: Prompt) -> Answer:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise asyncio.CancelledError(self.lost) from None
            raise AssertionError(prompt)

    async def cancelled(model: Model, till: Till) -> None:
        task = asyncio.create_task(Metered(model, till, spare=False).call(small()))
        while not counter.open:  # noqa: ASYNC110 - the till has no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if isinstance(model, OpenAIModel):
            await model.aclose()

    till = counter.till()
    asyncio.run(cancelled(Waiting(), till))
    assert (counter.used(), counter.open) == (0, [])
    with asking(standin(Fault("slow", 5.0))) as asker:
        asyncio.run(cancelled(asker.model, till))
    assert counter.used() == reserve(till)
    assert [row["outcome"] for row in counter.rows] == ["cancelled"] * 2


# --- what an answer took --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usage", "took"),
    [
        ({"input_tokens": 500, "input_tokens_details": {"cached_tokens": 20_000}, "output_tokens": 9}, (500, 500, 9)),
        ({"input_tokens": 500, "output_tokens": 9, "total_tokens": 700}, (500, 0, 200)),
        ({"prompt_tokens": 500, "completion_tokens": 9}, (500, 0, 9)),
        ({"input_tokens": 500}, (500, 0, 4)),
        ({"output_tokens": 9}, (None, 0, 9)),
        ({}, (None, 0, 4)),
    ],
)
def test_input_and_output_are_counted_each_for_itself(counter: Counter, usage: Any, took: Any) -> None:
    """By our own count where the server does not say; never more from the cache than there was."""
    with serving(lambda _: JSONResponse(PLAIN | {"usage": usage})) as asker:
        said = call(asker, counter.till()).usage
    assert (said.input, said.cached, said.output) == (took[0] or weigh(small()), *took[1:])


@pytest.mark.parametrize("usage", [{}, {"input_tokens": 1_000}])
def test_what_a_server_does_not_say_counts_as_what_was_reserved(counter: Counter, usage: dict[str, int]) -> None:
    """A model may have thought for long before the few words that are seen."""
    with serving(lambda _: JSONResponse(PLAIN | {"usage": usage})) as asker:
        said = call(asker, counter.till()).usage
    assert counter.used() >= small().max_output > said.output > 0


def test_no_cost_is_negative_and_dates_are_dates() -> None:
    """A name that only begins like another has no price of it; flex costs half."""
    prices = {"gpt-6-luna": PRICE}
    usage = Usage(input=500, cached=20_000, output=100)
    full = Decimal("0.0105")
    for name in ("gpt-6-luna", "gpt-6-luna-2026-09-01", "gpt-6-luna-20260901", "openai/gpt-6-luna"):
        assert cost(usage, model=name, prices=prices) == full
    whole = {"gpt-6-luna": usage}
    assert bill(Spent(whole, whole), prices=prices) == full / 2
    assert bill(Spent(whole) + Spent(whole, whole), prices=prices) == full * Decimal("1.5")
    for name in ("gpt-6-luna-20b", "gpt-6-luna-2026-13-01", "other/gpt-6-luna", "gpt-6-luna-mini"):
        assert cost(usage, model=name, prices=prices) is None


def test_what_came_from_the_flex_tier_costs_half(counter: Counter) -> None:
    """As the answer says it; the bill of the run says the same as the ledger."""
    tiers = iter(["flex", "default"])
    with serving(lambda _: JSONResponse(PLAIN | {"usage": USED, "service_tier": next(tiers)})) as asker:
        call(asker, counter.till())
        call(asker, counter.till())
    assert sorted(row["cost"] for row in counter.rows) == ["0.0075", "0.015"]
    assert bill(counter.spent, prices={"gpt-x": PRICE}) == Decimal("0.0225")


def test_an_answer_without_a_cap_reserves_the_window_from_then_on(counter: Counter) -> None:
    """Also one that went over it."""
    till = counter.till()
    before, window = reserve(till), Limits().window
    with serving(lambda _: JSONResponse(PLAIN | {"usage": USED | {"output_tokens": 1_001}})) as asker:
        call(asker, till)
    assert reserve(till) > window > before

    async def fussy(request: Request) -> Response:
        sent = await request.json()
        for name in ("max_tokens", "max_completion_tokens"):
            if name in sent:
                return JSONResponse({"error": {"message": "unknown", "param": name}}, 400)
        function = {"name": "report_findings", "arguments": "{}"}
        return JSONResponse({"choices": [{"message": {"tool_calls": [{"function": function}]}}]})

    till = counter.till()
    SWITCH.app = Starlette(routes=[Route("/v1/chat/completions", fussy, methods=["POST"])])
    assert call(Asker(SWITCH.url, api="chat"), till).capped is False
    assert reserve(till) > window


def test_embeddings_that_were_paid_for_count(counter: Counter) -> None:
    """A batch before the one that fails, of which the server did not even say what it took: all that was reserved."""
    answers = iter([JSONResponse({"data": [{"embedding": [1.0, 0.5]}] * AT_ONCE}), Response(status_code=500)])

    async def next_one(_: Request) -> Response:
        return next(answers)

    SWITCH.app = Starlette(routes=[Route("/v1/embeddings", next_one, methods=["POST"])])
    till = counter.till(prices={"text-x": PRICE})
    model = Asker(SWITCH.url).model

    async def embed() -> None:
        try:
            await MeteredVectors(model.embeddings("text-x"), till).embed(["x" * 30] * (AT_ONCE + 1))
        finally:
            await model.aclose()

    with pytest.raises(ModelError):
        asyncio.run(embed())
    reserved = Margins().reserve("text-x", 7 * (AT_ONCE + 1))
    assert counter.used() == max(10 * AT_ONCE, reserved)
    assert [(row["outcome"], row["input"]) for row in counter.rows] == [("500", counter.used())]
