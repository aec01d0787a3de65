"""A world to review in: GitHub and the model on loopback, a real git repository, the real tools, what stands now."""

from __future__ import annotations

import asyncio
import atexit
import itertools
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from planted import Planted, outlined
from standin_client import Clock, key
from stands import Stands
from world_servers import Oracle, Servers, finding, serving, tokens

from reviewer import review
from reviewer.app import Parts, build
from reviewer.core.events import job_of
from reviewer.core.types import Job
from reviewer.github import GitHubApp
from reviewer.model import build_model
from reviewer.model.client import OpenAIModel
from reviewer.ports import Model, RunRecord, Tools
from reviewer.standin import events
from reviewer.standin.events import Event
from reviewer.standin.github import StandIn
from reviewer.standin.repository import Content, GitRepository
from reviewer.store.tables import METADATA

T = TypeVar("T")
Files = Mapping[str, Content]

SHOP = """\
def total(items):
    return sum(items)


def mean(items):
    if not items:
        return 0
    return total(items) / len(items)
"""
CHANGED = """\
def total(items):
    subtotal = sum(items)
    return subtotal - discount(items)


def mean(items):
    return total(items) / len(items)
"""
ADDED, ADDED_TOO = "    subtotal = sum(items)", "    return subtotal - discount(items)"  # lines 2 and 3 of the new file
REMOVED = "    if not items:"  # line 6 of the old file
CONTEXT = "def mean(items):"  # line 6 of the new file

_numbers = itertools.count(1)


class World(Stands):
    """One repository with what happens on it. `finding`s given to `model.findings` come back where their code is shown."""

    def __init__(self, folder: Path, servers: Servers, **environment: str) -> None:
        self.servers = servers
        self.clock = Clock()
        self.hub = StandIn(folder, self.clock, private_key_pem=key())
        self.hub.url = servers.github_url
        self.model = Oracle()
        servers.github.app, servers.model.app = self.hub.app, self.model.app
        servers.github.first = servers.model.first = None
        self.naps: list[float] = []  # how long the reviewer would have slept
        self.name = f"octo/shop-{next(_numbers)}"  # of its own: the served reviewer remembers
        self.settings = servers.settings(folder, **environment)
        self.parts: Parts = build(self.settings)
        self.parts.store.create_tables()
        github = (str(self.hub.app_id), key(), f"{servers.github_url}/api/v3")
        self._github = GitHubApp(*github, pauses=(0, 0), sleep=lambda _: asyncio.sleep(0))
        self._models: dict[str, OpenAIModel] = {}
        self.secrets = Planted()
        self.tools: Tools = replace(
            self.parts.tools,
            github=self._github.repository,
            model=self._named,
            tokens=tokens,
            secrets=self.secrets,
            outlines=outlined,
            sleep=self.nap,
        )

    async def nap(self, seconds: float) -> None:
        self.naps.append(seconds)

    def _named(self, name: str, installation: int) -> Model:
        """The real model, except that it does not sleep between tries; none where no key is set."""
        if not self.settings.has_model:
            return self.parts.models.named(name, installation)
        if name not in self._models:
            address = f"{self.servers.model_url}/v1"
            model = build_model(name, keys=["sk-world"], base_url=address, sleep=self.nap, chance=lambda: 1.0)
            self._models[name] = model
        return self._models[name]

    # --- what people do -----------------------------------------------------------------------------------------

    def repository(self, base: Files, head: Files | bytes) -> None:
        """`base` on main; on the branch `topic` the files of `head` (None deletes), or a patch."""
        folder = self.hub.root / f"{self.name}.git"
        if isinstance(head, bytes):
            git = GitRepository.create(folder)
            git.commit(base)
            git.commit_patch(head, branch="topic")
        else:
            shutil.copytree(_history(tuple(base.items()), tuple(head.items())), folder)
            git = GitRepository(folder)
        self.hub.add_repository(self.name, git, roles={"ann": "write"})

    def opens(self, head: Files | bytes | None = None, *, base: Files | None = None, **about: Any) -> Event:
        """A pull request is opened; by default the one from SHOP to CHANGED."""
        self.repository({"shop.py": SHOP, **(base or {})}, {"shop.py": CHANGED} if head is None else head)
        return events.open_pull(self.hub, self.name, head="topic", **{"user": "ann", "title": "Discounts", **about})

    def pushes(self, files: Files, *, branch: str = "topic", **commit: Any) -> Event:
        self.git.commit(files, branch=branch, **commit)
        return events.push(self.hub, self.name, 1)

    @property
    def embedded(self) -> int:
        """How many texts the embedding model was given."""
        return sum(len(each.body["input"]) for each in self.model.requests if "tools" not in each.body)

    def forgets(self) -> None:
        """The database is lost."""
        with self.parts.store.transaction() as connection:
            for table in METADATA.sorted_tables:
                connection.execute(table.delete())

    def while_asked(self, do: Callable[[], object]) -> None:
        """Happens once, between the next question to the model and its answer."""
        self.servers.model.first = do

    # --- what the reviewer does ---------------------------------------------------------------------------------

    def wish(self, event: Event, *, delivery: str = "") -> Job:
        """The job of a delivery, recorded as the newest wish, as the webhook's door does it."""
        job = job_of(event.name, delivery or f"delivery-{next(_numbers)}", event.payload)
        assert isinstance(job, Job)
        asyncio.run(self.tools.store.want(job))
        return job

    def reviews(self, event: Event, *, delivery: str = "") -> RunRecord:
        """Carries out the job of an event, as a worker does; raises what fails the job."""
        return self.carries_out(self.wish(event, delivery=delivery))

    def carries_out(self, job: Job, *, announced: bool = True) -> RunRecord:
        async def work() -> RunRecord:
            if announced:
                await review.announce(job, job.delivery, self.tools)
            return await review.review(job, job.delivery, self.tools)

        return self.does(work())

    def does(self, work: Coroutine[Any, Any, T]) -> T:
        async def whole() -> T:
            try:
                return await work
            finally:
                await self._github.aclose()
                await self.parts.models.aclose()
                for model in self._models.values():
                    await model.aclose()

        return asyncio.run(whole())


@cache
def _history(base: tuple[tuple[str, Content], ...], head: tuple[tuple[str, Content], ...]) -> Path:
    """A repository with these two commits, made once in a process: git is a process for each step."""
    folder = Path(tempfile.mkdtemp(prefix="world-"))
    atexit.register(shutil.rmtree, folder)
    git = GitRepository.create(folder / "a.git")
    git.commit(dict(base))
    git.commit(dict(head), branch="topic")
    return folder / "a.git"


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with serving() as served:
        yield served


@pytest.fixture
def world(tmp_path: Path, servers: Servers) -> Iterator[World]:
    with living(tmp_path, servers) as alive:
        yield alive


@contextmanager
def living(folder: Path, servers: Servers, **environment: str) -> Iterator[World]:
    """A world that is looked over when its story ends."""
    alive = World(folder, servers, **environment)
    try:
        yield alive
    finally:
        alive.parts.store.close()
    alive.is_sound()


__all__ = [
    "ADDED",
    "ADDED_TOO",
    "CHANGED",
    "CONTEXT",
    "REMOVED",
    "SHOP",
    "Servers",
    "World",
    "finding",
    "living",
    "servers",
    "world",
]
