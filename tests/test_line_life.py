"""The life of a pull request: drafts, forks, closing, a head that moves, and the check run through all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from world import ADDED, SHOP, World, finding, servers, world

from reviewer import review
from reviewer.core.events import job_of
from reviewer.core.types import Ignored
from reviewer.standin import events

__all__ = ["servers", "world"]

FIXED = SHOP.replace("sum(items)", "math.fsum(items)")


def test_the_check_goes_from_queued_to_its_end(world: World) -> None:
    """It carries what finds the pull request again, for forks too, where GitHub does not say."""
    job = world.wish(world.opens())
    world.does(review.announce(job, "run-1", world.tools))
    assert (world.check.status, world.check.title) == ("queued", "Queued")
    world.carries_out(job)
    first, second = world.checks
    assert first.external_id == f"{world.name}#1:run-1"
    assert second.history == ["queued", "in_progress", "completed/success"]
    world.does(review.give_up(job, "run-1", world.tools))
    assert (first.history, first.title) == (["queued", "completed/neutral"], "Could not review")
    assert len(world.checks) == 2


def test_the_summary_says_how_it_was_reviewed(world: World) -> None:
    """Coverage, model, prompt version, tokens and cost: what the reader may want to judge by."""
    world.reviews(world.opens())
    footer = (world.check.summary or "").rsplit("\n", 1)[-1]
    assert footer.startswith("Model `gpt-6.1-terra` · prompt `review@2` · 1 model call · ")
    assert " tokens in, " in footer
    assert " · $0.0" in footer


def test_a_draft_waits(world: World) -> None:
    """No comment and no question to the model until it is ready for review."""
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens(draft=True))
    assert (world.pull.reviews, world.model.calls) == ([], 0)
    assert world.verdict == "neutral: Waiting: a draft"
    world.reviews(events.ready(world.hub, world.name, 1))
    assert len(world.inline) == 1
    assert world.verdict == "success: Nothing blocks: 1 medium"


def test_drafts_are_reviewed_where_that_is_asked_for(world: World) -> None:
    """`review.drafts` is the repository's choice."""
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens(draft=True, base={".github/reviewer.yml": "review: {drafts: true}"}))
    assert len(world.inline) == 1


def test_a_closed_pull_request_is_left_alone(world: World) -> None:
    """What was queued before it closed ends without a word on the pull request."""
    world.model.findings = [finding(ADDED)]
    opened = world.opens()
    events.close(world.hub, world.name, 1)
    world.reviews(opened)
    assert (world.pull.reviews, world.model.calls) == ([], 0)
    assert world.verdict == "neutral: Closed"


def test_a_reopened_pull_request_is_reviewed(world: World) -> None:
    """Also when its first review never was."""
    world.model.findings = [finding(ADDED)]
    world.opens()
    events.close(world.hub, world.name, 1)
    world.reviews(events.reopen(world.hub, world.name, 1))
    assert len(world.inline) == 1


def test_a_fork_is_reviewed_like_any_other(world: World) -> None:
    """The check stands on the base repository, under the fork's head."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens(fork="stranger/shop"))
    assert len(world.inline) == 1
    assert world.verdict == "failure: 1 finding blocks: 1 high"


def test_a_head_that_moved_without_an_event_is_followed(world: World) -> None:
    """What stands now is reviewed; the check of the old head ends, with the reason."""
    world.model.findings = [
        finding(ADDED, "Of the old head"),
        finding("    return math.fsum(items)", "Of the new head"),
    ]
    opened = world.opens()
    old = world.pull.head_sha
    world.pushes({"shop.py": FIXED})
    record = world.reviews(opened)
    assert world.inline == ["shop.py:2 RIGHT medium: Of the new head"]
    assert record.head == world.pull.head_sha
    (ended,) = world.hub.check_runs(old)
    assert (ended.conclusion, ended.title) == ("cancelled", f"Superseded by {world.pull.head_sha[:7]}")
    assert world.verdict == "success: Nothing blocks: 1 medium"


def test_a_push_while_the_model_thinks_ends_the_run(world: World) -> None:
    """Nothing is said about a head that nobody wants any more; the new one gets its review."""
    world.model.findings = [
        finding(ADDED, "Of the old head"),
        finding("    return math.fsum(items)", "Of the new head"),
    ]
    opened = world.opens()
    old = world.pull.head_sha
    newest = []
    world.while_asked(lambda: newest.append(world.wish(world.pushes({"shop.py": FIXED}))))
    record = world.reviews(opened)
    assert (record.conclusion, record.title) == ("cancelled", f"Superseded by {world.pull.head_sha[:7]}")
    assert world.pull.reviews == []
    world.carries_out(newest[0])
    assert world.inline == ["shop.py:2 RIGHT medium: Of the new head"]
    assert [(check.head_sha == old, check.conclusion) for check in world.checks] == [
        (True, "cancelled"),
        (False, "success"),
    ]


@pytest.mark.parametrize(
    "action", [events.close, lambda hub, name, number: events.close(hub, name, number, merged=True)]
)
def test_closing_it_ends_the_run(world: World, action: Callable[..., events.Event]) -> None:
    """Closed or merged while the model thinks: the run stops and says nothing."""
    world.model.findings = [finding(ADDED)]
    opened = world.opens()
    world.while_asked(lambda: world.wish(action(world.hub, world.name, 1)))
    world.reviews(opened)
    assert world.pull.reviews == []
    assert world.verdict == "cancelled: Closed"


def test_a_job_that_waited_too_long_asks_nothing(world: World) -> None:
    """When the next push is already known, its predecessor costs no model call."""
    job = world.wish(world.opens())
    world.wish(world.pushes({"shop.py": FIXED}))
    record = world.carries_out(job)
    assert (record.conclusion, world.model.calls) == ("cancelled", 0)


def test_a_redelivered_push_is_not_newer_than_the_newest(world: World) -> None:
    """A redelivery keeps its place in the order: it supersedes nothing."""
    first, push = world.opens(), world.pushes({"shop.py": FIXED})
    world.wish(first, delivery=f"first-{world.name}")
    newest = world.wish(push)
    world.wish(first, delivery=f"first-{world.name}")
    assert world.carries_out(newest).conclusion == "success"


def test_two_pull_requests_do_not_meet(world: World) -> None:
    """A push to one does not end the review of another in the same repository."""
    world.model.findings = [finding(ADDED)]
    first = world.wish(world.opens())
    world.git.commit({"shop.py": FIXED}, branch="other")
    world.wish(events.open_pull(world.hub, world.name, head="other", user="ann"))
    assert world.carries_out(first).conclusion == "success"
    assert len(world.inline) == 1


def test_what_does_not_change_the_code_asks_for_nothing(world: World) -> None:
    """Labels and titles come and go without a review."""
    world.opens()
    repository, pull = world.hub.repository(world.name), world.pull
    for action in ("labeled", "assigned", "synchronise"):
        event = events.pull_event(world.hub, repository, pull, action)
        assert isinstance(job_of(event.name, "d", event.payload), Ignored)


def test_a_crash_before_the_review_was_posted_costs_no_second_question(world: World) -> None:
    """The run begins again from kept answers, with the check that it had."""
    world.model.findings = [finding(ADDED)]
    job = world.wish(world.opens())
    world.hub.fail("POST", "/reviews$", status=403, times=1)
    with pytest.raises(Exception, match="does not allow"):
        world.carries_out(job)
    world.carries_out(job)
    assert (len(world.inline), world.model.calls, len(world.checks)) == (1, 1, 1)
    assert world.verdict == "success: Nothing blocks: 1 medium"


def test_a_crash_after_the_review_was_posted_posts_no_second(world: World) -> None:
    """The run finds its own mark."""
    world.model.findings = [finding(ADDED)]
    job = world.wish(world.opens())
    world.carries_out(job)
    world.carries_out(job)
    assert (len(world.pull.reviews), len(world.inline), len(world.checks)) == (1, 1, 1)
