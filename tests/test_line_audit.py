"""The record of a pull request of the stand-in: nobody who is in it can take it away, and GitHub gives back what it knows."""

from __future__ import annotations

import asyncio
import time

import pytest
from test_line_checks import press
from test_line_commands import answers
from world import ADDED, ADDED_TOO, World, finding, servers, world

from reviewer.core.types import Act
from reviewer.standin import events
from reviewer.store import recorded

__all__ = ["servers", "world"]

REASON = "rounding -- is meant <!-- 🦀 --> @bob"


@pytest.fixture
def blocked(world: World) -> World:
    """One finding blocks."""
    world.model.findings = [finding(ADDED, "Wrong <sum>", severity="high")]
    world.reviews(world.opens())
    return world


def acts(world: World) -> list[Act]:
    """The newest first."""
    return [each.act for each in recorded(world.settings.database_url, world.name)]


def told(world: World) -> list[tuple[str, str, str, str]]:
    return [(each.what, each.by, each.reason, each.how) for each in acts(world)]


def replies(world: World, body: str, *, user: str = "ann") -> None:
    """In the finding's thread; the words are taken away afterwards: what stands is looked over at the end."""
    event = events.reply(world.hub, world.name, 1, body, user=user, to=world.pull.comments[0].id)
    answers(world, event)
    world.pull.comments[:] = [each for each in world.pull.comments if each.body != body]


def says(world: World, body: str, *, user: str = "ann") -> None:
    answers(world, events.comment(world.hub, world.name, 1, body, user=user))


def test_who_is_in_the_record_cannot_wipe_it(blocked: World) -> None:
    """A blocker is dismissed by one, then by another, and forgotten: each act is told, with the head, the finding's id
    and its label.
    """
    events.set_role(blocked.hub, blocked.name, "max", "write")
    replies(blocked, f"/dismiss {REASON}")
    replies(blocked, "/dismiss again", user="max")
    store, installation = blocked.tools.store, next(iter(blocked.hub.installations))
    [kept] = asyncio.run(store.dismissals(installation, blocked.name))
    says(blocked, "/config")
    name = blocked.pull.issue_comments[-1].body.split("- `")[1][:8]
    says(blocked, f"/config forget {name}")
    assert asyncio.run(store.dismissals(installation, blocked.name)) == ()
    assert told(blocked) == [
        ("forgetting", "ann", "", "command"),
        ("dismissal", "max", "again", "command"),
        ("dismissal", "ann", REASON, "command"),
    ]
    for act in acts(blocked):
        assert act.head == blocked.pull.head_sha
        place = "shop.py" if act.what == "forgetting" else "shop.py:2"  # the memory is of the file
        assert act.findings == {kept.name: f"high · {place} · Wrong <sum>"}
    blocked.reviews(blocked.pushes({"other.py": "x = 1\n"}))
    assert len(acts(blocked)) == 3


def test_github_gives_back_what_it_knows(blocked: World) -> None:
    """After the database is lost: by whom, when and why; the head is not known, and nothing is told twice."""
    replies(blocked, f"/dismiss {REASON}")
    [before] = acts(blocked)
    blocked.forgets()
    for number in range(2):
        blocked.reviews(blocked.pushes({f"other{number}.py": "x = 1\n"}))
    [after] = acts(blocked)
    assert (after.what, after.by, after.reason, after.how, after.head) == ("dismissal", "ann", REASON, "", "")
    assert [*after.findings] == [*before.findings]
    assert after.at == int(blocked.pull.comments[-1].created)
    [kept] = asyncio.run(blocked.tools.store.dismissals(next(iter(blocked.hub.installations)), blocked.name))
    assert (kept.by, kept.reason, kept.at) == ("ann", REASON, after.at)


def test_an_edited_answer_gives_nothing_back(blocked: World) -> None:
    """Whoever may write can put words into our mouth: they count, and are no record."""
    replies(blocked, "/dismiss it is meant")
    blocked.pull.comments[-1].updated += 60
    blocked.forgets()
    blocked.reviews(blocked.pushes({"other.py": "x = 1\n"}))
    assert (blocked.check.conclusion, acts(blocked)) == ("success", [])


@pytest.mark.parametrize("how", ["resolved thread", "thumbs down"])
def test_a_button_is_in_the_record(blocked: World, how: str) -> None:
    """From the review that sees it on; once."""
    comment = blocked.pull.comments[0].id
    if how == "resolved thread":
        blocked.reviews(events.resolve(blocked.hub, blocked.name, 1, comment=comment, user="ann"))
    else:
        events.react(blocked.hub, blocked.name, 1, "-1", comment=comment, user="ann")
    blocked.reviews(blocked.pushes({"other.py": "x = 1\n"}))
    assert told(blocked) == [("dismissal", "ann", "", how)]


def test_dismiss_all_low_is_one_act(world: World) -> None:
    """With each finding, also when the press is carried out again after a crash."""
    world.model.findings = [finding(ADDED, "One", severity="low"), finding(ADDED_TOO, "Two", severity="low")]
    world.reviews(world.opens())
    for _ in range(2):
        press(world, "dismiss-low")
    [act] = acts(world)
    assert (act.what, act.by, act.how, act.head) == ("dismissal", "ann", "button", world.pull.head_sha)
    assert [label.split(" · ")[2] for label in act.findings.values()] == ["One", "Two"]


def test_overrides_and_pauses_are_in_the_record(blocked: World) -> None:
    """Each by its own act, also when the command is carried out again after a crash; secrets are not."""
    events.set_role(blocked.hub, blocked.name, "max", "admin")
    secret = "ghp_" + "a1B2" * 9
    blocked.secrets.values.append(secret)
    blocked.clock.now = time.time()  # people write after they have read
    event = events.comment(blocked.hub, blocked.name, 1, f"/override {secret} is old", user="max")
    for _ in range(2):
        answers(blocked, event)
    says(blocked, "/pause", user="max")
    says(blocked, "/pause", user="max")
    says(blocked, "/resume")
    assert [(what, by) for what, by, *_ in told(blocked)] == [("resume", "ann"), ("pause", "max"), ("override", "max")]
    assert secret not in str(acts(blocked))
    assert {act.head for act in acts(blocked)} == {blocked.pull.head_sha}
    assert [*acts(blocked)[-1].findings.values()] == ["high · shop.py:2 · Wrong <sum>"]
