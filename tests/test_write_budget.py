"""No installation writes more than GitHub allows, and what matters goes first."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from forge import Forge, comment, forge_at, report
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.errors import GitHubError
from reviewer.core.types import ReviewDraft
from reviewer.github import GitHubApp
from reviewer.github.budget import CONTENT, Rank, WriteBudget


class Time:
    """Time that passes only when everybody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), future))
        await future

    async def pass_until(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(3):  # whoever can go on does
                await asyncio.sleep(0)
            if self._sleepers and not task.done():
                self.now, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    future.set_result(None)
        await task


def spend(story: Callable[[Time, WriteBudget], Awaitable[object]], *windows: tuple[float, int]) -> None:
    """A story under a budget, in a time of its own."""

    async def whole() -> None:
        clock = Time()
        await clock.pass_until(story(clock, WriteBudget(clock, clock.sleep, windows or CONTENT, patience=math.inf)))

    asyncio.run(whole())


async def write(budget: WriteBudget, done: list[object], what: object, rank: Rank = Rank.FIRST) -> None:
    await budget.take(rank)
    done.append(what)


@given(st.lists(st.tuples(st.integers(0, 400).map(lambda at: at / 4), st.sampled_from(Rank)), max_size=60))
def test_no_window_holds_more_than_it_may(wishes: list[tuple[float, Rank]]) -> None:
    """Whenever they are asked for, no 10 seconds hold more than 4 writes and no 60 more than 9; all get their turn."""
    made: list[float] = []

    async def story(clock: Time, budget: WriteBudget) -> None:
        async def one(begin: float, rank: Rank) -> None:
            await clock.sleep(begin)
            await budget.take(rank)
            made.append(clock.now)

        await asyncio.gather(*(one(*wish) for wish in wishes))

    spend(story, (10.0, 4), (60.0, 9))
    assert len(made) == len(wishes)
    for at in made:
        assert sum(at - 10 < other <= at for other in made) <= 4
        assert sum(at - 60 < other <= at for other in made) <= 9


def test_a_minute_and_an_hour_are_kept() -> None:
    """80 at once, the next 80 a minute later; after 500 nothing until the hour is over."""
    made: list[float] = []

    async def story(clock: Time, budget: WriteBudget) -> None:
        async def one() -> None:
            await budget.take(Rank.FIRST)
            made.append(clock.now)

        await asyncio.gather(*(one() for _ in range(501)))

    spend(story)
    assert [sum(at < minute * 61 for at in made) for minute in range(1, 8)] == [80, 160, 240, 320, 400, 480, 500]
    assert made[-1] == 3601.0


def test_who_waits_goes_by_rank_then_by_arrival() -> None:
    """The end of a check does not wait behind a burst of new ones; among equals nobody overtakes."""
    done: list[object] = []

    async def story(clock: Time, budget: WriteBudget) -> None:
        usual = [asyncio.ensure_future(write(budget, done, f"open {at}", Rank.USUAL)) for at in range(4)]
        await clock.sleep(1)
        first = [asyncio.ensure_future(write(budget, done, f"end {at}")) for at in range(2)]
        await asyncio.gather(*usual, *first)

    spend(story, (10.0, 1))
    assert done == ["open 0", "end 0", "end 1", "open 1", "open 2", "open 3"]


def test_who_goes_away_costs_nothing() -> None:
    """A cancelled write gives its turn to the next."""
    made: list[float] = []

    async def story(clock: Time, budget: WriteBudget) -> None:
        await budget.take(Rank.FIRST)
        gone = asyncio.ensure_future(budget.take(Rank.FIRST))
        await clock.sleep(1)
        gone.cancel()
        await asyncio.wait([gone])
        await budget.take(Rank.FIRST)
        made.append(clock.now)

    spend(story, (10.0, 1))
    assert made == [10.0]


def test_half_spent_is_tight() -> None:
    """From there on progress is left unsaid, so that reviews and ends find room; so it is during a pause."""
    seen: list[bool] = []

    async def story(clock: Time, budget: WriteBudget) -> None:
        for _ in range(3):
            seen.append(budget.tight)
            await budget.take(Rank.FIRST)
        await clock.sleep(11)
        seen.append(budget.tight)
        budget.hold(5)
        seen.append(budget.tight)

    spend(story, (10.0, 4))
    assert seen == [False, False, True, False, True]


# --- on GitHub --------------------------------------------------------------------------------------------------------


@pytest.fixture
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge_at(tmp_path_factory.mktemp("forge")) as forge:
        yield forge


def test_github_never_has_to_say_no(forge: Forge) -> None:
    """A hundred reviews under GitHub's own limit: all land, and none is refused. Checks do not wait for them."""
    began = time.time()
    forge.hub.limits.writes_minute, forge.hub.clock = 80, lambda: began + forge.clock

    async def act(app: GitHubApp) -> None:
        github = app.repository(forge.installation, "octo/flasky")
        check = await github.open_check(head=forge.stands.head_sha, external_id="e", report=report(status="queued"))
        for _ in range(80):
            await github.update_check(check, report())  # progress: less and less of it
        for at in range(99):
            await github.post_review(1, ReviewDraft(forge.stands.head_sha, f"{at}", (comment(),)))

    forge.run(act)
    assert len(forge.stands.reviews) == 99
    assert [seen for seen in forge.hub.requests if seen.status == 403] == []
    assert forge.hub.count("PATCH", "check-runs") == 59


def test_two_processes_hear_from_github(forge: Forge) -> None:
    """Each counts for itself, so together they go too far: GitHub says no, that is obeyed, and all land once."""
    began = time.time()
    forge.hub.limits.writes_minute, forge.hub.clock = 80, lambda: began + forge.clock

    async def act(app: GitHubApp) -> None:
        github = app.repository(forge.installation, "octo/flasky")
        for at in range(60):
            await github.post_review(1, ReviewDraft(forge.stands.head_sha, f"{at}"))

    forge.run(act)
    forge.run(act)
    assert sorted(int(review.body) for review in forge.stands.reviews) == sorted([*range(60)] * 2)
    assert [seen.status for seen in forge.hub.requests].count(403) == 1
    assert forge.naps == [60]


def test_no_write_waits_for_the_window_of_an_hour() -> None:
    """The wait of a minute is sat out; of more it is told how long it takes, and the line can make room for others."""
    made: list[float] = []

    async def story(clock: Time, budget: WriteBudget) -> None:
        for _ in range(9):
            await budget.take(Rank.FIRST)
            made.append(clock.now)
        with pytest.raises(GitHubError, match="leave this installation no room") as raised:
            await budget.take(Rank.FIRST)
        assert raised.value.retryable
        assert raised.value.wait == 3600 - 120
        await clock.sleep(raised.value.wait)
        await budget.take(Rank.FIRST)

    async def whole() -> None:
        clock = Time()
        await clock.pass_until(story(clock, WriteBudget(clock, clock.sleep, ((60.0, 4), (3600.0, 9)))))

    asyncio.run(whole())
    assert made == [0.0] * 4 + [60.0] * 4 + [120.0]
