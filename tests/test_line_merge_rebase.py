"""Groups whose commits do not say whose they are: rebased, called like others, moved on, very long."""

from __future__ import annotations

import pytest
from test_line_merge_group import OTHER, checked, concludes, queued, two
from world import World, servers, world

from reviewer.standin import events
from reviewer.standin.events.queue import Method

__all__ = ["servers", "world"]


def test_a_queue_that_rebases_is_read_by_the_commits_themselves(world: World) -> None:
    """They have the messages of their authors and name nobody: those of the named pull request are known by that."""
    two(world)
    checked(world, 2)
    calls = world.hub.count("GET", "/compare/")
    event = queued(world, 2, method="rebase")
    head = event.payload["merge_group"]["head_sha"]
    assert head != world.hub.pull(world.name, 2).head_sha
    assert concludes(world, event) == "success: Nothing blocks: pull request 2"
    assert world.hub.count("GET", "/compare/") == calls + 2
    checked(world, 2, "failure", "1 finding blocks")
    assert concludes(world, event) == "failure: Pull request 2 fails: 1 finding blocks"


def test_commits_of_nobody_do_not_pass_in_silence(world: World) -> None:
    """A red pull request in the middle of a group that was rebased is named nowhere: `gate.on_error` decides."""
    two(world, config="gate: {on_error: failure}")
    world.git.commit({"more.py": "m = 1\n"}, branch="topic", message="More")
    events.push(world.hub, world.name, 1)
    checked(world, 1, "failure", "1 finding blocks")
    checked(world, 2)
    event = queued(world, 1, 2, method="rebase")
    assert concludes(world, event) == (
        "failure: Not all of the group is known: 2 commits belong to no pull request that could be found"
    )
    (check,) = world.hub.check_runs(event.payload["merge_group"]["head_sha"])
    assert "More\n" in (check.summary or "")
    assert "- pull request 2 at " in (check.summary or "")
    checked(world, 2, "failure", "1 finding blocks")
    assert concludes(world, event) == "failure: Pull request 2 fails: 1 finding blocks"


def test_a_number_that_is_no_pull_request_of_the_branch_explains_nothing(world: World) -> None:
    """The author's own words name an issue, say."""
    two(world)
    checked(world, 2)
    world.git.commit({"tax.py": f"{OTHER}\n"}, branch="other", message="As asked for (#77)")
    events.push(world.hub, world.name, 2)
    checked(world, 2)
    assert concludes(world, queued(world, 2, method="rebase")) == "success: Nothing blocks: pull request 2"
    event = queued(world, 2)
    event.payload["merge_group"] |= {
        "head_sha": world.hub.pull(world.name, 2).head_sha,
        "head_ref": "refs/heads/gh-readonly-queue/main/pr-1-aa",
    }
    checked(world, 1)
    assert concludes(world, event).startswith("neutral: Not all of the group is known: 1 commit belongs")


def test_a_title_cannot_stand_for_another_pull_request(world: World) -> None:
    """Called like the merge of a green one, where merges have the pull request's title or GitHub's own."""
    two(world)
    checked(world, 1)
    checked(world, 2, "failure", "1 finding blocks")
    world.git.commit({"c.py": "c = 1\n"}, branch="third", parent=world.git.resolve("main"))
    events.open_pull(world.hub, world.name, head="third", user="ann", title="Third")
    checked(world, 3)
    for title in ("Merge pull request #1 from x (#2)", "Merge pull request #1 from x"):
        event = queued(world, 2, 3)
        git, (one, *_) = world.git, [world.hub.pull(world.name, 2)]
        base, tip = event.payload["merge_group"]["base_sha"], event.payload["merge_group"]["head_sha"]
        tree = git.run("rev-parse", f"{tip}^{{tree}}").decode().strip()
        under = git.run("commit-tree", tree, "-p", base, "-p", one.head_sha, "-m", title).decode().strip()
        third = world.hub.pull(world.name, 3).head_sha
        top = git.run("commit-tree", tree, "-p", under, "-p", third, "-m", "Third (#3)").decode().strip()
        event.payload["merge_group"]["head_sha"] = top
        assert concludes(world, event) == "failure: Pull request 2 fails: 1 finding blocks"


def test_the_verdict_of_the_head_that_was_queued_counts(world: World) -> None:
    """Pushed to since: what the group holds was reviewed, and what came later is not in it."""
    two(world)
    checked(world, 1)
    checked(world, 2)
    event = queued(world, 1, 2)
    world.pushes({"late.py": "late = 1\n"})
    checked(world, 1, "failure", "1 finding blocks")
    assert concludes(world, event) == "success: Nothing blocks: pull requests 2 and 1"


def test_what_was_merged_meanwhile_has_no_say(world: World) -> None:
    """The group before this one has landed; its pull request is closed."""
    two(world)
    checked(world, 2)
    for method in ("merge", "squash"):
        event = queued(world, 1, 2, method=method)
        world.pull.closed, before = world.clock(), world.pull.closed
        assert concludes(world, event) == "success: Nothing blocks: pull request 2"
        world.pull.closed = before


@pytest.mark.parametrize("method", ["merge", "rebase"])
def test_of_a_very_long_group_the_newest_commits_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    """The queue's own merges are at its end. What cannot be followed down to the base is not taken for known."""
    monkeypatch.setattr("reviewer.github.heads.PAGE", 1)
    monkeypatch.setattr("reviewer.github.heads.MOST_PAGES", 2)
    monkeypatch.setattr("reviewer.core.merging.MOST_COMMITS", 2)
    two(world)
    for at in range(3):
        world.git.commit({"more.py": f"m = {at}\n"}, branch="topic", message=f"More {at}")
    events.push(world.hub, world.name, 1)
    checked(world, 1)
    said = concludes(world, queued(world, 1, method=method))
    assert said.startswith("success: Nothing blocks" if method == "merge" else "neutral: Not all of the group is known")
