"""The server was down: what GitHub could not deliver is reviewed once, after the start, by the real program."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from world import ADDED, SHOP, World, finding, servers, world

from reviewer.app import web_app
from reviewer.catchup import Pace
from reviewer.standin import events, webhooks
from reviewer.standin.server import serve

__all__ = ["servers", "world"]

PATIENCE = 60.0  # seconds until the test gives up; it measures none


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the pace of a real service."""
    monkeypatch.setattr("reviewer.catchup.Pace", partial(Pace, first=0.05, every=0.3, sweep=0.3, settle=0.05, gap=0))


@pytest.fixture
def port() -> int:
    """Where the server will be; nobody listens there yet."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def up(world: World, port: int) -> Iterator[None]:
    with serve(web_app(world.settings, token="t"), port=port):
        yield


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def concluded(world: World, number: int) -> bool:
    head = world.hub.pull(world.name, number).head_sha
    return any(check.conclusion == "success" for check in world.hub.check_runs(head))


@pytest.mark.slow
def test_downtime_loses_nothing(world: World, port: int) -> None:
    """A delivery that found nobody, and a pull request that no delivery told of: one review each."""
    hook = f"http://127.0.0.1:{port}/api/github/webhooks"
    world.model.findings = [finding(ADDED, "One")]
    assert webhooks.deliver(world.hub, world.opens(), hook).status == 0
    world.git.commit({"shop.py": SHOP.replace("sum(items)", "sum(items) + 1")}, branch="silent")
    events.open_pull(world.hub, world.name, head="silent", user="ann")

    with up(world, port):
        until(lambda: concluded(world, 1) and concluded(world, 2))
        asked = world.hub.count("GET", "deliveries")
        until(lambda: world.hub.count("GET", "deliveries") >= asked + 3)  # and rounds that have nothing to do
    with up(world, port):  # a restart finds all in order
        asked = world.hub.count("GET", "deliveries")
        until(lambda: world.hub.count("GET", "deliveries") >= asked + 2)

    assert [(each.status, each.redelivery) for each in world.hub.deliveries] == [(0, False), (202, True)]
    assert len(world.pull.reviews) == 1
    assert world.inline == ["shop.py:2 RIGHT medium: One"]
    assert [check.conclusion for check in world.checks] == ["success", "success"]


def test_a_failed_job_that_left_its_check_hanging_is_taken_up(world: World, port: int) -> None:
    """GitHub would not hear of its end: once it does, the job runs again and its own check ends."""
    hook = f"http://127.0.0.1:{port}/api/github/webhooks"
    opened = world.opens()
    world.hub.fail(
        "PATCH", "check-runs", status=403, body={"message": "Resource not accessible"}, times=2
    )  # a text in passing, and the end

    with up(world, port):
        webhooks.deliver(world.hub, opened, hook)
        until(lambda: concluded(world, 1))

    assert [check.conclusion for check in world.checks] == ["success"]
