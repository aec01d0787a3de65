"""Overrides and pauses on a pull request of the stand-in: what a maintainer lets pass, and what waits for a word."""

from __future__ import annotations

import asyncio
import time

import pytest
from test_line_commands import answers
from world import ADDED, ADDED_TOO, World, finding, servers, world

from reviewer.core.errors import OutsideError
from reviewer.core.types import Override, Pause
from reviewer.ports import RunRecord
from reviewer.standin import events
from reviewer.standin.model_shapes import Fault

__all__ = ["servers", "world"]

OTHER = {"other.py": "x = 1\n"}
TITLE = "Overridden by max"


def says(world: World, body: str, *, user: str = "max") -> RunRecord | None:
    """The command is answered, and the review that follows is carried out."""
    events.set_role(world.hub, world.name, "max", "maintain")
    world.clock.now = time.time()  # people write after they have read
    follow = answers(world, events.comment(world.hub, world.name, 1, body, user=user))
    if follow is None:
        return None
    asyncio.run(world.tools.store.want(follow))
    return world.carries_out(follow)


def given(world: World) -> tuple[Override, ...]:
    return asyncio.run(world.tools.store.overrides(next(iter(world.hub.installations)), world.name, 1))


def paused(world: World) -> Pause | None:
    return asyncio.run(world.tools.store.pause(next(iter(world.hub.installations)), world.name, 1))


@pytest.fixture
def blocked(world: World) -> World:
    """One finding blocks."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    world.reviews(world.opens())
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    return world


# --- overrides -------------------------------------------------------------------------------------------------------


def test_a_maintainer_overrides(blocked: World) -> None:
    """The check passes and says by whom, when, why and which findings; the model is not asked again."""
    head, calls = blocked.pull.head_sha, blocked.model.calls
    says(blocked, "/override it is meant")
    assert blocked.verdict == f"success: {TITLE}"
    summary = blocked.check.summary or ""
    assert "**Overridden**\n\nOverridden by `max` at 20" in summary
    assert f" UTC on `{head[:7]}`: it is meant" in summary
    assert "- 🟠 high · `shop.py:2` · Wrong sum · `" in summary
    assert blocked.model.calls == calls
    said = blocked.pull.issue_comments[-1].body
    assert said.startswith(f"Overridden by `max` for `{head[:7]}`: it is meant. The check passes")
    assert "- `high · shop.py:2 · Wrong sum`" in said
    assert f"<!-- reviewer:override={head}:max:" in said
    [override] = given(blocked)
    assert (override.head, override.by, override.reason, override.base) == (head, "max", "it is meant", "main")
    assert list(override.findings.values()) == ["high · shop.py:2 · Wrong sum"]


def test_words_edited_beside_an_override_do_not_give_it_again(blocked: World) -> None:
    """What was pushed since was not meant by it."""
    says(blocked, "About this one.\n\n/override it is meant")
    comment = next(each for each in blocked.pull.issue_comments if each.body.startswith("About"))
    blocked.model.findings.append(finding("x = 1", "Worse", path="other.py", severity="critical"))
    blocked.reviews(blocked.pushes(OTHER))
    assert blocked.check.conclusion == "failure"
    blocked.clock.now = time.time()
    body = "About that one.\n\n/override it is meant"
    follow = answers(blocked, events.edit(blocked.hub, blocked.name, 1, body, comment=comment.id))
    if follow:
        asyncio.run(blocked.tools.store.want(follow))
        blocked.carries_out(follow)
    assert blocked.check.conclusion == "failure"
    assert [list(each.findings.values()) for each in given(blocked)] == [["high · shop.py:2 · Wrong sum"]]


def test_on_later_heads_only_what_is_new_blocks(blocked: World) -> None:
    """The finding that was overridden stays so through other changes and when its line moves; a new one blocks."""
    says(blocked, "/override it is meant")
    blocked.reviews(blocked.pushes(OTHER))
    assert blocked.verdict == f"success: {TITLE}"
    blocked.model.findings.append(finding("y = 2", "Another", severity="high", path="new.py"))
    blocked.reviews(blocked.pushes({"new.py": "y = 2\n"}))
    assert blocked.verdict == "failure: 1 finding blocks: 1 high"
    summary = blocked.check.summary or ""
    blocks, _, overridden = summary.partition("**Overridden**")
    assert "Another" in blocks
    assert "Wrong sum" not in blocks
    assert "Wrong sum" in overridden
    blocked.reviews(blocked.pushes({"new.py": None}))
    assert blocked.verdict == f"success: {TITLE}"


def test_what_was_not_reviewed_is_passed_on_that_head_alone(world: World) -> None:
    """Left out, failed, or pushed during a pause: where the repository wants that to fail, a pause opens no gate."""
    world.model.faults = [Fault("refusal")] * 2
    world.reviews(world.opens(base={".github/reviewer.yml": "gate: {on_error: failure}"}))
    assert world.check.conclusion == "failure"
    says(world, "/override the model is down")
    assert world.verdict == "success: Overridden by max"
    assert "Beside that, 1 of 1 hunks were not reviewed." in (world.check.summary or "")
    world.secrets.broken = "the rules are gone"
    follow = answers(world, events.comment(world.hub, world.name, 1, "/review", user="max"))
    assert follow
    asyncio.run(world.tools.store.want(follow))
    with pytest.raises(OutsideError, match="the rules are gone"):
        world.carries_out(follow)
    assert world.verdict == "success: Overridden by max"
    world.secrets.broken = ""
    says(world, "/pause", user="ann")
    world.reviews(world.pushes(OTHER))
    assert world.verdict == "failure: Paused"
    says(world, "/override it is meant")
    assert world.verdict == f"success: {TITLE}"


def test_an_override_outlives_a_lost_database(blocked: World) -> None:
    """Our answer on GitHub has all of it but the findings' labels; one that somebody edited counts for nothing."""
    says(blocked, "/override it is meant")
    blocked.forgets()
    blocked.reviews(blocked.pushes(OTHER))
    assert blocked.verdict == "success: Overridden by max"
    assert ": it is meant" in (blocked.check.summary or "")
    assert [each.reason for each in given(blocked)] == ["it is meant"]
    blocked.forgets()
    blocked.pull.issue_comments[-1].updated += 60
    blocked.reviews(blocked.pushes({"other.py": "x = 2\n"}))
    assert blocked.verdict == "failure: 1 finding blocks: 1 high"


# --- pauses ----------------------------------------------------------------------------------------------------------


def test_a_pause_holds_pushes_until_it_ends(blocked: World) -> None:
    """A check at once that says how to go on and what still blocks, no model call; `/review` reviews one head, which is kept up to
    date from then on; after `/resume` what was pushed meanwhile is reviewed.
    """
    assert says(blocked, "/pause", user="ann") is None
    calls = blocked.model.calls
    blocked.model.findings.append(finding("x = 1", "Another", severity="high", path="other.py"))
    blocked.reviews(blocked.pushes(OTHER))
    assert (blocked.verdict, blocked.model.calls) == ("failure: Paused: 1 finding still blocks", calls)
    assert "`ann` has paused the reviews of this pull request: `/resume` brings them back" in (
        blocked.check.summary or ""
    )
    says(blocked, "/review", user="ann")
    assert blocked.verdict == "failure: 2 findings block: 2 high"
    says(blocked, "/override it is meant")
    assert blocked.verdict == f"success: {TITLE}"
    blocked.reviews(blocked.pushes({"new.py": "y = 2\n"}))
    assert blocked.verdict == "neutral: Paused"
    blocked.model.findings.append(finding("y = 2", "A third", severity="high", path="new.py"))
    says(blocked, "/resume", user="ann")
    assert blocked.verdict == "failure: 1 finding blocks: 1 high"
    pause = paused(blocked)
    assert pause
    assert (pause.by, pause.ended_by, bool(pause.ended)) == ("ann", "ann", True)


def test_a_draft_is_reviewed_on_request(world: World) -> None:
    """Although drafts wait; so does its next push."""
    world.model.findings = [finding(ADDED_TOO, severity="high")]
    world.reviews(world.opens(draft=True))
    assert world.verdict == "neutral: Waiting: a draft"
    says(world, "/review", user="ann")
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    world.reviews(world.pushes(OTHER))
    assert world.verdict == "neutral: Waiting: a draft"
