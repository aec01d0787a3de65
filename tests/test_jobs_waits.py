"""A job that GitHub's limits keep waiting holds up no other; a busy installation leaves room for the others."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace

import pytest
from databases import database_url, sqlite_url
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop, job, play, until, working

from reviewer.core.errors import GitHubError
from reviewer.core.types import Job
from reviewer.jobs.slots import Slots

__all__ = ["database_url", "sqlite_url"]


@pytest.mark.slow  # it waits as the engine waits: seven seconds on each database
def test_a_long_limit_puts_the_job_off(database_url: str) -> None:
    """It is queued meanwhile, lets others pass, and goes on under its own id, more often than a crash is forgiven."""
    shop = Workshop(database_url, concurrency=1, longest_wait=0.05, attempts=2)
    limits = [0.1, 0.1, 0.1, 3.0]

    async def review(_job: Job, run: str) -> None:
        if run == "limited" and limits:
            raise GitHubError("GitHub's rate limit", retryable=True, wait=limits.pop(0))

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("limited"))
            await until(lambda: not limits)
            await jobs.enqueue(job("other", number=2))
            await until(lambda: ("reviewed", "other") in shop.happened)
            state = await jobs.status("limited")
            assert state
            assert (state["status"], state["error"]) == ("queued", "put off: GitHub's rate limit")
            assert await shop.ended("limited") == ["done"]
        assert shop.happened.count(("review", "limited")) == 5
        assert ("gave up", "limited") not in shop.happened

    play(story(), shop)


def test_the_line_puts_a_job_off(sqlite_url: str) -> None:
    """What the line says of an outage counts, however short."""
    shop = Workshop(sqlite_url)
    outages = [0.1]  # one: the engine counts seconds on SQLite, and two failures within one are taken for the same

    async def review(_job: Job, _run: str) -> None:
        if outages:
            error = GitHubError("GitHub answers 502", status=502, retryable=True)
            error.put_off = outages.pop(0)
            raise error

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]
        assert shop.happened.count(("review", "d1")) == 2

    play(story(), shop)


def test_a_short_limit_fails_the_job(sqlite_url: str) -> None:
    """What the line could have waited for itself is not put off."""
    shop = Workshop(sqlite_url)

    async def review(_job: Job, _run: str) -> None:
        raise GitHubError("GitHub's rate limit", retryable=True, wait=5)

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["failed"]

    play(story(), shop)


def test_a_busy_installation_lets_another_go_first(sqlite_url: str) -> None:
    """Of all that wait, the one job of the quiet installation has the next slot.

    One slot at a time is let go: who begins next has nothing to race with.
    """
    shop = Workshop(sqlite_url, concurrency=2)
    one, go = threading.Event(), threading.Event()

    async def review(_job: Job, run: str) -> None:
        await until(lambda: go.is_set() or (one.is_set() and run == begun()[0]))

    def begun() -> list[str]:
        return [run for what, run in shop.happened if what == "review"]

    async def story() -> None:
        shop.review = review
        busy = [f"d{number}" for number in range(5)]
        async with working(shop) as jobs:
            for number, run in enumerate(busy):
                await jobs.enqueue(job(run, number=number))
            await until(lambda: shop.doing.total() == 2)
            await jobs.enqueue(replace(job("quiet"), installation=8, repository="other/app"))
            await until(lambda: jobs._work is not None and 8 in {each for each, _ in jobs._work._slots._waiting})
            one.set()
            await until(lambda: len(begun()) > 2)
            assert begun()[2:] == ["quiet"]
            go.set()
            assert await shop.ended(*busy, "quiet") == ["done"] * 6

    play(story(), shop)


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.booleans()), max_size=12),
)
def test_slots_are_neither_lost_nor_doubled(count: int, lines: list[tuple[int, int, bool]]) -> None:
    """However lines of several installations come, last and are cut short: never more than `count`, and all get in."""
    running: list[int] = []

    async def line(slots: Slots, installation: int, turns: int) -> None:
        async with slots.slot(installation):
            running.append(installation)
            assert len(running) <= count
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
            finally:
                running.remove(installation)

    async def story() -> None:
        slots = Slots(count)
        tasks = []
        for at, (installation, turns, cut) in enumerate(lines):
            tasks.append(asyncio.create_task(line(slots, installation, turns)))
            await asyncio.sleep(0)
            if cut:
                tasks[at // 2].cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, 5)
        async with asyncio.timeout(5):
            for _ in range(count + 1):  # all are free again
                await line(slots, 1, 1)

    asyncio.run(story())
