"""Commands on a pull request of the stand-in: from the event that GitHub sends to what stands there afterwards."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from test_line_served import Door, door, opens
from world import ADDED, Servers, World, finding, living, servers, world

from reviewer import talk
from reviewer.core.commands import keys
from reviewer.core.events import job_of
from reviewer.core.types import Job
from reviewer.standin import events
from reviewer.standin.events import Event
from reviewer.standin.records import Delivery

__all__ = ["door", "servers", "world"]


def answers(world: World, event: Event) -> Job | None:
    """Carries out a comment's commands, as a worker does; gives the review that is to follow."""
    job = job_of(event.name, "delivery", event.payload, keys=keys)
    assert isinstance(job, Job)

    async def names() -> tuple[str, ...]:
        return (world.hub.slug,)

    return world.does(talk.answer(job, job.delivery, world.tools, names))


def test_a_finding_is_dismissed_in_its_thread(world: World) -> None:
    """Answered there, remembered for the repository; the review that follows passes and asks the model nothing."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    [comment] = world.pull.comments
    event = events.reply(world.hub, world.name, 1, "/dismiss rounding is meant", user="ann", to=comment.id)
    follow = answers(world, event)
    _, asked, said = world.pull.comments
    assert said.in_reply_to == comment.id
    assert said.body.startswith("Dismissed by `ann`: rounding is meant.")
    assert [each.content for each in asked.reactions] == ["eyes", "hooray"]
    assert follow
    assert (follow.kind, follow.head) == ("review", world.pull.head_sha)
    world.pull.comments.remove(asked)  # what stands is looked over at the end, and these are no words of ours
    asyncio.run(world.tools.store.want(follow))
    calls = world.model.calls
    world.carries_out(follow)
    assert (world.check.conclusion, world.model.calls) == ("success", calls)


def test_a_question_for_help_is_answered_in_the_conversation(world: World) -> None:
    """Without a review, and once."""
    opened = world.opens()
    world.reviews(opened)
    event = events.comment(world.hub, world.name, 1, "Hello!\n\n/help\n", user="ann")
    for _ in range(2):
        assert answers(world, event) is None
    _, said = world.pull.issue_comments
    assert "`/dismiss [REASON]`" in said.body
    assert len(world.pull.issue_comments) == 2


def test_who_may_only_read_is_refused(world: World) -> None:
    """On a public repository everybody can comment."""
    world.reviews(world.opens())
    event = events.comment(world.hub, world.name, 1, "/review full", user="stranger")
    assert answers(world, event) is None
    asked, said = world.pull.issue_comments
    assert [each.content for each in asked.reactions] == ["confused"]
    assert said.body.startswith("`/review` needs write permission")


@pytest.mark.parametrize(
    ("limit", "whose"),
    [
        ("REVIEWER_COMMANDS_PER_HOUR", "You have given 1 command"),
        ("REVIEWER_REPOSITORY_COMMANDS_PER_HOUR", "People have"),
    ],
)
def test_who_gives_too_many_commands_is_told_once(tmp_path: Path, servers: Servers, limit: str, whose: str) -> None:
    """By the settings' limits, kept in the database."""
    with living(tmp_path, servers, **{limit: "1"}) as world:
        world.reviews(world.opens())
        for _ in range(3):
            answers(world, events.comment(world.hub, world.name, 1, "/help", user="ann"))
        ours = [each.body for each in world.pull.issue_comments if each.user == world.hub.bot]
        assert len(ours) == 2
        assert ours[1].startswith(whose)


def test_an_edited_comment_shows_what_became_of_its_last_text(world: World) -> None:
    """Its reactions on GitHub, when a slip was mended and made again."""
    world.reviews(world.opens())
    answers(world, events.comment(world.hub, world.name, 1, "/hlep", user="ann"))
    asked = world.pull.issue_comments[0]
    for body, signs in (("/help", ["eyes", "hooray"]), ("/hlep", ["eyes", "confused"]), ("/help", ["eyes", "hooray"])):
        world.clock.now += 1
        answers(world, events.edit(world.hub, world.name, 1, body, comment=asked.id))
        assert [each.content for each in asked.reactions] == signs
    assert len(world.pull.issue_comments) == 5


def test_the_check_names_findings_by_their_comments(world: World) -> None:
    """Also when the model calls them something else the next time: by its name a person finds a finding's comment."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    world.reviews(world.opens())
    [comment] = world.pull.comments
    [name] = re.findall(r"reviewer:finding=([\w-]+)", comment.body)
    assert f"`{name}`" in (world.check.summary or "")
    world.model.findings = [finding(ADDED, "The sum is wrong for no items", severity="high", category="contract")]
    follow = answers(world, events.comment(world.hub, world.name, 1, "/review full", user="ann"))
    assert follow
    asyncio.run(world.tools.store.want(follow))
    record = world.carries_out(follow)
    assert record.findings[0].fingerprint != name
    assert f"`{name}`" in (world.check.summary or "")


@pytest.mark.slow  # a server, and jobs that wait for each other
def test_the_server_answers_a_comment_and_the_gate_is_told_anew(world: World, door: Door) -> None:
    """A signed webhook, a durable job, the answer, then the review that follows; a redelivery adds nothing."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    door.ended(door.hears(world, opens(world)))
    assert world.check.conclusion == "failure"
    [comment] = world.pull.comments
    event = events.reply(world.hub, world.name, 1, "/dismiss", user="ann", to=comment.id)
    job = job_of(event.name, "delivery", event.payload, keys=keys)
    assert isinstance(job, Job)
    assert [door.hears(world, event).status for _ in range(2)] == [202, 202]
    for run in (job.delivery, f"{job.delivery}-review"):
        assert door.ended(cast("Delivery", SimpleNamespace(guid=run))) == "done"
    assert world.check.conclusion == "success"
    _, asked, said = world.pull.comments
    assert said.body.startswith("Dismissed by `ann`.")
    world.pull.comments.remove(asked)


@pytest.mark.parametrize("reason", ["", " it is meant"])
def test_a_dismissal_counts_where_nobody_may_reply(world: World, reason: str) -> None:
    """In a locked conversation no thread tells of it: it is kept, and done."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    [comment] = world.pull.comments
    event = events.reply(world.hub, world.name, 1, f"/dismiss{reason}", user="ann", to=comment.id)
    world.hub.fail("POST", "/comments/[0-9]+/replies$", status=403, times=9)
    follow = answers(world, event)
    assert follow
    asked = world.pull.comments.pop()
    assert [each.content for each in asked.reactions] == ["eyes", "hooray"]
    asyncio.run(world.tools.store.want(follow))
    world.carries_out(follow)
    assert world.verdict == "success: No findings"
