"""Nobody is refused by haste, and no model passes a limit twice that counts more than we do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asker import PLAIN, Asker, asking, served, serving, standin
from counter import PAYER, Counter, call, counter, reserve, small, weigh
from databases import sqlite_url
from starlette.responses import JSONResponse

from reviewer import watched
from reviewer.core.errors import ModelError
from reviewer.core.spending import parse_limits
from reviewer.core.types import Amount, Answer, Call, Fill, Job, Prompt, Usage
from reviewer.metering import Metered
from reviewer.metrics import Metrics
from reviewer.ports import Limits, Model, Reserved
from reviewer.settings import load
from reviewer.store import SqlStore, Workers
from reviewer.till import Till

__all__ = ["counter", "served", "sqlite_url"]

USED = {"input_tokens": 1_000, "output_tokens": 50}


def test_what_is_only_reserved_is_waited_for(counter: Counter) -> None:
    """A call under way, of another worker too, seldom takes all that was kept for it; what is used up is refused at
    once.
    """
    worker = SqlStore(counter.store.engine, now=counter.store.now)
    one = reserve(counter.till())
    till = counter.till(f"repository {one * 3 // 2}/day")
    booked: list[Reserved] = []
    other = Call(PAYER, "p", "gpt-x", "", 0.0)

    async def ends() -> None:
        (reserved,) = booked
        await worker.settle(reserved, replace(reserved.amount, tokens=10), other)

    with serving(lambda _: JSONResponse(PLAIN | {"usage": USED})) as asker:

        async def story() -> None:
            metered = Metered(asker.model, till, spare=False)
            estimate = metered._estimate(replace(small(), tokens=weigh(small())))
            most = Amount(estimate.input + estimate.output)
            reserved = await worker.book(other, most, till.run.tools.spending.limits)
            assert isinstance(reserved, Reserved)
            booked.append(reserved)
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


# --- how a model counts ---------------------------------------------------------------------------------------------


class Fivefold:
    """Counts five times as many tokens as we do; how many calls were under way at once. It answers soon, or when so
    many wait for it `together`.
    """

    name = "gpt-x"

    def __init__(self, together: int = 0) -> None:
        self.now = self.most = self.asked = 0
        self.together, self.all_there = together, asyncio.Event()

    async def call(self, prompt: Prompt) -> Answer:
        self.now, self.asked = self.now + 1, self.asked + 1
        self.most = max(self.most, self.now)
        if self.asked == self.together:
            self.all_there.set()
        await (asyncio.wait_for(self.all_there.wait(), 20) if self.together else asyncio.sleep(0.01))
        self.now -= 1
        return Answer("{}", Usage(prompt.tokens * 5, 0, 10, 0, 1), self.name)


async def at_once(till: Till, model: Model, calls: int) -> list[object]:
    made = [Metered(model, till, spare=False).call(small(100)) for _ in range(calls)]
    return list(await asyncio.gather(*made, return_exceptions=True))


def test_the_first_calls_of_a_model_teach_before_others_follow(counter: Counter) -> None:
    """Eight at once, of a model that counts five times as much as we do: only the first one is a guess."""
    one = reserve(counter.till(), small(100))
    limits = f"repository {one * 8}/day"
    model = Fivefold()
    answers = asyncio.run(at_once(counter.till(limits), model, 8))
    refused = [each for each in answers if isinstance(each, ModelError)]
    assert model.asked + len(refused) == 8
    assert model.most == 1
    assert 0 < counter.used(limits) <= one * 8
    wide = counter.till("repository 900M/month")
    model = Fivefold(together=8)
    asyncio.run(at_once(wide, model, 8))
    assert model.most == 8, "what is in the ledger is known"


def test_without_limits_nobody_waits_for_the_first_answer(counter: Counter) -> None:
    """There is nothing that could be passed."""
    till = counter.till("")
    model = Fivefold(together=4)
    asyncio.run(at_once(till, model, 4))
    assert model.most == 4


def test_a_model_that_does_not_answer_holds_up_the_others_for_a_while(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then they are asked all the same."""
    monkeypatch.setattr("reviewer.till.FIRST", 0.02)
    model = Fivefold(together=4)
    answers = asyncio.run(at_once(counter.till(), model, 4))
    assert all(isinstance(each, Answer) for each in answers)


def test_what_was_learned_is_known_after_a_restart(counter: Counter) -> None:
    """From the ledger: how the model counts, and that it does not keep to the length that it is told."""
    first = counter.till()
    with serving(lambda _: JSONResponse(PLAIN | {"usage": {"input_tokens": 5_000, "output_tokens": 2_000}})) as asker:
        call(asker, first)
    learned = first.run.tools.spending.margins
    assert reserve(first) > Limits().window
    again = counter.till()

    async def turn() -> None:
        async with again.turn("gpt-x"):
            pass

    asyncio.run(turn())
    assert again.run.tools.spending.margins == learned
    assert again.run.tools.spending.margins.reserve("gpt-x", weigh(small())) >= 5_000


def test_only_answers_teach(counter: Counter) -> None:
    """Neither what failed nor what was lost: what is in those rows was only reserved, or of several tries."""
    till = counter.till()
    with asking(standin("server_error", "server_error", "server_error")) as asker, pytest.raises(ModelError):
        call(asker, till)
    counter.store.holder = "dead"
    asyncio.run(till.book(Call(PAYER, "p", "gpt-x", "", 0.0, estimated=1), Usage(900), share=1.0))
    assert Workers(counter.store).enter_lost() == 1
    assert [row["outcome"] for row in counter.rows] != []
    assert asyncio.run(counter.store.counted("gpt-x")) == []


def test_what_is_cancelled_while_it_is_booked_is_given_back(counter: Counter) -> None:
    """It was never sent."""
    till = counter.till()

    async def story() -> None:
        task = asyncio.create_task(at_once(till, Fivefold(), 1))
        booking = counter.store.book
        begun = asyncio.Event()

        async def book(*args: Any, **named: Any) -> Any:
            begun.set()
            return await booking(*args, **named)

        counter.store.book = book  # type: ignore[method-assign]
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
    assert (counter.used(), counter.open) == (0, [])
    assert [row["outcome"] for row in counter.rows] == ["cancelled"]
