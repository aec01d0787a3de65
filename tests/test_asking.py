"""What becomes of answers that cannot be used, prompts that are too much, and runs that nobody wants any more."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from asker import HIT, SWITCH, review, served
from examiner import CHUNK_LINES, Examiner, change, fates, findings, model_server, path_of, reasons, titles

from reviewer.core.config import Config
from reviewer.core.config.values import Effort
from reviewer.core.errors import OutsideError, Superseded
from reviewer.core.types import Fate
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault, FaultKind, Spoken

__all__ = ["served"]

FOUR = [f"Finding {number:02}" for number in range(4)]
CLAIMS = findings(4, severity="critical")


class Scripted(StandInModel):
    """Says these arguments first, then what is recorded."""

    def __init__(self, *said: str, **settings: Any) -> None:
        super().__init__(findings(30), **settings)
        self.said = list(said)

    def _spoken(self, body: Any, api: str, number: int, fault: Fault | None) -> Spoken:
        spoken = super()._spoken(body, api, number, fault)
        return Spoken(number, spoken.model, spoken.function, self.said.pop(0)) if self.said else spoken


def scripted(*said: str) -> StandInModel:
    server = Scripted(*said)
    SWITCH.app = server.app
    return server


def users(server: StandInModel) -> list[str]:
    return [request.body["input"][0]["content"] for request in server.requests]


# --- once more ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("text", "it was text instead of a function call."),
        ("bad_arguments", "it was not the JSON that was asked for."),
    ],
)
def test_an_answer_that_cannot_be_read_is_asked_for_once_more(kind: FaultKind, why: str) -> None:
    """The same question, with what was wrong at its end; the second answer counts, and both are paid."""
    server = model_server(kind)
    examined = Examiner().examines(change(4))
    first, second = users(server)
    assert (titles(examined), fates(examined), examined.notes) == (FOUR, {"REVIEWED": 4}, ())
    assert second.startswith(first)
    assert why in second.removeprefix(first)
    assert examined.spent.total.calls == 2


def test_the_second_time_it_is_left_out_with_the_reason() -> None:
    """Nothing of it is kept, so the next run asks again; what could be read of the broken answer is still said."""
    server = model_server("bad_arguments", "bad_arguments")
    examiner = Examiner()
    examined = examiner.examines(change(2))
    assert fates(examined) == {"FAILED": 2}
    assert reasons(examined) == {"the model's answer was not the JSON that was asked for"}
    assert examined.notes == ("Not reviewed: the model's answer was not the JSON that was asked for",)
    assert titles(examined) == FOUR[:2]
    assert fates(examiner.examines(change(2))) == {"REVIEWED": 2}
    assert len(server.requests) == 3


def entries(*changes: dict[str, Any]) -> str:
    return json.dumps(
        {"findings": [{**finding, **change} for finding, change in zip(findings(30), changes, strict=False)]}
    )


def test_a_bad_entry_is_asked_for_with_what_is_wrong_with_it() -> None:
    """The validation error goes to the model; the good entry of the first answer is neither lost nor doubled."""
    server = scripted(entries({"title": "Only once"}, {"severity": "urgent"}), entries({}, {}))
    examined = Examiner().examines(change(2))
    assert "severity is none of critical, high, medium, low" in users(server)[1]
    assert (titles(examined), fates(examined), examined.notes) == (FOUR[:2], {"REVIEWED": 2}, ())


@pytest.mark.parametrize("second", [entries({}, {"severity": "urgent"}), "{", json.dumps({"findings": []})])
def test_good_entries_stand_whatever_the_second_answer_is(second: str) -> None:
    """An answer with one entry that cannot be read is still an answer; but the gate hears of what was lost."""
    scripted(entries({}, {"severity": "urgent"}), second)
    examined = Examiner().examines(change(2))
    assert (titles(examined), fates(examined)) == (FOUR[:1], {"REVIEWED": 2})
    lost = [problem.split(":")[0] for problem in examined.problems]
    assert lost == ([] if second == json.dumps({"findings": []}) else ["1 of the model's findings could not be read"])


def test_good_entries_stand_when_there_is_no_second_answer() -> None:
    server = scripted(entries({}, {"severity": "urgent"}))
    server.faults = [None, *[Fault("server_error")] * 3]
    examined = Examiner(fallback=False).examines(change(2))
    assert (titles(examined), fates(examined)) == (FOUR[:1], {"REVIEWED": 2})


def test_an_outage_in_a_later_pass_costs_its_vote_alone() -> None:
    """What the second pass could not be asked about is as sure as the first pass was; so is what both saw."""
    model_server(None, None, *[Fault("server_error")] * 9)
    twice = replace(Config(), review=replace(Config().review, passes=2))
    examiner = Examiner(fallback=False)
    examiner.examines(change(2))
    examiner.examines(change(1), config=twice)
    examined = examiner.examines(change(2), config=twice)
    assert (titles(examined), len(examined.notes)) == (FOUR[:2], 1)
    assert [each.finding.confidence for each in examined.findings] == [HIT["confidence"]] * 2


# --- in halves ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("effort", [None, "none", "high"])
def test_an_answer_that_is_cut_off_may_be_longer(effort: Effort | None) -> None:
    """Small code is given little room, since room is reserved; who thought for long is asked again with all of it."""
    config = replace(Config(), model=replace(Config().model, effort=effort))
    server = model_server("truncated")
    examined = Examiner().examines(change(1), config=config)
    first, *again = (request.body["max_output_tokens"] for request in server.requests)
    most = review().max_output
    assert (first < most, again) == ((False, []) if effort == "high" else (True, [most]))
    assert fates(examined) == ({"FAILED": 1} if effort == "high" else {"REVIEWED": 1})
    assert (examined.quality.answers, examined.quality.unread) == (1, effort == "high")


@pytest.mark.parametrize("kind", ["truncated", "context_length", "content_filter", "refusal"])
def test_what_is_too_much_at_once_is_asked_in_halves(kind: FaultKind) -> None:
    """What is cut off, when it is so at its longest too."""
    cut = kind == "truncated"
    server = model_server(*[kind] * (1 + cut))
    examined = Examiner().examines(change(4))
    shown = [[number for number in range(4) if path_of(number) in user] for user in users(server)]
    assert (titles(examined), fates(examined)) == (FOUR, {"REVIEWED": 4})
    assert shown == [[0, 1, 2, 3]] * (1 + cut) + [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("truncated", "the model's answer was cut off"),
        ("refusal", "the model's answer was a refusal"),
        ("context_length", "The prompt is too long for gpt-main: set REVIEWER_MODEL to a model with a larger context."),
        (
            "content_filter",
            "The provider's content filter refused the prompt: change the filter's settings or the provider.",
        ),
    ],
)
def test_one_bad_chunk_takes_no_other_with_it(kind: FaultKind, reason: str) -> None:
    """It alone is not reviewed, with its reason; no other model is asked, and the halving costs a handful of calls."""
    server = model_server(faults_on={path_of(11): Fault(kind)})
    examiner = Examiner()
    examined = examiner.examines(change(16))
    failed = [entry.hunk.path for entry in examined.coverage.entries if entry.fate is Fate.FAILED]
    assert (failed, reasons(examined)) == ([path_of(11)], {reason})
    assert (len(server.requests), examined.turned) == (9 + (kind == "truncated"), ())
    assert set(titles(examined)) >= {f"Finding {number:02}" for number in range(16) if number != 11}
    server.faults_on = {}
    again = examiner.examines(change(16))
    assert (fates(again), len(titles(again))) == ({"REVIEWED": 1, "CACHED": 15}, 16)
    assert len(server.requests) == 10 + (kind == "truncated")


@pytest.mark.parametrize("kind", ["truncated", "content_filter"])
def test_halving_has_an_end(kind: FaultKind) -> None:
    """When every part is refused, the bill stays small however many chunks there are."""
    server = model_server(*[kind] * 99)
    examined = Examiner().examines(change(30))
    assert (fates(examined), len(reasons(examined))) == ({"FAILED": 30}, 1)
    assert len(server.requests) < 30


# --- many chunks --------------------------------------------------------------------------------------------------

KINDS: list[FaultKind | None] = [
    *("rate_limit", "server_error", "overloaded", "malformed", "failed", "context_length", "content_filter"),
    *("unknown_model", "text", "truncated", "refusal", "bad_arguments", None, None, None),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_a_failed_batch_never_loses_the_others(seed: int) -> None:
    """Thirty chunks, faults at random: every hunk has one fate, what was reviewed is said, and a rerun does the rest."""
    chance = random.Random(seed)
    server = model_server(*chance.choices(KINDS, k=20))
    examiner, diff = Examiner(fallback=bool(seed % 2)), change(30, lines=CHUNK_LINES)
    first = examiner.examines(diff)
    reviewed = [e.hunk.path for e in first.coverage.entries if e.fate is Fate.REVIEWED]
    assert [entry.hunk.path for entry in first.coverage.entries] == [path_of(number) for number in range(30)]
    assert all(entry.reason for entry in first.coverage.entries if entry.fate is Fate.FAILED)
    assert set(reviewed) <= {placed.finding.path for placed in first.findings}
    server.faults, asked = [], len(server.requests)
    later = Examiner()  # the next process: its circuit breaker is closed
    later.store = examiner.store
    second = later.examines(diff)
    assert titles(second) == [f"Finding {number:02}" for number in range(30)]
    again = "".join(users(server)[asked:])
    kept = [entry.hunk.path for entry in second.coverage.entries if entry.fate is Fate.CACHED]
    assert [path for path in kept if path in again] == []
    assert set(kept) <= set(reviewed)
    assert second.coverage.complete


# --- the second look ----------------------------------------------------------------------------------------------


def claims(*faults: FaultKind, **settings: Any) -> tuple[StandInModel, Examiner, Any]:
    """Four findings that would block, and a server that then fails so."""
    server = model_server(findings=CLAIMS, **settings)
    examiner = Examiner()
    examined = examiner.examines(change(4))
    server.requests.clear()
    server.faults = [Fault(kind) for kind in faults]
    return server, examiner, examined


@pytest.mark.parametrize("kind", ["text", "bad_arguments"])
def test_verdicts_that_cannot_be_read_are_asked_for_once_more(kind: FaultKind) -> None:
    server, examiner, examined = claims(kind)
    checked = examiner.confirms(examined)
    assert ([placed.confirmed for placed in checked.findings], checked.problems) == ([True] * 4, ())
    assert "Your last answer could not be used" in users(server)[1]


@pytest.mark.parametrize("kind", ["truncated", "context_length", "content_filter", "refusal"])
def test_too_many_claims_are_judged_in_halves(kind: FaultKind) -> None:
    server, examiner, examined = claims(kind)
    checked = examiner.confirms(examined)
    assert ([placed.confirmed for placed in checked.findings], checked.problems) == ([True] * 4, ())
    assert len(server.requests) == 3


def test_one_claim_that_cannot_be_judged_takes_no_other_with_it() -> None:
    """It does not block, and the check says that it could not be told; the others' verdicts are kept."""
    server, examiner, examined = claims(verdicts={"Finding 00": False})
    server.faults_on = {"Finding 02": Fault("content_filter")}
    checked = examiner.confirms(examined)
    assert [placed.confirmed for placed in checked.findings] == [False, True, False, True]
    (problem,) = checked.problems
    assert problem.startswith("1 finding that would block could not be confirmed: The provider's content filter")
    server.faults_on, asked = {}, len(server.requests)
    again = examiner.confirms(examined)
    assert [placed.confirmed for placed in again.findings] == [False, True, True, True]
    assert len(server.requests) == asked + 1


def test_a_verdict_against_a_claim_is_not_taken_back_by_a_broken_answer() -> None:
    """What could be read of the first answer counts where the second says nothing."""
    _, examiner, examined = claims("bad_arguments", "bad_arguments", verdicts={"Finding 01": False})
    checked = examiner.confirms(examined)
    assert [placed.confirmed for placed in checked.findings] == [True, False, True, True]
    assert checked.problems == ()


# --- nobody wants it any more -------------------------------------------------------------------------------------


class Pushed:
    """Wanted for the first few times that somebody asks."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Superseded("superseded by abc1234")


def test_what_is_on_its_way_is_waited_for_and_kept() -> None:
    """No call is begun after the push; the three that were are paid, so the next run does not ask them again."""
    server, examiner, diff = model_server(latency=0.2), Examiner(), change(60, lines=CHUNK_LINES // 3)
    with pytest.raises(Superseded, match="superseded by abc1234"):
        examiner.examines(diff, wanted=Pushed(3))
    assert len(server.requests) == 3
    assert all(request.answered for request in server.requests)
    before = sum(path_of(n) in user for user in users(server) for n in range(60))
    assert len(examiner.store.kept) == before < 60
    examined = examiner.examines(diff)
    assert fates(examined) == {"REVIEWED": 60 - before, "CACHED": before}


@pytest.mark.parametrize("kind", ["text", "truncated", "server_error"])
def test_nothing_is_mended_for_a_run_that_is_not_wanted(kind: FaultKind) -> None:
    """Asking again, halving and falling back are new calls."""
    server = model_server(*[kind] * 3)
    with pytest.raises(Superseded):
        Examiner().examines(change(4), wanted=Pushed(1))
    assert len(server.requests) == (3 if kind == "server_error" else 1)  # a call's own tries are one call


def test_the_second_look_ends_as_well() -> None:
    server, examiner, examined = claims()
    with pytest.raises(Superseded):
        examiner.confirms(examined, wanted=Pushed(0))
    assert server.requests == []


def test_an_error_of_our_own_ends_the_run_at_once() -> None:
    """A database that is gone keeps no answer: the other calls are not waited for."""
    server, examiner = model_server(latency=0.1), Examiner()

    class Gone(type(examiner.store)):  # type: ignore[misc]
        async def keep_answers(self, _installation: int, _entries: object) -> None:
            server.latency = 30.0
            raise OutsideError("the database did not answer as it should")

    examiner.store = Gone()
    with pytest.raises(OutsideError, match="the database"):
        examiner.examines(change(30, lines=CHUNK_LINES))
