"""What is left on the pull request when GitHub, the model or the reviewer itself fails on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from world import ADDED, ADDED_TOO, REMOVED, Servers, World, finding, living, servers, world

from reviewer.core.errors import GitHubError, OutsideError, StoreError
from reviewer.outages import OUTAGES
from reviewer.standin.model_shapes import Fault, FaultKind

__all__ = ["servers", "world"]

REVIEWS, COMMENTS, CHECKS = "/pulls/1/reviews$", "/pulls/1/comments$", "/check-runs"
CONFIG = ".github/reviewer.yml"
THREE = [finding(ADDED, "One"), finding(ADDED_TOO, "Two"), finding(REMOVED, "Three", line=6)]


# --- GitHub, when the review is posted ----------------------------------------------------------------------------


def test_a_review_that_failed_is_posted_again(world: World) -> None:
    """GitHub's own faults pass; the review is posted after them, once."""
    world.model.findings = THREE
    world.hub.fail("POST", REVIEWS, times=3, status=502)
    world.reviews(world.opens())
    assert (len(world.pull.reviews), len(world.inline)) == (1, 3)
    assert world.verdict == "success: Nothing blocks: 3 medium"
    assert world.naps == sorted(world.naps)


def test_a_review_that_was_done_and_answered_500_is_not_posted_twice(world: World) -> None:
    """Its mark is looked for before it is tried again."""
    world.model.findings = THREE
    world.hub.fail("POST", REVIEWS, status=500, after=True)
    world.reviews(world.opens())
    assert (len(world.pull.reviews), len(world.inline)) == (1, 3)
    assert world.verdict == "success: Nothing blocks: 3 medium"


def test_github_away_for_good_ends_the_check_with_the_reason(world: World) -> None:
    """The job fails, to be delivered again; the next attempt says what was found, from kept answers."""
    world.model.findings = THREE
    world.hub.fail("POST", REVIEWS, times=4, status=503)
    job = world.wish(world.opens())
    with pytest.raises(GitHubError):
        world.carries_out(job)
    assert world.verdict.startswith("neutral: Not fully reviewed: The review could not be posted: GitHub answers 503")
    assert world.says("Two")
    world.carries_out(job)
    assert (len(world.inline), world.model.calls) == (3, 1)
    assert world.verdict == "success: Nothing blocks: 3 medium"


def test_one_refused_comment_takes_no_other_with_it(world: World) -> None:
    """GitHub refuses a review whole; then each comment goes alone, and what is refused goes to the review's body."""
    world.model.findings = THREE
    world.model.always = [finding("nowhere", "Off the diff")]
    world.hub.fail("POST", REVIEWS, status=422)
    world.hub.fail("POST", COMMENTS, status=422)
    world.reviews(world.opens())
    assert world.inline == ["shop.py:3 RIGHT medium: Two", "shop.py:6 LEFT medium: Three"]
    (body,) = world.bodies
    assert [title in body for title in ("One", "Two", "Three", "Off the diff")] == [True, False, False, True]
    assert "GitHub would not take a comment on this line" in body
    assert world.verdict == "success: Nothing blocks: 4 medium"
    world.reviews(world.pushes({"README.md": "x\n"}))
    assert (len(world.bodies), len(world.inline)) == (1, 2)  # all of it counts as said


@pytest.mark.parametrize("after", [False, True], ids=["failed", "done"])
def test_a_comment_that_failed_on_the_way_out_is_posted_once(world: World, after: bool) -> None:
    """A fault in the middle of posting one by one neither loses a comment nor doubles one."""
    world.model.findings = THREE
    world.hub.fail("POST", REVIEWS, status=422)
    world.hub.fail("POST", COMMENTS, status=500, after=after)
    world.reviews(world.opens())
    assert [said.split(": ")[1] for said in world.inline] == ["One", "Two", "Three"]
    assert world.verdict == "success: Nothing blocks: 3 medium"


def test_a_review_that_may_not_be_posted_is_told_in_the_check(world: World) -> None:
    """Without the permission the job fails with the cure; what was found is not lost, and what blocks still blocks."""
    world.model.findings = [finding(ADDED, "One", severity="high")]
    opened = world.opens()
    world.hub.install("octo").permissions["pull_requests"] = "read"
    with pytest.raises(GitHubError, match="the App needs"):
        world.reviews(opened)
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    assert world.says("the App needs")
    world.hub.install("octo").permissions["pull_requests"] = "write"
    world.hub.tokens.clear()
    world.reviews(opened)
    assert (len(world.inline), world.model.calls) == (1, 2)


# --- GitHub, elsewhere --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/pulls/1$", "/pulls/1/comments", "/graphql", "/pulls/1/reviews"])
def test_a_passing_fault_of_a_question_is_not_noticed(world: World, path: str) -> None:
    """What only reads is asked again."""
    world.model.findings = THREE
    world.hub.fail("GET" if path != "/graphql" else "POST", path, status=502)
    world.reviews(world.opens())
    assert len(world.inline) == 3
    assert world.verdict == "success: Nothing blocks: 3 medium"


def test_progress_that_cannot_be_told_costs_no_review(world: World) -> None:
    """A progress text is for those who wait; without it the review goes on."""
    world.model.findings = THREE
    world.hub.fail("PATCH", CHECKS, status=502, times=3)
    world.reviews(world.opens())
    assert len(world.inline) == 3
    assert world.verdict == "success: Nothing blocks: 3 medium"


def test_a_check_is_ended_with_patience(world: World) -> None:
    """GitHub away for a while at the very end does not leave the check hanging, nor turn the verdict."""
    world.model.findings = [finding(ADDED, severity="high")]
    opened = world.opens()
    world.while_asked(lambda: world.hub.fail("PATCH", CHECKS, status=502, times=5))
    world.reviews(opened)
    assert world.verdict == "failure: 1 finding blocks: 1 high"


def test_a_late_progress_text_does_not_reopen_a_check(world: World) -> None:
    """A run that ends while a progress text is on its way still ends its check."""
    opened = world.opens()
    world.hub.fail("PATCH", CHECKS, status=None, delay=0.3)
    world.hub.fail("GET", "/pulls/1/reviews", status=403, body={"message": "Forbidden"})
    with pytest.raises(GitHubError, match="does not allow"):
        world.reviews(opened)
    assert world.check.history == ["queued", "in_progress", "completed/neutral"]


def test_the_check_that_was_opened_and_answered_500_is_found(world: World) -> None:
    """There is one check run for a run, whatever GitHub answers."""
    world.hub.fail("POST", "/check-runs$", status=500, after=True)
    world.reviews(world.opens())
    assert [check.conclusion for check in world.checks] == ["success"]


def test_a_repository_that_is_gone_ends_quietly(world: World) -> None:
    """There is nobody left to tell; the job does not fail."""
    job = world.wish(world.opens())
    repository = world.hub.repositories.pop(world.name)
    record = world.carries_out(job, announced=False)
    world.hub.repositories[world.name] = repository
    assert (record.conclusion, record.title) == ("neutral", "Gone")
    assert world.checks == []


def test_a_pull_request_that_is_gone_ends_its_check(world: World) -> None:
    """The repository is still there, so the check says why."""
    opened = world.opens()
    pull = world.hub.repository(world.name).pulls.pop(1)
    world.reviews(opened)
    world.hub.repository(world.name).pulls[1] = pull
    assert world.verdict == "neutral: Gone"
    assert world.says("it is gone, or the App has no access any more")


def test_a_suspended_installation_ends_quietly(world: World) -> None:
    """The job does not fail, and nothing is posted."""
    opened = world.opens()
    world.hub.install("octo").suspended = True
    job = world.wish(opened)
    record = world.carries_out(job, announced=False)
    assert (record.conclusion, world.checks, world.pull.reviews) == ("neutral", [], [])


def test_an_installation_suspended_meanwhile_ends_quietly(world: World) -> None:
    """The check cannot be ended by anybody; the run is."""
    opened = world.opens()
    world.while_asked(lambda: setattr(world.hub.install("octo"), "suspended", True))
    record = world.reviews(opened)
    assert (record.conclusion, record.title) == ("neutral", "Gone")
    world.checks.clear()


# --- the model ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_error", ["neutral", "failure"])
@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("server_error", "The model server answered 500: try again later"),
        ("overloaded", "The model server answered 503: try again later"),
        ("malformed", "The model server's answer is no valid JSON"),
        ("unknown_model", "There is no model gpt-6.1-terra at this server: set REVIEWER_MODEL"),
        ("context_length", "The prompt is too long for gpt-6.1-terra: set REVIEWER_MODEL"),
        ("content_filter", "content filter refused the prompt"),
        ("insufficient_quota", "The model server refuses every key in OPENAI_API_KEY"),
    ],
)
def test_a_model_that_is_down_is_told(world: World, kind: FaultKind, sentence: str, on_error: str) -> None:
    """The check ends as the repository asked for, with a sentence for whoever can mend it; the next run mends it."""
    world.model.findings = THREE
    world.model.faults = [Fault(kind)] * 9
    opened = world.opens(base={CONFIG: f"gate: {{on_error: {on_error}}}"})
    record = world.reviews(opened)
    assert (record.conclusion, world.pull.reviews) == (on_error, [])
    assert world.verdict == f"{on_error}: Not fully reviewed: 1 of 1 hunks were not reviewed"
    assert world.says(sentence)
    world.model.faults = []
    world.reviews(opened)
    assert world.verdict == "success: Nothing blocks: 3 medium"


@pytest.fixture
def keyless(tmp_path: Path, servers: Servers) -> Iterator[World]:
    with living(tmp_path, servers, OPENAI_API_KEY="", OPENAI_BASE_URL="") as alive:
        yield alive


@pytest.mark.parametrize("on_error", ["neutral", "failure"])
def test_no_key_is_told(keyless: World, on_error: str) -> None:
    """Without a model the check says what to set."""
    opened = keyless.opens(base={CONFIG: f"gate: {{on_error: {on_error}}}"})
    with pytest.raises(OutsideError, match="set OPENAI_API_KEY"):
        keyless.reviews(opened)
    assert keyless.verdict == f"{on_error}: Could not review"
    assert keyless.says("There is no model to ask: set OPENAI_API_KEY")


def test_an_error_of_our_own_is_told_without_its_text(world: World) -> None:
    """The log has the traceback; the pull request has a sentence and the run's name, for whoever looks there."""
    opened = world.opens()
    world.tools.prompts.clear()
    with pytest.raises(KeyError):
        world.reviews(opened, delivery="run-7")
    assert world.verdict == "neutral: Could not review"
    assert world.check.summary == "An error of the reviewer itself. Its log has it under the run run-7."


def test_an_outage_puts_the_review_off(world: World) -> None:
    """GitHub away for longer than is waited for: the check says so at once and when it goes on; then all is reviewed."""
    world.model.findings = THREE
    job = world.wish(world.opens())
    for wait in OUTAGES[:2]:
        world.hub.fail("GET", "/pulls/1$", times=3, status=502)
        with pytest.raises(GitHubError) as failed:
            world.carries_out(job)
        assert failed.value.put_off == wait
        assert world.verdict == "neutral: Could not review"
        assert world.says("It is tried again at")
    world.carries_out(job)
    assert len(world.inline) == 3
    assert world.verdict == "success: Nothing blocks: 3 medium"


def test_an_outage_without_end_has_one_for_us(world: World) -> None:
    """After the last try the job fails for good."""
    job = world.wish(world.opens())
    for wait in [*OUTAGES, 0.0]:
        world.hub.fail("GET", "/pulls/1$", times=3, status=502)
        with pytest.raises(GitHubError) as failed:
            world.carries_out(job)
        assert failed.value.put_off == wait
    assert not world.says("It is tried again at")


# --- our own database ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["answers", "keep_answers", "book", "keep_step", "keep_run"])
def test_a_database_that_is_away_costs_time_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Wherever in a review it goes, the check waits, and the next attempt ends as if nothing had been."""
    world.model.findings = THREE
    job = world.wish(world.opens())

    async def away(*_: object, **__: object) -> None:
        raise StoreError("the database did not answer as it should")

    with monkeypatch.context() as patch:
        patch.setattr(world.tools.store, method, away)
        with pytest.raises(StoreError):
            world.carries_out(job)
        assert method in {"keep_step", "keep_run"} or world.verdict.startswith("None: ")
    world.carries_out(job)
    assert (len(world.pull.reviews), len(world.inline)) == (1, 3)
    assert world.verdict == "success: Nothing blocks: 3 medium"
