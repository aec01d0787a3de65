"""SIGTERM in mid-review: what can end, ends; what cannot goes on at the next start, and nothing is said twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from standin_client import Forge, forge
from starlette.types import ASGIApp, Receive, Scope, Send
from test_server import FINDING, TOKEN, Running, credentials, running

from reviewer.standin.model import StandInModel
from reviewer.standin.server import serve
from reviewer.standin.webhooks import deliver

PATIENCE = 60.0  # seconds


class Slow:
    """A model that has been asked and answers when it may."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.asked, self.may = threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.set()
            await asyncio.to_thread(self.may.wait, PATIENCE)
        await self.app(scope, receive, send)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path / "hub", time.time) as here:  # type: ignore[arg-type]
        yield here


@pytest.fixture
def model() -> Slow:
    return Slow(StandInModel([FINDING]).app)


def status(server: Running, run: str) -> str:
    return str(server.get(f"/jobs/{run}", authorization=f"Bearer {TOKEN}").json()["status"])


@pytest.mark.parametrize("in_time", [True, pytest.param(False, marks=pytest.mark.slow)])  # ten seconds of grace
def test_a_review_survives_an_orderly_stop(hub: Forge, model: Slow, tmp_path: Path, *, in_time: bool) -> None:
    """The model answers before the limit, or only after the next start: one review, its check concluded."""
    with serve(model) as url:
        variables = credentials(hub, OPENAI_BASE_URL=f"{url}/v1", REVIEWER_OPERATOR_TOKEN=TOKEN)
        with running("serve", "--port", "0", at=tmp_path, **variables) as server:
            delivery = deliver(hub.state, hub.opened, f"{server.url}/api/github/webhooks")
            assert delivery.status == 202
            assert model.asked.wait(PATIENCE)
            if in_time:
                threading.Timer(1, model.may.set).start()
            assert server.stop() == 0
            assert (len(hub.state.reviews("octo/demo", 1)) == 1) is in_time
        model.may.set()
        with running("serve", "--port", "0", at=tmp_path, **variables) as server:
            until = time.monotonic() + PATIENCE
            while status(server, delivery.guid) != "done" and time.monotonic() < until:
                time.sleep(0.05)
            assert status(server, delivery.guid) == "done"
            assert server.stop() == 0
    assert len(hub.state.reviews("octo/demo", 1)) == 1
    head = hub.state.pull("octo/demo", 1).head_sha
    assert [check.conclusion for check in hub.state.check_runs(head)] == ["failure"]
