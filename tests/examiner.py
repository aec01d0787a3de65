"""Examines diffs of many files with real models on a loopback server, and keeps what there is to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from asker import HIT, SWITCH, Naps
from planted import Planted, outlined

from reviewer import resources
from reviewer.confirming import Confirmed, confirm
from reviewer.core.config import Config
from reviewer.core.diff import parse_diff
from reviewer.core.types import Diff, Fate, Severity
from reviewer.examine import examine
from reviewer.memory import MemoryAnswers
from reviewer.model import build_model
from reviewer.model.client import OpenAIModel
from reviewer.plan import Means
from reviewer.ports import Limits
from reviewer.progress import Examined
from reviewer.purse import Purse
from reviewer.question import Question
from reviewer.standin.model import StandInModel
from reviewer.standin.model_shapes import Fault, FaultKind

T = TypeVar("T")
MAIN, OTHER = "gpt-main", "gpt-other"
CHUNK_LINES = 150  # with `Quarter` some three thousand tokens, in a few chunks: a few files go into a batch


class Quarter:
    """A token is four characters."""

    def count(self, text: str) -> int:
        return len(text) // 4


def path_of(number: int) -> str:
    return f"src/part{number:02}.py"


def change(count: int, *, lines: int = 3) -> Diff:
    """`count` new files, each a chunk of its own; `lines` of them, more than a few make batches of four chunks."""
    files = []
    for number in range(count):
        path, body = path_of(number), [f"+value_{number}_{line} = compute({'x' * 30}, {line})" for line in range(lines)]
        head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
        files.append(head + f"@@ -0,0 +1,{lines} @@\n" + "\n".join(body) + "\n")
    return parse_diff("".join(files))


def findings(count: int, **changes: Any) -> list[dict[str, Any]]:
    """One for the first line of each file of a change."""
    quotes = [f"value_{number}_0 = compute({'x' * 30}, 0)" for number in range(count)]
    places = [
        {"path": path_of(n), "line": 1, "quote": quote, "title": f"Finding {n:02}"} for n, quote in enumerate(quotes)
    ]
    return [{**HIT, "severity": "medium", **place, **changes} for place in places]


def model_server(*faults: FaultKind | Fault | None, **settings: Any) -> StandInModel:
    scripted = [Fault(fault) if isinstance(fault, str) else fault for fault in faults]
    server = StandInModel(**{"findings": findings(30), "faults": scripted, **settings})
    SWITCH.app = server.app
    return server


class Examiner:
    """One process's models and answer cache. `fallback=False`: there is only the one model."""

    def __init__(self, *, fallback: bool = True, keys: Sequence[str] = ("sk-one",), **settings: Any) -> None:
        self.store: Any = MemoryAnswers()
        self.naps = Naps()
        self.secrets, self.limits = Planted(), Limits()
        self.now = 0.0
        names = [MAIN, OTHER] if fallback else [MAIN]
        base: dict[str, Any] = {"keys": keys, "base_url": f"{SWITCH.url}/v1", "sleep": self.naps, "chance": lambda: 1.0}
        self.models: list[OpenAIModel] = [build_model(name, **{**base, **settings}) for name in names]

    def clock(self) -> float:
        return self.now

    @property
    def means(self) -> Means:
        purse = Purse(self.limits.tokens, Quarter().count)
        return Means(self.store, Quarter, self.secrets, outlined, self.clock, limits=self.limits, purse=purse)

    def question(self, **changes: Any) -> Question:
        base: dict[str, Any] = {"installation": 1, "repository": "octo/shop", "config": Config()}
        model, *others = self.models
        prompt = resources.prompt_files()["review"]
        return Question(**{**base, "model": model, "prompt": prompt, "fallback": next(iter(others), None), **changes})

    def examines(self, diff: Diff, *, wanted: Callable[[], Awaitable[None]] | None = None, **question: Any) -> Examined:
        return self._run(
            examine(
                diff,
                self.question(**question),
                self.means,
                tick=_tick,
                wanted=wanted or _always,
            )
        )

    def confirms(self, examined: Examined, *, wanted: Callable[[], Awaitable[None]] | None = None) -> Confirmed:
        return self._run(
            confirm(
                examined.findings,
                examined.chunks,
                self.question(),
                self.means,
                fail_on=Severity.HIGH,
                prompt=resources.prompt_files()["confirm"],
                wanted=wanted or _always,
            )
        )

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        async def whole() -> T:
            try:
                return await work
            finally:
                for model in self.models:
                    await model.aclose()

        return asyncio.run(whole())


def fates(examined: Examined) -> dict[str, int]:
    return {fate.name: examined.coverage.count(fate) for fate in Fate if examined.coverage.count(fate)}


def titles(examined: Examined) -> list[str]:
    return [placed.finding.title for placed in examined.findings]


def reasons(examined: Examined) -> set[str]:
    return {entry.reason for entry in examined.coverage.entries if entry.fate is Fate.FAILED}


def asked_of(server: StandInModel, model: str) -> int:
    return sum(request.body["model"] == model for request in server.requests)


async def _tick(done: int, total: int) -> None:
    """Nobody watches."""


async def _always() -> None:
    """Nobody pushes."""
