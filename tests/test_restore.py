"""A backup of a busy server, put back as OPERATIONS says: what was said stays said, and what was under way ends."""

from __future__ import annotations

from pathlib import Path

from test_downtime import concluded, port, soon, until, up
from world import ADDED, World, finding, servers, world

from reviewer.standin import webhooks
from reviewer.store.standing import back_up

__all__ = ["port", "servers", "soon", "world"]


def test_nothing_is_said_twice_after_an_older_backup(world: World, port: int, tmp_path: Path) -> None:
    """The copy is taken while the model is asked; then the review is posted, and the database goes back to before."""
    hook = f"http://127.0.0.1:{port}/api/github/webhooks"
    copy, database = tmp_path / "copy.db", tmp_path / "reviewer.db"
    world.model.findings = [finding(ADDED, "One")]
    opened = world.opens()
    world.while_asked(lambda: back_up(world.settings.database_url, copy))
    with up(world, port):
        assert webhooks.deliver(world.hub, opened, hook).status == 202
        until(lambda: concluded(world, 1))
        asked = world.model.calls
    world.parts.store.close()
    for left in tmp_path.glob("reviewer.db*"):
        left.unlink()
    copy.rename(database)
    with up(world, port):
        until(lambda: world.model.calls > asked)  # it was under way in the copy: it is done again
        rounds = world.hub.count("GET", "deliveries")
        until(lambda: world.hub.count("GET", "deliveries") >= rounds + 2)
        until(lambda: all(check.conclusion for check in world.checks))
    assert len(world.pull.reviews) == 1
    assert world.inline == ["shop.py:2 RIGHT medium: One"]
    assert [check.conclusion for check in world.checks] == ["success"]
