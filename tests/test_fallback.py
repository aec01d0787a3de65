"""The fallback model: when it is asked, where its answers are kept, what it costs, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from asker import served
from examiner import (
    CHUNK_LINES,
    MAIN,
    OTHER,
    Examiner,
    asked_of,
    change,
    fates,
    findings,
    model_server,
    path_of,
    reasons,
    titles,
)
from world import ADDED, World, finding, servers, world

from reviewer.core.budget import bill
from reviewer.core.types import Spent, Usage
from reviewer.model import build_model
from reviewer.model.client import OpenAIModel
from reviewer.question import fallback_note
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault, FaultKind

__all__ = ["served", "servers", "world"]

PASSING: list[FaultKind] = ["rate_limit", "server_error", "overloaded", "malformed", "failed"]


def down(kind: FaultKind, *models: str, **settings: Any) -> StandInModel:
    """A server at which these models always fail so."""
    return model_server(faults_on={model: Fault(kind) for model in models or [MAIN]}, **settings)


# --- when ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "tries"), [*((kind, 3) for kind in PASSING), ("unknown_model", 1)])
def test_what_the_model_does_not_answer_the_fallback_does(kind: FaultKind, tries: int) -> None:
    """After the model's own tries the batch is asked of the other one, once."""
    server = down(kind)
    examined = Examiner().examines(change(4))
    assert (len(titles(examined)), fates(examined)) == (4, {"REVIEWED": 4})
    assert (asked_of(server, MAIN), asked_of(server, OTHER)) == (tries, 1)


@pytest.mark.parametrize("kind", ["bad_key", "insufficient_quota"])
def test_keys_that_are_refused_are_refused_to_both(kind: FaultKind) -> None:
    """It is one account: only a person can mend it, so the other model is not asked."""
    server = model_server(refused_keys={"sk-one": kind})
    examined = Examiner().examines(change(2))
    assert (fates(examined), len(server.requests)) == ({"FAILED": 2}, 1)
    assert "refuses every key in OPENAI_API_KEY" in reasons(examined).pop()


@pytest.mark.parametrize("kind", ["context_length", "content_filter", "refusal", "truncated", "bad_arguments"])
def test_what_lies_in_the_prompt_is_not_asked_of_another(kind: FaultKind) -> None:
    """A prompt that is too long or refused, and an answer that is no good, say nothing about the model's health."""
    server = down(kind)
    assert fates(Examiner().examines(change(1))) == {"FAILED": 1}
    assert asked_of(server, OTHER) == 0


def test_the_fallback_has_halves_of_its_own() -> None:
    """What is too much for the other model is split for it as well."""
    server = down("unknown_model", findings=findings(4))
    server.faults_on[path_of(1)] = Fault("content_filter")
    examined = Examiner().examines(change(4))
    assert fates(examined) == {"REVIEWED": 3, "FAILED": 1}
    (reason,) = reasons(examined)
    assert reason == (
        "There is no model gpt-main at this server: set REVIEWER_MODEL (and OPENAI_BASE_URL) to one that is. "
        "The fallback model did not help: The provider's content filter refused the prompt: change the filter's "
        "settings or the provider."
    )


def test_when_nothing_helps_the_reason_is_told_once() -> None:
    server = down("server_error", MAIN, OTHER)
    examined = Examiner().examines(change(2))
    assert (fates(examined), titles(examined)) == ({"FAILED": 2}, [])
    assert reasons(examined) == {"The model server answered 500: try again later."}
    assert (asked_of(server, MAIN), asked_of(server, OTHER)) == (3, 3)


def test_a_model_that_is_left_alone_is_not_asked() -> None:
    """Its circuit opens in the middle of a review: the other batches go straight to the fallback."""
    server, examiner = down("server_error"), Examiner()
    examined = examiner.examines(change(30, lines=CHUNK_LINES))
    asked = asked_of(server, MAIN)
    assert (fates(examined), len(titles(examined))) == ({"REVIEWED": 30}, 30)
    assert examiner.examines(change(8), salt="run-2").coverage.complete
    assert asked_of(server, MAIN) == asked < 20


# --- where --------------------------------------------------------------------------------------------------------


def test_its_answers_are_kept_as_its_own() -> None:
    """While the model is down nothing is paid twice; once it is back, it is asked, and its answers stand."""
    server, examiner = down("unknown_model"), Examiner()
    examiner.examines(change(4))
    again = examiner.examines(change(4))
    assert (fates(again), len(titles(again)), asked_of(server, OTHER)) == ({"CACHED": 4}, 4, 1)
    assert again.turned
    server.faults_on = {}
    assert fates(examiner.examines(change(4))) == {"REVIEWED": 4}
    assert fates(examiner.examines(change(4))) == {"CACHED": 4}
    assert asked_of(server, OTHER) == 1


def test_only_what_it_has_not_answered_is_asked() -> None:
    server, examiner = down("unknown_model"), Examiner()
    examiner.examines(change(3))
    examined = examiner.examines(change(5))
    shown = [number for number in range(5) if path_of(number) in str(server.requests[-1].body["input"])]
    assert (fates(examined), shown) == ({"CACHED": 3, "REVIEWED": 2}, [3, 4])


def test_it_confirms_as_well() -> None:
    """A finding that would block gets its second look; the verdict is kept as the fallback's."""
    server, examiner = model_server(findings=findings(2, severity="critical")), Examiner()
    examined = examiner.examines(change(2))
    server.faults_on, server.verdicts = {MAIN: Fault("server_error")}, {"Finding 01": False}
    for _ in range(2):
        checked = examiner.confirms(examined)
        assert [placed.confirmed for placed in checked.findings] == [True, False]
        assert (checked.problems, bool(checked.turned)) == ((), True)
    assert asked_of(server, OTHER) == 1
    server.faults_on, server.verdicts = {}, {}
    later = Examiner()  # the next process: its circuit breaker is closed
    later.store = examiner.store
    assert [placed.confirmed for placed in later.confirms(examined).findings] == [True, True]


# --- how much -----------------------------------------------------------------------------------------------------


def test_tokens_count_for_the_model_that_they_were_spent_on() -> None:
    """Each model has its own price, and a broken answer of the first is paid as well."""
    server = model_server("text", *[Fault("server_error")] * 3)
    examined = Examiner().examines(change(1))
    assert {model: usage.calls for model, usage in examined.spent.by_model.items()} == {MAIN: 1, OTHER: 1}
    assert examined.spent.total.calls == 2
    assert len(server.requests) == 5
    one, other = examined.spent.on(MAIN), examined.spent.on(OTHER)
    prices = {MAIN: (Decimal(10), Decimal(1), Decimal(100)), OTHER: (Decimal(2), Decimal(1), Decimal(4))}
    cents = Decimal(10 * one.input + 100 * one.output + 2 * other.input + 4 * other.output)
    assert bill(examined.spent, prices=prices) == cents / 1_000_000


def test_a_model_without_a_price_makes_the_bill_unknown() -> None:
    """Part of a sum is not the sum; nothing spent is nothing."""
    prices = {MAIN: (Decimal(1), Decimal(1), Decimal(1))}
    spent = Spent({MAIN: Usage(input=1_000_000, calls=1)})
    assert bill(spent, prices=prices) == 1
    assert bill(spent + Spent({OTHER: Usage(calls=1)}), prices=prices) is None
    assert bill(Spent(), prices=prices) == 0


def test_sums_are_by_model() -> None:
    first, second = Spent({MAIN: Usage(1, calls=1)}), Spent({OTHER: Usage(2, calls=1), MAIN: Usage(4, calls=1)})
    assert (first + second).by_model == {MAIN: Usage(5, calls=2), OTHER: Usage(2, calls=1)}
    assert (first + second).total == Usage(7, calls=3)


# --- what is said -------------------------------------------------------------------------------------------------


def test_what_was_answered_before_is_told_too() -> None:
    question = Examiner().question()
    assert fallback_note(question, Spent(), ()) == ()
    (note,) = fallback_note(question, Spent(), ("It is down.",))
    assert note == "Kept answers of the fallback model gpt-other were used. It is down."


def with_both(world: World) -> None:
    """The world's tools with a model for each name; they do not sleep between tries."""
    models: dict[str, OpenAIModel] = {}

    async def close() -> None:
        for model in models.values():
            await model.aclose()
        await github()

    def named(name: str, _installation: int) -> OpenAIModel:
        if name not in models:
            base_url = f"{world.servers.model_url}/v1"
            models[name] = build_model(name, keys=["sk-world"], base_url=base_url, sleep=world.nap, chance=lambda: 1.0)
        return models[name]

    world.tools = replace(world.tools, model=named)
    github = world._github.aclose
    world._github.aclose = close  # type: ignore[method-assign]  # what the world closes after each story


def test_the_check_says_who_has_answered(world: World) -> None:
    """A note with the reason, both models in the footer, one sum of both prices; the findings read as ever."""
    with_both(world)
    name, other = world.tools.default_model, world.tools.fallback_model
    world.model.findings = [finding(ADDED, "Adds up twice", severity="high")]
    world.model.faults_on = {name: Fault("server_error")}
    record = world.reviews(world.opens())
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    assert world.inline == ["shop.py:2 RIGHT high: Adds up twice"]
    summary = world.check.summary or ""
    assert f"2 model calls were answered by the fallback model {other}. The model server answered 500" in summary
    assert summary.rsplit("\n", 1)[-1].startswith(f"Model `{name}` and `{other}` · prompt ")
    assert (record.model, list(record.spent.by_model), record.usage.calls) == (name, [name, other], 2)  # 500: who knows
    assert record.cost == bill(record.spent, prices=world.tools.prices)
    assert record.cost


@pytest.mark.parametrize("on_error", ["neutral", "failure"])
def test_when_both_fail_the_gate_says_so(world: World, on_error: str) -> None:
    """No check is a success by silence."""
    with_both(world)
    world.model.faults_on = {name: Fault("overloaded") for name in ("gpt-6.1-terra", "gpt-6-luna")}
    world.reviews(world.opens(base={".github/reviewer.yml": f"gate: {{on_error: {on_error}}}"}))
    assert world.verdict == f"{on_error}: Not fully reviewed: 1 of 1 hunks were not reviewed"
    assert world.says("The model server answered 503: try again later")


def test_a_model_does_not_fall_back_on_itself(world: World) -> None:
    """One that is both is asked once; so is the only one."""
    with_both(world)
    world.model.faults = [Fault("server_error")] * 6
    only = world.tools.default_model
    for name in (only, ""):
        assert replace(world.tools, fallback_model=name).fallback(world.tools.model(only, 0), 0) is None
    world.tools = replace(world.tools, fallback_model=only)
    world.reviews(world.opens())
    assert world.model.calls == 3
