"""Asks a model on a loopback server, and keeps what there is to look at afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from reviewer import resources
from reviewer.core.errors import ModelError
from reviewer.core.prompts import confirm_prompt, parse_prompt, review_prompt
from reviewer.core.types import Answer, Batch, Chunk, Finding, HunkId, Placed, Prompt, Severity
from reviewer.model import build_model
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault, FaultKind
from reviewer.standin.server import serve

Api = Literal["responses", "chat"]
BOTH: list[Api] = ["responses", "chat"]

HIT = {
    "path": "src/refund.py",
    "line": 40,
    "end_line": None,
    "quote": "if cents > order.paid:",
    "severity": "critical",
    "category": "logic",
    "confidence": 0.9,
    "title": "Refunds can exceed what was paid",
    "body": "Two refunds of 60 on 100 both pass.",
    "suggestion": None,
}
ELSEWHERE = HIT | {"path": "src/other.py", "title": "Never asked about"}
GONE = HIT | {"quote": "if cents >= order.paid:", "title": "Not in this diff"}


def review(**settings: Any) -> Prompt:
    chunk = Chunk(
        "src/refund.py", "k", "@@ src/refund.py\n40+    if cents > order.paid:\n", 9, (HunkId("src/refund.py", 0),), ()
    )
    return review_prompt(parse_prompt(resources.prompts()["review"]), batch=Batch((chunk,)), **settings)


def confirmation() -> Prompt:
    finding = Finding("src/refund.py", 40, None, HIT["quote"], Severity.CRITICAL, "logic", 0.9, "one", "b")  # type: ignore[arg-type]
    other = Finding("src/refund.py", 41, None, "x", Severity.HIGH, "logic", 0.9, "two", "b")
    claims = [("id-1", Placed(finding, None)), ("id-2", Placed(other, None))]
    return confirm_prompt(parse_prompt(resources.prompts()["confirm"]), findings=claims, code="1+x\n")


class Naps:
    """A sleep that only remembers how long it should have been, to a hundredth of a second."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(round(seconds, 2))


class Asker:
    """A model on a stand-in, with what there is to look at afterwards."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.naps = Naps()
        defaults: dict[str, Any] = {
            "keys": ["sk-one"],
            "base_url": f"{url}/v1",
            "sleep": self.naps,
            "chance": lambda: 1.0,
            "clock": lambda: sum(self.naps.seconds),
        }
        self.model = build_model("gpt-x", **(defaults | settings))

    def ask(self, *prompts: Prompt) -> list[Answer]:
        async def all_of_them() -> list[Answer]:
            try:
                return [await self.model.call(prompt) for prompt in prompts]
            finally:
                await self.model.aclose()

        return asyncio.run(all_of_them())

    def fails(self, prompt: Prompt) -> ModelError:
        with pytest.raises(ModelError) as caught:
            self.ask(prompt)
        return caught.value


class Switch:
    """One server for the whole file, in front of whatever app a test brings: starting one takes longer than a call."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


SWITCH = Switch()


@pytest.fixture(scope="module", autouse=True)
def served() -> Iterator[None]:
    with serve(SWITCH) as SWITCH.url:
        yield


@contextmanager
def asking(standin: StandInModel, **settings: Any) -> Iterator[Asker]:
    SWITCH.app = standin.app
    yield Asker(SWITCH.url, **settings)


def standin(*faults: FaultKind | Fault | None, **settings: Any) -> StandInModel:
    scripted = [Fault(fault) if isinstance(fault, str) else fault for fault in faults]
    return StandInModel([HIT, ELSEWHERE, GONE], {"two": False}, faults=scripted, **settings)


@contextmanager
def serving(answer: Callable[[Request], Response], **settings: Any) -> Iterator[Asker]:
    """A server that answers whatever it likes."""

    async def endpoint(request: Request) -> Response:
        return answer(request)

    paths = ["/v1/responses", "/v1/chat/completions"]
    SWITCH.app = Starlette(routes=[Route(path, endpoint, methods=["POST"]) for path in paths])
    yield Asker(SWITCH.url, **settings)


PLAIN = {"output": [{"type": "function_call", "name": "report_findings", "arguments": '{"findings": []}'}]}
