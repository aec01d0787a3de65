"""A stand-in GitHub on loopback with one pull request, for the tests of the GitHub adapter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from reviewer.core.types import Anchor, CheckReport, Comment, Side
from reviewer.github import GitHubApp
from reviewer.github.repository import Repository
from reviewer.standin.events import open_pull
from reviewer.standin.github import StandIn
from reviewer.standin.records import Limits, Pull
from reviewer.standin.repository import Content, GitRepository
from reviewer.standin.state import State, make_key

T = TypeVar("T")

NAME = "octo/flasky"
OLD = "def area(w, h):\n    return w + h\n"
NEW = "def area(w, h):\n    # both sides\n    return w * h\n\n\nprint(area(2, 3))\n"
CONFIG = "review: {drafts: false}\n"

a_key = cache(make_key)  # a key takes a tenth of a second


class Forge:
    """The stand-in's state (`hub`), where it is served, and a way to act on it as the App."""

    def __init__(self, hub: State, url: str) -> None:
        self.hub = hub
        self.url = url
        self.clock = 0.0
        self.naps: list[float] = []
        self._git = GitRepository.create(hub.root / "flasky.git")
        first: dict[str, Content] = {"area.py": OLD, ".github/reviewer.yml": CONFIG, "docs/logo.png": b"\x89PNG\0\0\1"}
        self._base = self._git.commit(first)
        self._head = self._git.commit({"area.py": NEW, "new.txt": "hello\n"}, branch="topic")
        self.reset()

    def reset(self) -> None:
        """The forge as it was at first: one pull request, nothing said, nothing broken, nothing asked."""
        hub = self.hub
        for memory in (hub.repositories, hub.installations, hub.tokens, hub.requests, hub.faults, hub.deliveries):
            memory.clear()
        hub.limits = Limits()
        self.clock = 0.0
        self.naps = []
        self._git.point("main", self._base)
        self._git.point("topic", self._head)
        hub.add_repository(NAME, self._git)
        open_pull(hub, NAME, head="topic", title="Areas", body="Multiplies.", user="ada")

    async def nap(self, seconds: float) -> None:
        """Sleeps by the forge's clock."""
        self.naps.append(seconds)
        self.clock += seconds

    @property
    def stands(self) -> Pull:
        """The pull request as it stands on the forge."""
        return self.hub.pull(NAME, 1)

    @property
    def installation(self) -> int:
        found = self.hub.installation_of(NAME)
        assert found is not None
        return found.id

    def app(self, *, key: str = "", url: str = "", app_id: str = "") -> GitHubApp:
        return GitHubApp(
            app_id or str(self.hub.app_id),
            key or a_key(),
            url or f"{self.url}/api/v3",
            clock=lambda: self.clock,
            sleep=self.nap,
            pauses=(0, 0),
        )

    def act(self, do: Callable[[Repository], Awaitable[T]]) -> T:
        """What `do` gives when it is handed the repository."""
        return self.run(lambda app: do(app.repository(self.installation, NAME)))

    def run(self, do: Callable[[GitHubApp], Awaitable[T]], **about: str) -> T:
        async def scenario() -> T:
            app = self.app(**about)
            try:
                return await do(app)
            finally:
                await app.aclose()

        return asyncio.run(scenario())

    def fail(self, path: str, status: int, message: str, *, method: str = "", times: float = 1, **headers: str) -> None:
        """Script an error in GitHub's form; header names are given with _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.hub.fail(method, path, times=times, status=status, headers=sent, body={"message": message})


@contextmanager
def forge_at(root: Path) -> Iterator[Forge]:
    hub = StandIn(root, time.time, private_key_pem=a_key())
    with hub.serve() as url:
        yield Forge(hub, url)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge_at(tmp_path_factory.mktemp("forge")) as forge:
        yield forge


@pytest.fixture
def forge(served: Forge) -> Forge:
    served.reset()
    return served


def report(**changes: object) -> CheckReport:
    """A check in progress, with `changes`."""
    fields = {"status": "in_progress", "title": "Reviewing", "summary": "Half way.", **changes}
    return CheckReport(**fields)  # type: ignore[arg-type] # the tests know the types


def comment(line: int = 3, *, start: int | None = None, mark: str = "f1", path: str = "area.py") -> Comment:
    anchor = Anchor(path, Side.RIGHT, line, start)
    return Comment(anchor, f"Wrong.\n\n<!-- reviewer:finding={mark} -->", mark)
