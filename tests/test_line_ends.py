"""How a run ends that could not review: the check says what the repository asked for, and what was paid is kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from world import ADDED, CHANGED, World, finding, servers, world

from reviewer import review
from reviewer.core.errors import GitHubError, Gone, OutsideError
from reviewer.core.types import CheckReport, Diff
from reviewer.github import repository
from reviewer.github.repository import Repository
from reviewer.store import SqlStore

__all__ = ["servers", "world"]

CLOSED = {".github/reviewer.yml": "gate: {on_error: failure}"}  # fails closed
BROKEN = GitHubError("GitHub answers 502 to the diff", status=502, retryable=True)


@pytest.fixture
def no_diff(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """The diff alone is not to be had: its address is the pull request's own, so a fault there would hit both."""

    def fails(error: Exception) -> None:
        async def read_diff(*_: object) -> Diff:
            raise error

        monkeypatch.setattr(repository, "read_diff", read_diff)

    return fails


def no_config(world: World) -> None:
    world.hub.fail("POST", "/api/graphql", times=99, status=502)
    world.hub.fail("GET", "/contents/", times=99, status=502)


def test_both_checks_end_when_the_head_moved_and_the_rest_fails(
    world: World, no_diff: Callable[[Exception], None]
) -> None:
    """The end of the old head's check is none of the new one's."""
    job = world.wish(world.opens())
    world.pushes({"shop.py": CHANGED + "\n\nx = 1\n"})  # its webhook is late or lost
    no_diff(BROKEN)
    with pytest.raises(GitHubError, match="502"):
        world.carries_out(job)
    assert [check.title for check in world.checks] == [f"Superseded by {world.pull.head_sha[:7]}", "Could not review"]


@pytest.mark.parametrize("error", [BROKEN, Gone("GitHub answers 404 to the diff", status=404)], ids=["502", "404"])
def test_a_diff_that_cannot_be_read_is_an_error(
    world: World, no_diff: Callable[[Exception], None], error: GitHubError
) -> None:
    """Whatever GitHub answers, before the configuration is known: a pull request that is there is not gone."""
    no_diff(error)
    with pytest.raises(GitHubError, match="to the diff"):
        world.reviews(world.opens(base=CLOSED))
    assert world.verdict == "failure: Could not review"


def test_without_the_configuration_the_last_one_counts(world: World) -> None:
    """What fails closed stays so while GitHub does not hand out the files."""
    world.reviews(world.opens(base=CLOSED))
    push = world.pushes({"shop.py": CHANGED + "\n\nx = 1\n"})
    no_config(world)
    with pytest.raises(OutsideError):
        world.reviews(push)
    assert world.verdict == "failure: Could not review"


def test_without_any_configuration_the_default_counts(world: World) -> None:
    """A repository whose wish was never read gets what the documents promise."""
    opened = world.opens(base=CLOSED)
    no_config(world)
    with pytest.raises(OutsideError):
        world.reviews(opened)
    assert world.verdict == "neutral: Could not review"


def test_giving_up_is_an_error_too(world: World) -> None:
    """A diff that kills the reviewer passes no gate that fails closed."""
    job = world.wish(world.opens(base=CLOSED))
    world.does(review.give_up(job, job.delivery, world.tools))
    assert world.verdict == "failure: Could not review"


def test_a_verdict_stands_though_the_review_met_a_404(world: World) -> None:
    """What blocks is in the check already; that GitHub knows no place for the comments does not take it back."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.hub.fail("POST", "/pulls/1/reviews$", times=9, status=404)
    with pytest.raises(Gone):
        world.reviews(world.opens())
    assert world.verdict == "failure: 1 finding blocks: 1 high"


@pytest.mark.parametrize("how", ["superseded", "failed"])
def test_what_was_paid_is_recorded(world: World, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Also for a run that comes to nothing after the model has answered."""
    world.model.findings = [finding(ADDED)]
    job = world.wish(world.opens())
    if how == "superseded":
        world.while_asked(lambda: world.wish(world.pushes({"shop.py": CHANGED + "\n\nx = 1\n"})))
        world.carries_out(job)
    else:

        async def wanted(store: SqlStore, _job: object) -> str:
            if world.model.calls:
                raise OutsideError("the database is away")
            return ""

        monkeypatch.setattr(SqlStore, "wanted", wanted)
        with pytest.raises(OutsideError):
            world.carries_out(job)
    record: dict[str, Any] | None = asyncio.run(world.parts.store.run_of(job.installation, job.delivery))
    assert record
    assert (record["usage"]["calls"], record["model"]) == (world.model.calls, "gpt-6.1-terra")
    assert Decimal(record["cost"]) > 0
    counted = re.findall(
        r'^reviewer_model_calls_total{model="gpt-6.1-terra",.*} (\d+)', metrics_of(world), re.MULTILINE
    )
    assert sum(map(int, counted)) == world.model.calls


def metrics_of(world: World) -> str:
    return world.parts.metrics.text()[0].decode()


def test_what_this_run_said_before_it_broke_off_is_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Posted, then died before the check ended: the next attempt does not call it the word of an earlier push."""
    world.model.findings = [finding(ADDED)]
    job = world.wish(world.opens())
    update = Repository.update_check

    async def refused(self: Repository, check: int, report: CheckReport, *, again: bool = False) -> None:
        if report.status == "completed":
            raise GitHubError("GitHub answers 401", status=401)
        await update(self, check, report, again=again)

    monkeypatch.setattr(Repository, "update_check", refused)
    with pytest.raises(GitHubError):
        world.carries_out(job)
    monkeypatch.undo()
    world.carries_out(job)
    assert (len(world.pull.reviews), len(world.inline)) == (1, 1)
    assert not world.says("earlier push")
    world.reviews(world.pushes({"README.md": "x\n"}))
    assert world.says("earlier push")


def test_a_draft_costs_no_diff(world: World) -> None:
    """Neither the diff nor what was said before is asked for."""
    world.reviews(world.opens(draft=True))
    assert world.verdict == "neutral: Waiting: a draft"
    assert world.hub.count("GET", "/pulls/1$") == 1
    assert world.hub.count("GET", "/pulls/1/(comments|reviews)") == 0


def test_a_second_event_on_one_head_is_told_apart(world: World) -> None:
    """A run that a newer event on its own head ends is not superseded by its own SHA."""
    opened = world.opens()
    job = world.wish(opened)
    world.wish(opened)
    assert world.carries_out(job).title == "Superseded by a newer event on the same head"
