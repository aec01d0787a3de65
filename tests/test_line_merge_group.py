"""A merge queue's group: its head gets a check within seconds, and its end by what its pull requests' checks say."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_line_served import Door, door, opens
from world import ADDED, World, finding, servers, world

from reviewer import queueing
from reviewer.core.errors import GitHubError, TooEarly
from reviewer.core.merging import decide_group, member_of, merges, number_of, without
from reviewer.core.types import CheckRun, Commit, Job
from reviewer.standin import events
from reviewer.standin.events import Event
from reviewer.standin.events.queue import Method
from reviewer.standin.records import CheckRun as Standing
from reviewer.standin.state import FOREVER

__all__ = ["door", "servers", "world"]

OTHER = "def tax(items):\n    return 0.2 * len(items)\n"


def two(world: World, *, config: str = "") -> None:
    """Pull requests 1 and 2, of different files; nothing is reviewed yet."""
    world.opens(base={".github/reviewer.yml": config} if config else {})
    world.git.commit({"tax.py": OTHER}, branch="other", parent=world.git.resolve("main"))
    events.open_pull(world.hub, world.name, head="other", user="ann", title="Tax")


def checked(world: World, number: int, conclusion: str = "success", title: str = "No findings") -> None:
    """As its review has left it."""
    pull = world.hub.pull(world.name, number)
    run = Standing(world.hub.next_id(), world.name, "reviewer", pull.head_sha, "completed", conclusion, title=title)
    run.external_id, run.created = f"{world.name}#{number}:run", world.hub.clock()
    world.checks.append(run)


def queued(world: World, *numbers: int, method: Method = "merge") -> Event:
    return events.queue(world.hub, world.name, numbers, method=method)


def concludes(world: World, event: Event, *, delivery: str = "") -> str:
    """Carries out the job of a group; gives its check as it then stands."""
    return carries_out(world, world.wish(event, delivery=delivery))


def carries_out(world: World, job: Job) -> str:
    world.does(queueing.conclude_group(job, job.delivery, world.tools))
    check = world.hub.check_runs(job.head)[-1]
    return f"{check.conclusion}: {check.title}"


def looked(world: World, job: Job, times: int) -> None:
    """It has looked in vain so often before."""
    asyncio.run(world.tools.store.keep_step(job, job.delivery, queueing.LOOK, times))


def test_a_group_passes_when_its_pull_requests_passed(world: World) -> None:
    """On the group's own head, in the name of the check that is required; GitHub learns which head it was."""
    world.reviews(world.opens())
    event = queued(world, 1)
    assert concludes(world, event, delivery="d-1") == "success: Nothing blocks: pull request 1"
    head = event.payload["merge_group"]["head_sha"]
    (check,) = world.hub.check_runs(head)
    assert (check.name, check.external_id) == ("reviewer", f"{world.name}@{head}#1:d-1")
    assert check.history == ["queued", "in_progress", "completed/success"]
    assert world.model.calls == 1


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_one_that_fails_fails_the_group_and_is_named(world: World, method: Method) -> None:
    """The ref names the last one only; those before it are told by the commits that the queue made."""
    two(world)
    checked(world, 1, "failure", "1 finding blocks: 1 high")
    checked(world, 2)
    assert concludes(world, queued(world, 1, 2, method=method)) == (
        "failure: Pull request 1 fails: 1 finding blocks: 1 high"
    )
    assert concludes(world, queued(world, 2, method=method)) == "success: Nothing blocks: pull request 2"


def test_what_a_pull_request_brings_with_it_names_nobody(world: World) -> None:
    """Its own commits may be called whatever its author likes: only the queue's own count."""
    two(world)
    checked(world, 2)
    world.git.commit({"tax.py": f"{OTHER}\n"}, branch="other", message="Merge pull request #1 from ann/topic (#1)")
    events.push(world.hub, world.name, 2)
    checked(world, 2)
    assert concludes(world, queued(world, 2)) == "success: Nothing blocks: pull request 2"


def test_neutral_lets_the_queue_pass_and_says_who_could_not_tell(world: World) -> None:
    """GitHub's queue takes neutral for passed; the title does not pretend that all was seen."""
    two(world)
    checked(world, 2)
    checked(world, 1, "neutral", "Not fully reviewed: 1 of 2 hunks were not reviewed")
    assert concludes(world, queued(world, 1, 2)) == "neutral: Nothing blocks, but not all could tell: pull request 1"


@pytest.mark.parametrize("on_error", ["neutral", "failure"])
def test_what_was_never_reviewed_ends_it_as_the_repository_wants(world: World, on_error: str) -> None:
    """With the reason, and what to do; nothing waits for a review that nobody has begun."""
    two(world, config=f"gate: {{on_error: {on_error}}}")
    checked(world, 2)
    event = queued(world, 1, 2)
    assert concludes(world, event) == f"{on_error}: Never reviewed: pull request 1"
    (check,) = world.hub.check_runs(event.payload["merge_group"]["head_sha"])
    assert "`gate.on_error` decides. Ask for the review with `/review`" in (check.summary or "")
    assert world.naps == []


@pytest.mark.parametrize("made", [{"external_id": "another"}, {"by": "github-actions"}])
def test_a_check_of_the_same_name_that_is_not_ours_is_no_verdict(world: World, made: dict[str, str]) -> None:
    """A workflow of the repository can write any check that it likes, with any name and id."""
    world.opens()
    checked(world, 1)
    for field, value in made.items():
        setattr(world.check, field, value)
    assert concludes(world, queued(world, 1)) == "neutral: Never reviewed: pull request 1"


def test_a_review_that_runs_is_waited_for(world: World) -> None:
    """The job comes back again and again, without a second check; then the verdict counts."""
    world.opens()
    checked(world, 1)
    world.check.status, world.check.conclusion = "in_progress", None
    job = world.wish(queued(world, 1))
    for pause in queueing.LOOKS[:2]:
        with pytest.raises(TooEarly) as early:
            carries_out(world, job)
        assert early.value.put_off == pause
    assert world.hub.check_runs(job.head)[-1].title == "Waiting"
    world.check.status, world.check.conclusion = "completed", "success"
    assert carries_out(world, job) == "success: Nothing blocks: pull request 1"
    assert len(world.hub.check_runs(job.head)) == 1


def test_nothing_blocks_the_queue_for_ever(world: World) -> None:
    """After five minutes it ends without that review: by the verdict that the head had before, if it had one."""
    world.opens()
    checked(world, 1)
    world.check.status, world.check.conclusion = "in_progress", None
    job = world.wish(queued(world, 1))
    assert 240 <= sum(queueing.LOOKS) <= 360
    looked(world, job, len(queueing.LOOKS) - 1)
    with pytest.raises(TooEarly):
        carries_out(world, job)
    ended = carries_out(world, job)
    assert ended == "neutral: Not reviewed in time: pull request 1"
    assert "had not ended when the queue could wait no longer" in (world.hub.check_runs(job.head)[-1].summary or "")
    world.check.status, world.check.conclusion = "completed", "success"


@pytest.mark.parametrize("before", [True, False])
def test_a_group_that_is_gone_needs_no_verdict(world: World, before: bool) -> None:
    """Destroyed while its job waits: the check is cancelled; destroyed before: there is none."""
    world.opens()
    checked(world, 1)
    event = queued(world, 1)
    job = world.wish(event)
    world.check.status = "in_progress"
    if not before:
        with pytest.raises(TooEarly):
            carries_out(world, job)
    world.wish(events.disband(world.hub, event))
    said = world.does(queueing.conclude_group(job, job.delivery, world.tools))
    assert said == "cancelled: the merge group is gone"
    assert [run.conclusion for run in world.hub.check_runs(job.head)] == ([] if before else ["cancelled"])
    world.check.status = "completed"


def test_another_group_is_not_touched(world: World) -> None:
    """Each head of the queue is a wish of its own, beside that of its pull request."""
    two(world)
    checked(world, 1)
    checked(world, 2)
    one, other = queued(world, 1), queued(world, 2)
    job = world.wish(one)
    world.wish(events.disband(world.hub, other))
    assert asyncio.run(world.tools.store.wanted(job)) == ""
    assert carries_out(world, job) == "success: Nothing blocks: pull request 1"


def test_a_group_run_again_by_hand_is_answered_again(world: World) -> None:
    """Its "Re-run" names no base: what its pull request's branch has not is looked at."""
    two(world)
    checked(world, 1)
    checked(world, 2)
    event = queued(world, 1, 2)
    concludes(world, event)
    (check,) = world.hub.check_runs(event.payload["merge_group"]["head_sha"])
    again = events.rerequest(world.hub, check, user="ann")
    assert concludes(world, again) == "success: Nothing blocks: pull requests 2 and 1"


def test_a_ref_that_says_nothing_is_answered_by_its_commits(world: World) -> None:
    """Or by `gate.on_error`, where they say nothing either."""
    two(world)
    checked(world, 1)
    checked(world, 2)
    event = queued(world, 1, 2)
    event.payload["merge_group"]["head_ref"] = "refs/heads/queue-of-tomorrow"
    assert concludes(world, event) == "success: Nothing blocks: pull requests 2 and 1"
    alone = queued(world, 1)
    alone.payload["merge_group"] |= {"head_ref": "x", "base_sha": alone.payload["merge_group"]["head_sha"]}
    assert concludes(world, alone) == "neutral: No pull request could be found in this group"


def test_a_head_that_is_gone_is_nobodys(world: World) -> None:
    """GitHub answers 422 to a check on it: the job ends, and there is nobody to tell."""
    world.opens()
    event = queued(world, 1)
    event.payload["merge_group"]["head_sha"] = "8" * 40
    job = world.wish(event)
    assert world.does(queueing.conclude_group(job, job.delivery, world.tools)).startswith("gone: ")


def test_github_s_being_away_ends_it_in_time(world: World) -> None:
    """It is looked at again; when that does not help for minutes, `gate.on_error` decides and the job fails."""
    world.opens()
    checked(world, 1)
    job = world.wish(queued(world, 1))
    world.hub.fail("GET", "/compare/", status=502, times=FOREVER)
    with pytest.raises(TooEarly):
        carries_out(world, job)
    looked(world, job, len(queueing.LOOKS))
    with pytest.raises(GitHubError):
        carries_out(world, job)
    (check,) = world.hub.check_runs(job.head)
    assert (check.conclusion, check.title) == ("neutral", "Could not tell")


@pytest.mark.slow  # a whole server is started for it
def test_the_server_answers_a_group_beside_the_reviews(world: World, door: Door) -> None:
    """A signed webhook, a durable job, the check on the group's head; its end is taken too."""
    door.ended(door.hears(world, opens(world)))
    event = queued(world, 1)
    delivery = door.hears(world, event)
    assert (delivery.status, door.ended(delivery)) == (202, "done")
    (check,) = world.hub.check_runs(event.payload["merge_group"]["head_sha"])
    assert check.title == "Nothing blocks: pull request 1"
    gone = door.hears(world, events.disband(world.hub, event))
    assert (gone.status, door.ended(gone)) == (202, "done")
    found = door.hears(world, events.rerequest_all(world.hub, world.name, "8" * 40, user="ann"))
    assert (found.status, door.ended(found)) == (202, "done")


# --- what is decided ------------------------------------------------------------------------------------------------


CONCLUSIONS = st.sampled_from(["success", "failure", "neutral", "cancelled", "stale", ""])
CHECKS = st.lists(
    st.builds(
        lambda at, number, conclusion: CheckRun(
            at, "f" * 40, f"octo/app#{number}:r", "completed" if conclusion else "in_progress", conclusion
        ),
        st.integers(1, 99),
        st.integers(1, 2),
        CONCLUSIONS,
    ),
    max_size=6,
    unique_by=lambda check: check.id,
)


@given(CHECKS, CHECKS, st.sampled_from(["neutral", "failure"]))
def test_a_group_is_as_good_as_its_worst_member(one: list[CheckRun], other: list[CheckRun], on_error: str) -> None:
    """More members never make it better, and success needs a verdict of every one."""
    first, second = member_of(1, "f" * 40, one), member_of(2, "f" * 40, other)
    alone = decide_group([first], on_error=on_error).conclusion  # type: ignore[arg-type]
    both = decide_group([first, second], on_error=on_error).conclusion  # type: ignore[arg-type]
    order = ["success", "neutral", "failure"]
    assert order.index(both) >= order.index(alone)
    if both == "success":
        assert [member.check and member.check.conclusion for member in (first, second)] == ["success", "success"]


def test_the_newest_verdict_counts_and_a_cancelled_one_is_none() -> None:
    """Cancelled means that nobody came to one; what is newer and still runs is waited for."""
    runs = [
        CheckRun(at, "f" * 40, "octo/app#7:r", "completed" if word else "queued", word)
        for at, word in enumerate(("failure", "success", "cancelled", ""), 1)
    ]
    member = member_of(7, "f" * 40, runs)
    assert (member.check and member.check.conclusion, member.running) == ("success", True)
    assert member_of(7, "f" * 40, runs[:3]).running is False
    assert member_of(8, "f" * 40, runs) == member_of(8, "f" * 40, [])


def test_a_circle_of_commits_ends() -> None:
    """An answer of GitHub's is a stranger's word too."""
    circle = [Commit("a", ("b",), "One (#1)"), Commit("b", ("a",), "Two (#12) (#2)")]
    assert [number_of(commit) for commit in merges(circle, "a")] == [1, 2]
    assert number_of(Commit("c", ("a",), "Merge pull request #3 from x/y")) == 0
    assert number_of(Commit("c", ("a", "b"), "Merge pull request #3 from x/y")) == 3
    assert number_of(Commit("c", ("a", "b"), "Merge pull request #3 from x/y (#4)")) == 4


def test_each_copy_explains_one_commit() -> None:
    """Title and author alone may be the same for many."""
    one, two, other = (Commit(sha, ("p",), "fix", who) for sha, who in (("a", "ann"), ("b", "ann"), ("c", "bob")))
    assert without([one, two, other], [Commit("z", (), "fix", "ann")]) == [two, other]


def test_what_another_pull_request_on_the_head_has_does_not_hold_up_the_queue(world: World) -> None:
    """The check on the commit tells of both; the group is asked about one of them, into its own base."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    world.reviews(world.opens())
    world.git.commit(
        {".github/reviewer.yml": "gate: {fail_on: never}"}, branch="release", parent=world.git.resolve("main")
    )
    opened = events.open_pull(world.hub, world.name, head="topic", base="release", user="ann", title="The same")
    world.reviews(opened)
    assert world.check.conclusion == "failure"
    assert concludes(world, queued(world, 2)).startswith("success")
    assert concludes(world, queued(world, 1)).startswith("failure")
