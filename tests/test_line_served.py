"""The whole server: a signed webhook at the door, a durable job behind it, and what stands when the job has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from world import ADDED, SHOP, Servers, World, finding, servers, world

from reviewer.app import web_app
from reviewer.standin import events
from reviewer.standin.events import Event
from reviewer.standin.records import Delivery
from reviewer.standin.server import serve
from reviewer.standin.webhooks import deliver, redeliver
from reviewer.webhook import WEBHOOK_PATH

__all__ = ["servers", "world"]

PATIENCE = 60.0  # seconds until a test that waits for something gives up; no test measures time


class Door:
    """The served reviewer, one for the file: DBOS is a singleton in a process."""

    def __init__(self, url: str) -> None:
        self.url = url

    def hears(self, world: World, event: Event) -> Delivery:
        return deliver(
            world.hub, event, self.url + WEBHOOK_PATH, guid=f"{world.name.split('/')[1]}-{world.hub.next_id()}"
        )

    def ended(self, delivery: Delivery) -> str:
        """The status of the delivery's job once it has ended."""
        deadline = time.monotonic() + PATIENCE
        with httpx2.Client(trust_env=False, headers={"Authorization": "Bearer operator"}) as client:
            while time.monotonic() < deadline:
                state = client.get(f"{self.url}/jobs/{delivery.guid}").json()
                if state["status"] not in {"queued", "running"}:
                    return str(state["status"])
                time.sleep(0.02)
        raise AssertionError(state)


def opens(world: World) -> Event:
    """With instructions of its own: the answers of one world would serve the next, as they do within an installation."""
    return world.opens(base={".github/reviewer.yml": f"review: {{instructions: {world.name}}}"})


@pytest.fixture(scope="module")
def door(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder: Path = tmp_path_factory.mktemp("served")
    with serve(web_app(servers.settings(folder), token="operator")) as url:
        yield Door(url)


def test_a_webhook_becomes_a_review(world: World, door: Door) -> None:
    """202, a job, one review and a check that gates."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    delivery = door.hears(world, opens(world))
    assert (delivery.status, door.ended(delivery)) == (202, "done")
    assert world.inline == ["shop.py:2 RIGHT high: Wrong sum"]
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    assert [check.history for check in world.checks] == [["queued", "in_progress", "completed/failure"]]


def test_a_redelivery_does_nothing_twice(world: World, door: Door) -> None:
    """It carries the same GUID: what is done is done."""
    world.model.findings = [finding(ADDED, "Wrong sum")]
    delivery = door.hears(world, opens(world))
    door.ended(delivery)
    again = redeliver(world.hub, delivery)
    assert (again.status, door.ended(again)) == (202, "done")
    assert (len(world.checks), len(world.pull.reviews), world.model.calls) == (1, 1, 1)


def test_a_push_supersedes_what_runs(world: World, door: Door) -> None:
    """The push comes in while the model thinks about the old head, which then is never spoken of."""
    world.model.findings = [
        finding(ADDED, "Of the old head"),
        finding("    return math.fsum(items)", "Of the new head"),
    ]
    pushed: list[Delivery] = []
    new = SHOP.replace("sum(items)", "math.fsum(items)")
    opened = opens(world)
    world.while_asked(lambda: pushed.append(door.hears(world, world.pushes({"shop.py": new}))))
    first = door.hears(world, opened)
    assert (door.ended(first), door.ended(pushed[0])) == ("done", "done")
    assert world.inline == ["shop.py:2 RIGHT medium: Of the new head"]
    assert [check.conclusion for check in world.checks] == ["cancelled", "success"]


def test_a_close_ends_what_runs(world: World, door: Door) -> None:
    """Nothing is said on a pull request that was closed meanwhile."""
    world.model.findings = [finding(ADDED, "Too late")]
    closed: list[Delivery] = []
    opened = opens(world)
    world.while_asked(lambda: closed.append(door.hears(world, events.close(world.hub, world.name, 1))))
    assert door.ended(door.hears(world, opened)) == "done"
    assert door.ended(closed[0]) == "done"
    assert world.pull.reviews == []
    assert world.verdict == "cancelled: Closed"


def test_an_installation_that_is_gone_ends_the_job(world: World, door: Door) -> None:
    """Its event may still be under way; there is nobody to tell, and nothing to deliver again."""
    opened = opens(world)
    world.hub.installations.clear()
    delivery = door.hears(world, opened)
    assert (delivery.status, door.ended(delivery)) == (202, "done")
    assert world.checks == []


def test_what_asks_for_nothing_is_answered_200(world: World, door: Door) -> None:
    """Unknown events and actions, and those that are not about the code."""
    opened = opens(world)
    for name, action in (
        ("pull_request", "labeled"),
        ("pull_request", "from_the_future"),
        ("never_heard_of", "opened"),
    ):
        assert door.hears(world, Event(name, {**opened.payload, "action": action})).status == 200
