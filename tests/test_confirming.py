"""The second look under a budget: what is graver is asked first, and nothing less grave opens the gate for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from placed import placed
from planted import Planted, outlined

from reviewer import resources
from reviewer.confirming import Confirmed, confirm
from reviewer.core.config import Config
from reviewer.core.errors import ModelError
from reviewer.core.gate import decide
from reviewer.core.types import Answer, Chunk, Coverage, HunkId, Line, Placed, Prompt, Severity, Usage
from reviewer.memory import MemoryAnswers
from reviewer.plan import Means
from reviewer.purse import Purse
from reviewer.question import Question

LEVELS = list(Severity)
WORDS = 30  # tokens of a claim's code


class Judge:
    """A model that upholds every claim, unless it is `down`; `broken` answers come first, and are to be given again."""

    name = "judge"

    def __init__(self, *, down: str = "", broken: int = 0) -> None:
        self.asked: list[list[str]] = []
        self._down, self._broken = down, broken

    async def call(self, prompt: Prompt) -> Answer:
        if self._down:
            raise ModelError(self._down)
        ids = [name for name in NAMES if f'"{name}"' in prompt.user]
        self.asked.append(ids)
        await asyncio.sleep(0)
        if len(self.asked) <= self._broken:
            return Answer("no JSON", Usage(), self.name)
        verdicts = [{"id": name, "holds": True, "reason": "so it is"} for name in ids]
        return Answer(json.dumps({"verdicts": verdicts}), Usage(), self.name)


class Words:
    """A token is a word."""

    def count(self, text: str) -> int:
        return len(text.split())


NAMES = [f"name-{at:02}" for at in range(30)]


def claim(at: int, severity: Severity) -> Placed:
    quote = f"total_{at} = add({at})"
    found = placed(title=f"Finding {at}", path=f"a{at:02}.py", quote=quote, severity=severity, line=1)
    return replace(found, fingerprint=NAMES[at])


def chunk(found: Placed) -> Chunk:
    path, quote = found.finding.path, found.finding.quote
    text = f"@@ {path}\n1+{quote} {'word ' * WORDS}\n"
    return Chunk(path, f"key {path}", text, WORDS + 4, (HunkId(path, 0),), (Line("+", quote, None, 1),))


def confirms(
    findings: Sequence[Placed],
    *,
    budget: int = 0,
    fail_on: Severity = Severity.HIGH,
    model: Judge | None = None,
    doubts: Sequence[Placed] = (),
    blocked: Mapping[str, str] | None = None,
) -> Confirmed:
    model = model or Judge()
    means = Means(
        MemoryAnswers(),
        Words,
        Planted(),
        outlined,
        lambda: 0.0,
        purse=Purse(budget, Words().count),
    )
    question = Question(
        installation=1, repository="octo/shop", config=Config(), model=model, prompt=resources.prompt_files()["review"]
    )
    return asyncio.run(
        confirm(
            findings,
            [chunk(found) for found in (*findings, *doubts)],
            question,
            means,
            fail_on=fail_on,
            prompt=resources.prompt_files()["confirm"],
            wanted=_always,
            doubts=doubts,
            blocked=blocked or {},
        )
    )


def concludes(checked: Confirmed, fail_on: Severity) -> str:
    return decide(
        checked.findings, Coverage(()), fail_on=fail_on, on_error="neutral", problems=checked.problems
    ).conclusion


def test_the_gravest_is_asked_first() -> None:
    """In whatever order they were found: a short purse is not spent on remarks about the first files."""
    found = [claim(at, Severity.LOW) for at in range(25)] + [claim(25, Severity.CRITICAL)]
    for order in (found, found[::-1]):
        model = Judge()
        checked = confirms(order, budget=700, fail_on=Severity.LOW, model=model)
        assert model.asked[0] == [NAMES[25]]
        assert concludes(checked, Severity.LOW) == "failure"


def test_with_enough_they_are_asked_together() -> None:
    """Calls cost too: only a short purse asks by severity."""
    model = Judge()
    confirms([claim(at, LEVELS[at % 4]) for at in range(8)], budget=100_000, fail_on=Severity.LOW, model=model)
    assert len(model.asked) == 1


@settings(max_examples=40, deadline=None)
@given(
    budget=st.integers(300, 4_000),
    levels=st.lists(st.sampled_from(LEVELS), min_size=1, max_size=24),
    broken=st.integers(0, 2),
)
def test_a_stricter_bar_never_opens_the_gate(budget: int, levels: list[Severity], broken: int) -> None:
    """Under any budget: what blocks with a lax bar blocks with a strict one, where more is asked; nothing is let go unasked."""
    found = [claim(at, level) for at, level in enumerate(levels)]
    shut = False
    for bar in sorted(LEVELS, reverse=True):
        checked = confirms(found, budget=budget, fail_on=bar, model=Judge(broken=broken))
        now = concludes(checked, bar)
        assert now == "failure" or not shut
        assert now != "success" or max(levels) < bar
        shut = now == "failure"


def test_what_was_not_asked_is_counted_by_findings() -> None:
    """However many calls it came apart into, the check says it once."""
    found = [claim(at, Severity.HIGH) for at in range(12)]
    checked = confirms(found, budget=100)
    assert checked.problems == (
        "12 findings that would block could not be confirmed: over the review's budget of 100 tokens",
    )
    assert concludes(checked, Severity.HIGH) == "neutral"


@pytest.mark.parametrize("doubted", [True, False])
def test_what_blocked_stays_while_nobody_can_be_asked(doubted: bool) -> None:
    """Found again or in doubt: an outage opens no gate, and the reason says what it rests on; what is new is not sure."""
    old, new = claim(0, Severity.HIGH), claim(1, Severity.HIGH)
    findings, doubts = ([new], [old]) if doubted else ([old, new], [])
    for model, budget, why in ((Judge(down="It is down."), 0, "It is down."), (Judge(), 9, "over the review's budget")):
        checked = confirms(findings, budget=budget, model=model, doubts=doubts, blocked={NAMES[0]: "abc1234" * 5})
        said = {p.fingerprint: p for p in (*checked.findings, *checked.doubts)}
        assert (said[NAMES[0]].confirmed, said[NAMES[1]].confirmed) == (True, False)
        assert said[NAMES[0]].reason.startswith(
            f"it blocked on `abc1234` already and could not be asked about again: {why}"
        )
        (problem,) = checked.problems
        assert problem.startswith("1 finding that would block could not be confirmed")


def test_what_blocked_is_let_go_by_a_verdict() -> None:
    """Only while nobody can be asked does the old verdict count."""
    old = claim(0, Severity.HIGH)
    model = Judge(broken=9)
    assert confirms([old], model=model, blocked={NAMES[0]: "abc1234"}).findings[0].confirmed

    class Refuting(Judge):
        async def call(self, prompt: Prompt) -> Answer:
            answer = await super().call(prompt)
            return replace(answer, arguments=answer.arguments.replace("true", "false"))

    checked = confirms([], model=Refuting(), doubts=[old], blocked={NAMES[0]: "abc1234"})
    assert checked.doubts == ()


async def _always() -> None:
    """Nobody pushes."""
