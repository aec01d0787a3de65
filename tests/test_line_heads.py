"""A head that was judged before: for another pull request, as a draft, during a pause, in a check that is new."""

from __future__ import annotations

import asyncio

import pytest
from test_line_commands import answers
from test_line_overrides import OTHER, TITLE, blocked, given, says
from world import ADDED, ADDED_TOO, World, finding, servers, world

from reviewer import neighbours
from reviewer.core.errors import OutsideError
from reviewer.core.types import Job
from reviewer.standin import events
from reviewer.standin.events import Event

__all__ = ["blocked", "servers", "world"]

NEVER = {".github/reviewer.yml": "gate: {fail_on: never}"}
LOW = {".github/reviewer.yml": "gate: {fail_on: low}"}
FAILS = "failure: Pull request 1 on the same head: 1 finding blocks: 1 high"


def happens(world: World, event: Event) -> tuple[Job, ...]:
    """Its job is carried out as the lines do it, and what follows it; gives that."""
    return carried(world, world.wish(event))


def carried(world: World, job: Job) -> tuple[Job, ...]:
    head = job.head if job.kind == "close" else world.carries_out(job).head
    follow = asyncio.run(neighbours.follow(job, head, world.tools))
    for each in follow:
        asyncio.run(world.tools.store.want(each))
        assert carried(world, each) == ()
    return follow


def second(world: World, *, base: dict[str, str] | None = None, draft: bool = False) -> Event:
    """A pull request of the same branch into another one, made from main with these files."""
    world.git.commit(base or {"z.txt": "z\n"}, branch="release", parent=world.git.resolve("main"))
    about = {"user": "ann", "title": "The same"}
    return events.open_pull(world.hub, world.name, head="topic", base="release", draft=draft, **about)


def test_a_lost_database_lifts_no_failure_of_another(blocked: World) -> None:
    """What GitHub's checks tell of the other one counts."""
    event = second(blocked, base=NEVER)
    blocked.reviews(event)
    assert blocked.verdict == FAILS
    blocked.forgets()
    blocked.reviews(event)
    assert blocked.verdict == FAILS


# --- two pull requests -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["lax", "draft", "closed"])
def test_a_second_pull_request_never_lifts_a_failure(blocked: World, how: str) -> None:
    """GitHub shows the newest check on the head for both: it says what the worst of their verdicts is, and whose."""
    event = second(blocked, base=NEVER if how == "lax" else None, draft=how == "draft")
    job = blocked.wish(event)
    if how == "closed":
        events.close(blocked.hub, blocked.name, 2)  # its own webhook comes later
    record = blocked.carries_out(job)
    assert blocked.verdict == FAILS
    assert record.conclusion == ("success" if how == "lax" else "neutral")  # its own
    assert f"- pull request 1: failure: 1 finding blocks: 1 high\n\n{'### ' * (how == 'lax')}" in (
        blocked.check.summary or ""
    )
    assert len(asyncio.run(blocked.tools.store.ends(job, record.head))) == 2


def test_when_one_is_closed_the_other_is_judged_again(world: World) -> None:
    """A stricter base made the check of both fail: then each says what is so, from what is kept."""
    world.model.findings = [finding(ADDED, "Long name", severity="low")]
    assert happens(world, world.opens()) == ()
    assert world.verdict == "success: Nothing blocks: 1 low"
    event = second(world, base=LOW)
    [again] = happens(world, event)
    assert (again.number, again.kind, again.full) == (1, "review", False)
    calls = world.model.calls
    [first, other, anew] = [f"{each.external_id.split(':')[0][-1]}: {each.conclusion}" for each in world.checks]
    assert [first, other, anew] == ["1: success", "2: failure", "1: failure"]
    assert world.verdict == "failure: Pull request 2 on the same head: 1 finding blocks: 1 low"
    [again] = happens(world, events.close(world.hub, world.name, 2))
    assert (again.number, again.head) == (1, world.pull.head_sha)
    assert (world.verdict, world.model.calls) == ("success: Nothing blocks: 1 low", calls)
    assert happens(world, events.close(world.hub, world.name, 1)) == ()


def test_who_leaves_the_head_leaves_it_to_the_other(blocked: World) -> None:
    """A push to one of them; the other one, of another branch with the same commit, is judged by itself."""
    head = blocked.pull.head_sha
    blocked.git.commit(NEVER, branch="release", parent=blocked.git.resolve("main"))
    blocked.git.point("same", head)
    happens(blocked, events.open_pull(blocked.hub, blocked.name, head="same", base="release", user="ann", title="x"))
    assert blocked.verdict == FAILS
    [again] = happens(blocked, blocked.pushes(OTHER))
    assert (again.number, again.head) == (2, head)
    assert blocked.hub.check_runs(head)[-1].conclusion == "success"
    assert blocked.verdict == "failure: 1 finding blocks: 1 high"


def test_a_close_that_was_missed_holds_nobody_up(blocked: World) -> None:
    """GitHub is asked about one that fails; where it is gone, its verdict is none; where GitHub is away, it counts."""
    event = second(blocked, base=NEVER)
    events.close(blocked.hub, blocked.name, 1)  # no webhook came
    job = blocked.wish(event)
    blocked.carries_out(job)
    assert blocked.verdict == "success: Nothing blocks: 1 high"


def test_one_pull_request_asks_no_more(world: World) -> None:
    """Of GitHub, and nothing follows its end."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    assert happens(world, world.opens()) == ()
    assert len(world.hub.requests) <= 10
    assert not [each for each in world.hub.requests if "/issues/" in str(each)]


# --- drafts ----------------------------------------------------------------------------------------------------------


def test_a_judged_head_stays_judged_as_a_draft(blocked: World) -> None:
    """What people do in its threads counts; a push to the draft waits, and asks the model nothing."""
    calls = blocked.model.calls
    blocked.reviews(events.back_to_draft(blocked.hub, blocked.name, 1))
    assert (blocked.verdict, blocked.model.calls) == ("failure: 1 finding blocks: 1 high", calls)
    [comment] = blocked.pull.comments
    blocked.reviews(events.resolve(blocked.hub, blocked.name, 1, comment=comment.id, user="ann"))
    assert (blocked.verdict, blocked.model.calls) == ("success: No findings", calls)
    blocked.reviews(blocked.pushes(OTHER))
    assert (blocked.verdict, blocked.model.calls) == ("neutral: Waiting: a draft", calls)


# --- pauses ----------------------------------------------------------------------------------------------------------


def test_a_pause_opens_no_gate(blocked: World) -> None:
    """What blocked is named until it is dismissed or let pass; a head that nothing blocked on is neutral."""
    says(blocked, "/pause", user="ann")
    calls = blocked.model.calls
    record = blocked.reviews(blocked.pushes(OTHER))
    assert blocked.verdict == "failure: Paused: 1 finding still blocks"
    assert list(record.blocking.values()) == ["high · shop.py:2 · Wrong sum"]
    assert "still does:\n\n- `high · shop.py:2 · Wrong sum`" in (blocked.check.summary or "")
    says(blocked, "/override it is meant")
    assert (blocked.verdict, blocked.model.calls) == (f"success: {TITLE}", calls)
    [override] = given(blocked)
    assert override.head == blocked.pull.head_sha
    blocked.reviews(blocked.pushes({"other.py": "x = 2\n"}))
    assert (blocked.verdict, blocked.model.calls) == ("neutral: Paused", calls)


def test_what_is_dismissed_during_a_pause_does_not_block_it(blocked: World) -> None:
    """By a button of GitHub's, which no database knows of."""
    says(blocked, "/pause", user="ann")
    blocked.reviews(blocked.pushes(OTHER))
    assert blocked.check.conclusion == "failure"
    [comment] = blocked.pull.comments
    event = events.resolve(blocked.hub, blocked.name, 1, comment=comment.id, user="ann")
    blocked.reviews(event)
    assert blocked.verdict == "neutral: Paused"


def test_a_clean_head_rests_in_peace(world: World) -> None:
    """Nothing blocked, so nothing does."""
    world.reviews(world.opens())
    says(world, "/pause", user="ann")
    world.reviews(world.pushes(OTHER))
    assert world.verdict == "neutral: Paused"


def test_what_could_not_be_looked_at_again_is_as_it_was(blocked: World) -> None:
    """A fault on the very head that was blocked opens no gate either."""
    blocked.secrets.broken = "the rules are gone"
    with pytest.raises(OutsideError, match="the rules are gone"):
        blocked.reviews(events.rerequest(blocked.hub, blocked.check, user="ann"))
    assert blocked.verdict == "failure: Could not review: 1 finding still blocks"


# --- overrides -------------------------------------------------------------------------------------------------------


def test_an_override_is_not_of_a_head_that_came_later(blocked: World) -> None:
    """It was written, then something was pushed and judged, then the command's turn came."""
    head = blocked.pull.head_sha
    events.set_role(blocked.hub, blocked.name, "max", "maintain")
    written = events.comment(blocked.hub, blocked.name, 1, "/override it is meant", user="max")
    blocked.pull.issue_comments[-1].created += 1  # what is judged next ends after that
    blocked.model.findings.append(finding("x = 1", "Another", severity="critical", path="other.py"))
    run = blocked.reviews(blocked.pushes(OTHER))
    later(blocked, run.run)
    follow = answers(blocked, written)
    assert follow
    asyncio.run(blocked.tools.store.want(follow))
    blocked.carries_out(follow)
    assert blocked.verdict == "failure: 1 finding blocks: 1 critical"
    [override] = given(blocked)
    assert (override.head, list(override.findings.values())) == (head, ["high · shop.py:2 · Wrong sum"])


def later(world: World, run: str) -> None:
    """The run ended a minute later than it did."""
    with world.parts.store.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE runs SET created = created + 60 WHERE run = '{run}'")


def test_what_is_found_later_on_the_same_head_blocks(blocked: World) -> None:
    """The override stays what it was when it was given, on this head and on the next."""
    says(blocked, "/override it is meant")
    blocked.model.findings.append(finding(ADDED_TOO, "A hole", severity="critical", category="security"))
    says(blocked, "/review full", user="ann")
    assert blocked.verdict == "failure: 1 finding blocks: 1 critical"
    blocked.reviews(blocked.pushes(OTHER))
    assert blocked.verdict == "failure: 1 finding blocks: 1 critical"
    [override] = given(blocked)
    assert list(override.findings.values()) == ["high · shop.py:2 · Wrong sum"]


def test_a_run_that_reviewed_nothing_is_no_verdict(blocked: World) -> None:
    """A draft's push waits: an override is of what was found before, and what the new head has blocks."""
    head = blocked.pull.head_sha
    blocked.reviews(events.back_to_draft(blocked.hub, blocked.name, 1))
    blocked.model.findings.append(finding("x = 1", "Another", severity="critical", path="other.py"))
    blocked.reviews(blocked.pushes(OTHER))
    says(blocked, "/override it is meant")
    assert blocked.verdict == "failure: 1 finding blocks: 1 critical"
    assert [each.head for each in given(blocked)] == [head]


def test_an_override_in_a_thread_outlives_a_lost_database(blocked: World) -> None:
    """Also where GitHub has touched our answer once more as it took it, and where no review of ours is there."""
    [comment] = blocked.pull.comments
    events.set_role(blocked.hub, blocked.name, "max", "maintain")
    blocked.clock.now += 60
    answers(blocked, events.reply(blocked.hub, blocked.name, 1, "/override it is meant", user="max", to=comment.id))
    blocked.pull.comments[-1].updated += 2
    blocked.pull.comments[:] = [each for each in blocked.pull.comments if each.user == blocked.hub.bot]
    blocked.forgets()
    blocked.reviews(blocked.pushes(OTHER))
    assert blocked.verdict == f"success: {TITLE}"
    assert ": it is meant" in (blocked.check.summary or "")
    [override] = given(blocked)
    assert override.reason == "it is meant"


def test_what_has_no_comment_on_its_line_is_annotated_on_each_check(world: World) -> None:
    """The same head gives the same check: annotations are of one check run, and GitHub shows the newest."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high"), finding(ADDED_TOO, "Slow", severity="low")]
    opened = world.opens(base={".github/reviewer.yml": "review: {max_comments: 1}"})
    world.reviews(opened)
    [note] = world.check.annotations
    assert (note["start_line"], note["title"]) == (3, "Slow")
    world.reviews(events.rerequest(world.hub, world.check, user="ann"))
    assert world.check.annotations == [note]
    world.reviews(world.pushes(OTHER))
    assert world.check.annotations == [note]
    assert len(world.pull.reviews) == 1
