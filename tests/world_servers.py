"""The servers that a world needs, one of each for a file of tests, and the model that answers as a story wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from standin_client import key
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from reviewer.settings import Settings, load
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault, Spoken
from reviewer.standin.server import serve
from reviewer.tokens import O200k

tokens = cache(O200k)  # the ranks take a third of a second


def finding(quote: str, title: str = "", **changes: Any) -> dict[str, Any]:
    """An entry of `report_findings` about the line that reads like `quote`."""
    usual = {
        "path": "shop.py",
        "line": 1,
        "end_line": None,
        "quote": quote,
        "severity": "medium",
        "category": "logic",
        "confidence": 0.9,
        "title": title or f"About {quote.strip()}",
        "body": "With an empty list it divides by zero.",
        "suggestion": None,
    }
    return {**usual, **changes}


class Oracle(StandInModel):
    """The stand-in model; `said` (texts of arguments) and `always` (findings on anything) come before the recorded."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(count=tokens().count, **settings)
        self.said: list[str] = []
        self.always: list[dict[str, Any]] = []

    def told(self, function: str, text: str) -> dict[str, Any]:
        told = super().told(function, text)
        return told if "verdicts" in told else {"findings": [*self.always, *told["findings"]]}

    def _spoken(self, body: Mapping[str, Any], api: str, number: int, fault: Fault | None) -> Spoken:
        spoken = super()._spoken(body, api, number, fault)
        return replace(spoken, arguments=self.said.pop(0)) if self.said else spoken

    @property
    def calls(self) -> int:
        """Questions, not texts that were embedded."""
        return sum("tools" in each.body for each in self.requests)


class Switch:
    """One server for a file of tests, in front of whatever app the world of a test brings."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()
        self.first: Callable[[], object] | None = None  # done once, before the next request is answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first, self.first = (None, self.first) if scope["type"] == "lifespan" else (self.first, None)
        if first:
            await asyncio.to_thread(first)
        await (Starlette() if scope["type"] == "lifespan" else self.app)(scope, receive, send)


@dataclass(frozen=True)
class Servers:
    """Where the stand-ins of all worlds of a file of tests are reached."""

    github: Switch
    github_url: str
    model: Switch
    model_url: str

    def settings(self, folder: Path, **changes: str) -> Settings:
        usual = {
            "GITHUB_APP_ID": "4711",
            "GITHUB_PRIVATE_KEY": key(),
            "GITHUB_WEBHOOK_SECRET": "it-is-only-a-stand-in",
            "GITHUB_API_URL": f"{self.github_url}/api/v3",
            "OPENAI_API_KEY": "sk-world",
            "OPENAI_BASE_URL": f"{self.model_url}/v1",
            "REVIEWER_DATABASE_URL": f"sqlite:///{folder / 'reviewer.db'}",
        }
        return load({**usual, **changes})


@contextmanager
def serving() -> Iterator[Servers]:
    github, model = Switch(), Switch()
    with serve(github) as github_url, serve(model) as model_url:
        yield Servers(github, github_url, model, model_url)
