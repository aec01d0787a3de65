"""Each try that may have been paid for counts, each call ends its reservation, and nobody is refused by haste."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from asker import PLAIN, SWITCH, Asker, asking, review, served, serving, standin
from databases import sqlite_url
from examiner import Quarter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reviewer import watched
from reviewer.core.budget import cost
from reviewer.core.errors import ModelError
from reviewer.core.spending import Margins, parse_limits
from reviewer.core.types import Answer, Fill, Job, Lost, Payer, Prompt, Spent, Usage
from reviewer.metering import Metered, MeteredVectors, Till
from reviewer.metrics import Metrics
from reviewer.model.client import OpenAIModel
from reviewer.model.embeddings import AT_ONCE
from reviewer.ports import Limits, Model, Spending
from reviewer.ports.trace import UNTRACED, unkept
from reviewer.purse import weight
from reviewer.settings import load
from reviewer.standin.model_shapes import Fault, FaultKind
from reviewer.store import SqlStore, engine
from reviewer.store.tables import CALLS

__all__ = ["served", "sqlite_url"]

MONTH = "everything 900M/month"
PRICE = (Decimal(10), Decimal(1), Decimal(100))
PAYER = Payer(7, "octo/app", 1, "run", "delivery", "ann")
USED = {"input_tokens": 1_000, "output_tokens": 50}


class Counter:
    """A till over a database, with what its run heard; sleeping lets others work."""

    def __init__(self, url: str) -> None:
        self.store = SqlStore(engine(url))
        self.store.create_tables()
        self.naps: list[float] = []
        self.warned: list[Fill] = []
        self.spent = Spent()
        self.during: Callable[[], Awaitable[object]] | None = None

    def till(self, limits: str = MONTH, payer: Payer = PAYER, prices: Any = None) -> Till:
        tools = SimpleNamespace(
            spending=Spending(parse_limits(limits), filling=self.warned.append),
            prices=prices or {"gpt-x": PRICE},
            store=self.store,
            tokens=Quarter,
            now=lambda: 1_795_392_000.0,
            clock=lambda: 0.0,
            sleep=self._sleep,
            trace=UNTRACED,
            asked=unkept,
            limits=Limits(),
        )
        run: Any = SimpleNamespace(tools=tools, paid=self._paid)
        return Till(run, payer)

    def used(self, limits: str = MONTH) -> int:
        """Tokens of the fullest account."""
        found = asyncio.run(self.store.accounts(parse_limits(limits)))
        return found[0].used.tokens if found else 0

    @property
    def rows(self) -> list[sa.RowMapping]:
        with self.store.transaction() as connection:
            return list(connection.execute(sa.select(CALLS).order_by(CALLS.c.call)).mappings())

    def _paid(self, spent: Spent) -> None:
        self.spent += spent

    async def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        if self.during:
            await self.during()


@pytest.fixture
def counter(sqlite_url: str) -> Iterator[Counter]:
    made = Counter(sqlite_url)
    yield made
    made.store.close()


def small(most: int = 1_000) -> Prompt:
    return replace(review(), max_output=most)


def call(asker: Asker, till: Till, prompt: Prompt | None = None) -> Answer:
    async def story() -> Answer:
        try:
            return await Metered(asker.model, till, spare=False).call(prompt or small())
        finally:
            await asker.model.aclose()

    return asyncio.run(story())


def reserve(till: Till, prompt: Prompt | None = None) -> int:
    """What a call of the model reserves."""
    prompt = prompt or small()
    estimate = Metered(Asker("http://127.0.0.1:9").model, till, spare=False)._estimate(
        replace(prompt, tokens=prompt.tokens or weigh(prompt))
    )
    return estimate.input + estimate.output


def weigh(prompt: Prompt) -> int:
    return weight(prompt, Quarter().count)


# --- tries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "unknown"), [("server_error", 2), ("malformed", 2), ("failed", 0), ("slow", 2), ("rate_limit", 0)]
)
def test_each_try_of_which_nobody_knows_counts_in_full(counter: Counter, fault: FaultKind, unknown: int) -> None:
    """Beside what the answer took; a failure may say what it took, and one that was turned away did not cost anything."""
    till = counter.till()
    server = standin(Fault(fault, 5.0), Fault(fault, 5.0)) if fault == "slow" else standin(fault, fault)
    most = reserve(till)
    with asking(server, total_timeout=0.1 if fault == "slow" else 5.0) as asker:
        answer = call(asker, till)
    assert answer.lost.unknown == unknown
    assert counter.used() == answer.usage.input + answer.usage.output + unknown * most
    assert [row["outcome"] for row in counter.rows] == ["ok"]
    assert till.run.tools.spending.open == []


@pytest.mark.parametrize(("fault", "unknown"), [("server_error", 3), ("content_filter", 0), ("bad_key", 0)])
def test_a_call_that_fails_keeps_what_may_have_been_done(counter: Counter, fault: FaultKind, unknown: int) -> None:
    """Each of its tries; nothing where the request was refused."""
    till = counter.till()
    with asking(standin(*[fault] * 3)) as asker, pytest.raises(ModelError):
        call(asker, till)
    assert counter.used() == unknown * reserve(till)


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
        assert call(asker, till).usage.input == 2_000
    assert {(row["input"], row["output"], Decimal(row["cost"])) for row in counter.rows} == {
        (3_000, 150, Decimal("0.045")),
        (2_000, 100, Decimal("0.03")),
    }


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
        while not till.run.tools.spending.open:  # noqa: ASYNC110 - the till has no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if isinstance(model, OpenAIModel):
            await model.aclose()

    till = counter.till()
    asyncio.run(cancelled(Waiting(), till))
    assert (counter.used(), till.run.tools.spending.open) == (0, [])
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
    assert cost(usage, model="gpt-6-luna", prices=prices, flex=True) == full / 2
    for name in ("gpt-6-luna-20b", "gpt-6-luna-2026-13-01", "other/gpt-6-luna", "gpt-6-luna-mini"):
        assert cost(usage, model=name, prices=prices) is None


def test_what_came_from_the_flex_tier_costs_half(counter: Counter) -> None:
    """As the answer says it."""
    tiers = iter(["flex", "default"])
    with serving(lambda _: JSONResponse(PLAIN | {"usage": USED, "service_tier": next(tiers)})) as asker:
        call(asker, counter.till())
        call(asker, counter.till())
    assert sorted(row["cost"] for row in counter.rows) == ["0.0075", "0.015"]


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
    """A batch before the one that fails, of which the server did not even say what it took."""
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
    assert counter.used() == 10 * AT_ONCE + reserved
    assert [(row["outcome"], row["input"]) for row in counter.rows] == [("500", 10 * AT_ONCE)]


# --- refusals -------------------------------------------------------------------------------------------------------


def test_what_is_only_reserved_is_waited_for(counter: Counter) -> None:
    """A call under way seldom takes all that was kept for it; what is used up is refused at once."""
    one = reserve(counter.till())
    till = counter.till(f"repository {one * 3 // 2}/day")
    spending = till.run.tools.spending

    async def ends() -> None:
        ((_, reserved),) = spending.open
        await counter.store.settle(reserved, replace(reserved.amount, tokens=10))
        spending.ended(reserved)

    with serving(lambda _: JSONResponse(PLAIN | {"usage": USED})) as asker:

        async def story() -> None:
            metered = Metered(asker.model, till, spare=False)
            estimate = metered._estimate(replace(small(), tokens=weigh(small())))
            from reviewer.core.types import Call  # noqa: PLC0415

            await till.book(Call(PAYER, "p", "gpt-x", "", 0.0), estimate, share=1.0)
            counter.during = ends
            assert (await metered.call(small())).usage.output == 50
            await asker.model.aclose()

        asyncio.run(story())
    assert counter.naps == [1.0]
    with pytest.raises(ModelError, match="it is free again at") as refused:
        call(Asker("http://127.0.0.1:9"), till, small(1_300))
    assert (counter.naps, refused.value.code) == ([1.0], "budget")


def test_a_refusal_names_whose_budget_it_is_and_what_helps(counter: Counter) -> None:
    """A smaller call only where one could fit; whoever is to be warned hears who it is, before 80 % too."""
    till = counter.till("person 900/day")
    with pytest.raises(ModelError, match="smaller than what this call may come to") as refused:
        call(Asker("http://127.0.0.1:9"), till)
    assert (refused.value.remedy, [(fill.who, fill.share) for fill in counter.warned]) == ("", [("ann", 0.0)])
    most = reserve(till, small(100))
    with pytest.raises(ModelError) as refused:
        call(Asker("http://127.0.0.1:9"), counter.till(f"person {most - 1}/day"), small(100))
    assert refused.value.remedy == "smaller"


def test_an_own_key_is_not_the_operators_money(counter: Counter) -> None:
    """What all may spend together is not used by it; the limits of installation, repository and person hold."""

    class Own:
        name = "gpt-x"

        async def on_own_key(self) -> bool:
            return True

        async def call(self, prompt: Prompt) -> Answer:
            return Answer("{}", Usage(prompt.tokens, 0, 10, 0, 1), "gpt-x")

    both = "everything 1/month, installation 900M/month"
    asyncio.run(Metered(Own(), counter.till(both), spare=False).call(small()))
    assert (counter.used("everything 1/month"), counter.used(both) > 0) == (0, True)


def test_who_asks_for_a_review_is_who_pays_for_it() -> None:
    """Also where it follows a command or a button."""
    job = Job("command", 7, "octo/app", 5, "h", "issue_comment.created", "c1", author="bob", commands="review full")
    assert job.review_of("h", trigger="command.review", full=True).author == "bob"


def test_an_operator_is_warned_once_of_each_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each of its windows, by its name; what has ended is forgotten."""
    heard: list[tuple[str, str]] = []

    class Log:
        def warning(self, event: str, **about: Any) -> None:
            heard.append((event, about["who"]))

    monkeypatch.setattr(watched, "_log", Log())
    at = [0.0]
    spending = watched.spending(load({}), Metrics(), now=lambda: at[0])
    (limit,) = parse_limits("repository 1M/day")
    for share in (0.3, 0.3, 0.81, 0.9, 1.0):
        for who in ("octo/app", "octo/other"):
            spending.filling(Fill(limit, share, 100.0, who))
    assert sorted(heard) == sorted(
        (event, who) for event in ("budget.filling", "budget.refused") for who in ("octo/app", "octo/other")
    )
    at[0] = 100.0
    spending.filling(Fill(limit, 0.9, 200.0, "octo/app"))
    assert len(heard) == 5
