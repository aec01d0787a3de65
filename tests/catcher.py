"""A process that catches up with a stand-in GitHub, the queue that it fills, and the webhook that GitHub calls."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from forge import Forge
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from reviewer.catchup import CatchUp, Pace
from reviewer.core.types import Job
from reviewer.github import GitHubApp

PACE = Pace(first=5, every=100, settle=1, gap=0)


class Hook:
    """The reviewer's webhook as GitHub sees it: answers with `status`, writes down the GUIDs that came."""

    def __init__(self) -> None:
        self.status = 202
        self.came: list[str] = []
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.came.append(Request(scope, receive).headers["x-github-delivery"])
            await Response(status_code=self.status)(scope, receive, send)


class Queue:
    """Jobs by id, and how they stand."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.states: dict[str, dict[str, Any]] = {}
        self.newest: dict[int, str] = {}  # by pull request

    async def enqueue(self, job: Job) -> str:
        if job.delivery not in self.states or self.states[job.delivery]["status"] == "failed":
            self.jobs.append(job)
            self.stand(job.delivery, "queued", number=job.number)
        return job.delivery

    async def status(self, run: str) -> dict[str, Any] | None:
        return self.states.get(run)

    def stand(self, run: str, status: str, *, number: int = 1) -> None:
        self.states[run] = {"status": status, "kind": "review"}
        self.newest[number] = run


class Worker:
    """A process that catches up; `leases` is what the processes of one database share."""

    def __init__(self, forge: Forge, queue: Queue, leases: dict[str, Worker] | None = None, pace: Pace = PACE) -> None:
        self.forge, self.queue, self.pace = forge, queue, pace
        self.leases = {} if leases is None else leases
        self.naps: list[float] = []

    def rounds(self, count: int = 1, *, first: bool = False) -> None:
        async def play(catch_up: CatchUp) -> None:
            for _ in range(count):
                await catch_up.round(first=first)

        self.play(play)

    def play(self, do: Callable[[CatchUp], Awaitable[None]]) -> None:
        async def whole(app: GitHubApp) -> None:
            await do(self.of(app))

        self.forge.run(whole)

    def of(self, app: GitHubApp) -> CatchUp:
        return CatchUp(
            app.survey(),
            self.queue,
            newest=self._newest,
            lease=self._lease,
            now=time.time,
            sleep=self._nap,
            chance=lambda: 0.5,
            pace=self.pace,
        )

    async def _newest(self, job: Job) -> str:
        return self.queue.newest.get(job.number, "")

    async def _lease(self, name: str, _seconds: float) -> bool:
        return self.leases.setdefault(name, self) is self

    async def _nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        if len(self.naps) > 12:
            raise TimeoutError
