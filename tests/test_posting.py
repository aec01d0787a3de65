"""Nothing is posted twice and nothing is lost, whenever the process dies and however GitHub fails on the way."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from world import ADDED, ADDED_TOO, REMOVED, World, finding, servers, world

from reviewer.core.errors import GitHubError, Gone
from reviewer.core.types import Job
from reviewer.ports import GitHub
from reviewer.standin import events
from reviewer.standin.state import FOREVER

__all__ = ["servers", "world"]

# What dies may be about to connect; httpcore then forgets a coroutine.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine 'connect_tcp:RuntimeWarning")

WRITES = {"check": "check-runs$", "review": r"pulls/\d+/reviews$", "comment": r"pulls/\d+/comments$"}
LAG = 2.5  # seconds for which GitHub's lists do not show what was just written
THREE = (finding(ADDED, "One"), finding(ADDED_TOO, "Two"), finding(REMOVED, "Three"))


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


class Mortal:
    """A repository on GitHub whose user dies at one of its calls: before GitHub has it, or right after."""

    def __init__(self, github: GitHub, death: Death) -> None:
        self._github, self._death = github, death

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._github, name)

        async def call(*args: Any, **more: Any) -> Any:
            self._death.at(name, after=False)
            result = await method(*args, **more)
            self._death.at(name, after=True)
            return result

        return call


class Death:
    """Comes at the `nth` call of `step`, once."""

    def __init__(self, step: str, nth: int, *, after: bool) -> None:
        self.step, self.left, self.after, self.came = step, nth, after, False

    def at(self, step: str, *, after: bool) -> None:
        if self.came or (step, after) != (self.step, self.after):
            return
        self.left -= 1
        self.came = self.left == 0
        if self.came:
            raise Killed


def mortal(world: World, death: Death) -> None:
    """From now on the world's reviewer is in danger."""
    github = world.tools.github
    world.tools = replace(world.tools, github=lambda *where: Mortal(github(*where), death))  # type: ignore[arg-type]


def ticking(world: World) -> None:
    """Its sleep takes time on GitHub's clock too."""

    async def sleep(seconds: float) -> None:
        world.clock.now += seconds

    world.tools = replace(world.tools, sleep=sleep)


def survives(world: World, job: Job, *, attempts: int = 4) -> None:
    """Carries out the job, again after each death, as the engine does."""
    for _ in range(attempts):
        try:
            world.carries_out(job)
        except Killed:
            gc.collect()  # so that what it leaves is seen here
            continue
        return
    pytest.fail("it died each time")


def all_stands_once(world: World, titles: tuple[str, ...] = ("One", "Two", "Three")) -> None:
    assert sorted(line.rsplit(" ", 1)[1] for line in world.inline) == sorted(titles)
    assert len(world.bodies) == 1
    assert [check.status for check in world.checks] == ["completed"]
    assert world.check.conclusion == "success"


def locked(world: World) -> None:
    """GitHub takes no comment of any kind."""
    for write in ("review", "comment"):
        world.hub.fail("POST", WRITES[write], status=422, times=FOREVER)


# --- deaths -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("step", "nth"), [("open_check", 1), ("update_check", 1), ("post_review", 1), ("update_check", 2)]
)
def test_a_death_at_any_write_leaves_one_of_each(world: World, step: str, nth: int, after: bool) -> None:
    """Between "GitHub has it" and "we know" lies nothing that is done twice, even while GitHub's lists lag behind."""
    world.model.findings = list(THREE)
    job = world.wish(world.opens())
    death = Death(step, nth, after=after)
    mortal(world, death)
    ticking(world)
    world.hub.lag = LAG
    survives(world, job)
    assert death.came
    all_stands_once(world)
    assert world.model.calls == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "nth", "after"),
    [
        ("post_comment", 1, False),
        ("post_comment", 1, True),
        ("post_comment", 3, True),
        ("post_review", 2, False),
        ("post_review", 1, True),  # the first one was refused
    ],
)
def test_a_death_among_single_comments(world: World, step: str, nth: int, after: bool) -> None:
    """After a refusal of the whole review: what stands already is not said again, the rest is."""
    world.model.findings = list(THREE)
    job = world.wish(world.opens())
    world.hub.fail("POST", WRITES["review"], status=422)
    death = Death(step, nth, after=after)
    mortal(world, death)
    ticking(world)
    world.hub.lag = LAG
    survives(world, job)
    assert death.came
    assert sorted(line.rsplit(" ", 1)[1] for line in world.inline) == ["One", "Three", "Two"]
    assert [check.status for check in world.checks] == ["completed"]


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("step", "nth"), [("update_check", 1), ("open_check", 2), ("post_review", 1)])
def test_a_death_while_following_the_head(world: World, step: str, nth: int, after: bool) -> None:
    """The check on the old head is cancelled, the one on the new head is opened once and ends."""
    world.model.findings = list(THREE)
    job = world.wish(world.opens())
    world.pushes({"README.md": "x\n"})
    death = Death(step, nth, after=after)
    mortal(world, death)
    survives(world, job)
    assert death.came
    assert [(check.head_sha == world.pull.head_sha, check.conclusion) for check in world.checks] == [
        (False, "cancelled"),
        (True, "success"),
    ]
    assert len(world.bodies) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_annotations_stand_once(world: World, after: bool) -> None:
    """The checks API appends: the end of a check that may have been told is looked at before it is told again."""
    world.model.findings = list(THREE)
    job = world.wish(world.opens())
    locked(world)
    mortal(world, Death("update_check", 2, after=after))
    survives(world, job)
    assert sorted(note["title"] for note in world.check.annotations) == ["One", "Two"]


def test_a_first_attempt_looks_for_nothing(world: World) -> None:
    """Only who comes after a death has to look: an ordinary run asks for no list of checks, and reads once."""
    world.model.findings = list(THREE)
    world.reviews(world.opens())
    assert world.hub.count("GET", "check-runs") == 0
    assert world.hub.count("GET", "pulls/1/reviews") == 1
    assert world.naps == []


# --- answers that get lost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lag", [0.0, 4.0], ids=["seen at once", "seen late"])
@pytest.mark.parametrize("write", ["check", "review"])
def test_what_landed_is_not_posted_again(world: World, write: str, lag: float) -> None:
    """502, but GitHub has it: the mark is looked for twice before anything is repeated, as it may show late."""
    world.model.findings = list(THREE)
    opened = world.opens()
    ticking(world)
    world.hub.lag = lag
    world.hub.fail("POST", WRITES[write], status=502, after=True)
    world.reviews(opened)
    all_stands_once(world)
    assert world.hub.count("POST", WRITES[write]) == 1


@pytest.mark.parametrize("write", ["check", "review"])
def test_what_did_not_land_is_posted_again(world: World, write: str) -> None:
    """502, and GitHub does not have it."""
    world.model.findings = list(THREE)
    opened = world.opens()
    world.hub.fail("POST", WRITES[write], status=502, times=2)
    world.reviews(opened)
    all_stands_once(world)
    assert world.hub.count("POST", WRITES[write]) == 3


def test_a_single_comment_that_landed_is_not_posted_again(world: World) -> None:
    """The mark of its finding tells."""
    world.model.findings = list(THREE)
    opened = world.opens()
    world.hub.fail("POST", WRITES["review"], status=422)
    world.hub.fail("POST", WRITES["comment"], status=502, after=True)
    world.reviews(opened)
    assert (len(world.inline), world.hub.count("POST", WRITES["comment"])) == (3, 3)


def test_a_blind_moment_is_no_reason_to_post_again(world: World) -> None:
    """Only an answer of GitHub's says that it does not have it: a list that cannot be read says nothing."""
    world.model.findings = list(THREE)
    opened = world.opens()

    def break_down() -> None:
        world.hub.fail("POST", WRITES["review"], status=502, after=True)
        world.hub.fail("GET", WRITES["review"], status=502, times=3)

    world.while_asked(break_down)
    world.reviews(opened)
    all_stands_once(world)


# --- refusals and limits ----------------------------------------------------------------------------------------------


def test_a_locked_conversation_is_told_in_the_check(world: World) -> None:
    """GitHub takes neither review nor comment: the verdict stands, the findings are annotations."""
    world.model.findings = list(THREE)
    opened = world.opens()
    locked(world)
    world.reviews(opened)
    assert world.verdict == "success: Nothing blocks: 3 medium"
    assert sorted(note["title"] for note in world.check.annotations) == ["One", "Two"]
    assert "Three" in (world.check.summary or "")


@pytest.mark.parametrize("write", ["check", "review"])
def test_a_short_limit_is_waited_for(world: World, write: str) -> None:
    """`retry-after` within a minute costs time and nothing else."""
    world.model.findings = list(THREE)
    opened = world.opens()
    world.hub.fail(
        "POST", WRITES[write], status=403, headers={"retry-after": "20"}, body={"message": "secondary rate limit"}
    )
    world.reviews(opened)
    all_stands_once(world)


def test_a_long_limit_is_told_to_who_plans_the_jobs(world: World) -> None:
    """The error names the seconds, the check when it goes on; then nothing is asked or said twice."""
    world.model.findings = list(THREE)
    opened = world.opens()
    limit: dict[str, Any] = {
        "status": 403,
        "headers": {"retry-after": "900"},
        "body": {"message": "secondary rate limit"},
    }
    world.hub.fail("POST", WRITES["review"], times=FOREVER, **limit)
    world.tools = replace(world.tools, now=lambda: 36_000.0)
    job = world.wish(opened)
    with pytest.raises(GitHubError) as raised:
        world.carries_out(job)
    assert (raised.value.retryable, raised.value.wait) == (True, 900)
    assert world.hub.count("POST", WRITES["review"]) == 1
    assert world.check.status == "in_progress"
    assert world.check.summary == "GitHub's limits: the review goes on at 10:15 UTC."
    world.hub.faults.clear()
    world.carries_out(job)
    all_stands_once(world)
    assert world.model.calls == 1


# --- ends -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("meanwhile", [False, True])
def test_what_is_gone_ends_quietly(world: World, meanwhile: bool) -> None:
    """404 for the pull request, at the beginning or while the model thinks: the job does not fail."""
    world.model.findings = list(THREE)
    job = world.wish(world.opens())

    def vanish() -> None:
        world.hub.fail("", f"/repos/{world.name}/pulls", status=404, times=FOREVER)

    world.while_asked(vanish) if meanwhile else vanish()
    record = world.carries_out(job, announced=False)
    assert (record.conclusion, record.title) == ("neutral", "Gone")
    assert world.verdict == "neutral: Gone"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "reviews$"), ("POST", WRITES["review"]), ("PATCH", "check-runs"), ("POST", WRITES["check"])],
)
def test_a_part_that_is_not_there_fails_the_job(world: World, method: str, path: str) -> None:
    """404 at any step, of a pull request that stands: it was not reviewed, and a check that can be reached says so."""
    world.model.findings = list(THREE)
    job = world.wish(world.opens(base={".github/reviewer.yml": "gate: {on_error: failure}"}))
    world.hub.fail(method, path, status=404, times=1 if method == "PATCH" else FOREVER)
    with pytest.raises(Gone):
        world.carries_out(job, announced=False)
    assert [check.conclusion for check in world.checks] == ["failure"] * (path != WRITES["check"])


def test_a_suspended_installation_ends_the_job_quietly(world: World) -> None:
    """Before the first token, and in the middle."""
    world.model.findings = list(THREE)
    installation = world.hub.install("octo")
    job = world.wish(world.opens())

    def suspend() -> None:
        installation.suspended = True

    world.while_asked(suspend)
    assert world.carries_out(job).title == "Gone"
    assert world.carries_out(job).title == "Gone"
    installation.suspended = False
    world.carries_out(job)  # is_sound: once it is let in again, nothing hangs


def test_what_nobody_wants_any_more_opens_no_check(world: World) -> None:
    """Superseded before it began: no check on the old head; one that had been announced ends as cancelled."""
    first = world.wish(world.opens())
    second = world.wish(world.pushes({"README.md": "x\n"}))
    assert world.carries_out(first).conclusion == "cancelled"
    assert world.checks == []
    world.carries_out(second)
    assert [check.conclusion for check in world.checks] == ["success"]


def test_a_closed_pull_request_ends_its_check(world: World) -> None:
    """The close is the newest wish; the run that was announced ends its check and says why."""
    job = world.wish(world.opens())
    world.while_asked(lambda: world.wish(events.close(world.hub, world.name, 1)))
    record = world.carries_out(job)
    assert (record.conclusion, world.verdict) == ("cancelled", "cancelled: Closed")


def test_progress_that_cannot_be_told_costs_nothing(world: World) -> None:
    """A fault at a text in passing is not a reason to give up a review."""
    world.model.findings = list(THREE)
    opened = world.opens()
    world.hub.fail("PATCH", "check-runs", status=502, times=3)
    world.reviews(opened)
    all_stands_once(world)
