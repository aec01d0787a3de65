"""The loopback forge with one adapter for a whole module: making one for each call takes a tenth of a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from forge import Forge, a_key, forge

from reviewer.github import GitHubApp
from reviewer.standin.github import StandIn

__all__ = ["KeptForge", "forge", "served"]

T = TypeVar("T")


class KeptForge(Forge):
    """Knows our slug for as long as the module lasts, once an answer told it."""

    def __init__(self, hub: StandIn, url: str, runner: asyncio.Runner) -> None:
        super().__init__(hub, url)
        self._runner = runner
        self._kept = self.app()

    def run(self, do: Callable[[GitHubApp], Awaitable[T]], **about: str) -> T:
        if about:
            return super().run(do, **about)

        async def scenario() -> T:
            return await do(self._kept)

        return self._runner.run(scenario())

    def close(self) -> None:
        self._runner.run(self._kept.aclose())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptForge]:
    hub = StandIn(Path(tmp_path_factory.mktemp("forge")), time.time, private_key_pem=a_key())
    with hub.serve() as url, asyncio.Runner() as runner:
        kept = KeptForge(hub, url, runner)
        yield kept
        kept.close()
