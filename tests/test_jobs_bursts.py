"""Bursts of pushes cost few reviews, the newest head is reviewed, and old jobs are forgotten after their time."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from databases import database_url, sqlite_url
from test_store import record
from workshop import Workshop, job, play, until, working

from reviewer.core.types import Job
from reviewer.jobs.pruning import DAY, prune
from reviewer.store import Worker, Workers

__all__ = ["database_url", "sqlite_url"]


def test_a_burst_of_pushes_costs_two_reviews(database_url: str) -> None:
    """The first is reviewed at once; of those that follow while it runs, only the newest is, and heard of."""
    shop = Workshop(database_url, quiet=1.0)

    async def review(job: Job, _run: str) -> None:
        while not await shop.store.wanted(job):
            if job.delivery == "d19":
                return
            await asyncio.sleep(0.01)

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("d0"))
            await until(lambda: ("review", "d0") in shop.happened)
            await asyncio.gather(*(jobs.enqueue(job(f"d{number}", head=f"{number:07d}")) for number in range(1, 20)))
            runs = [f"d{number}" for number in range(20)]
            assert await shop.ended(*runs) == ["done", *["cancelled"] * 18, "done"]
            said = Counter(what for what, _ in shop.happened)
            assert said == {"announce": 2, "review": 2, "reviewed": 2}
            assert shop.happened[-1] == ("reviewed", "d19")
            state = await jobs.status("d1")
            assert state
            assert state["error"].startswith("superseded by 00000")

    play(story(), shop)


def test_a_push_after_the_quiet_does_not_wait(sqlite_url: str) -> None:
    """Nothing runs and the last push was long ago: it is reviewed at once, whatever the wait would be."""
    shop = Workshop(sqlite_url, quiet=3_600.0)

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]
            later = shop.store.now() + 3_601
            shop.store.now = lambda: later
            await jobs.enqueue(job("d2"))
            assert await shop.ended("d2") == ["done"]

    play(story(), shop)


@pytest.mark.parametrize("command", ["override", "dismiss", "resume", "reply"])
def test_what_a_person_ruled_does_not_wait(sqlite_url: str, command: str) -> None:
    """They look at the check: what follows is begun at once, right after a push too."""
    shop = Workshop(sqlite_url, quiet=3_600.0)

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            await jobs.enqueue(replace(job("d2"), trigger=f"command.{command}"))
            assert await shop.ended("d2") == ["done"]

    play(story(), shop)


def test_a_close_ends_the_wait(sqlite_url: str) -> None:
    """A pull request that is closed within the burst is not reviewed."""
    shop = Workshop(sqlite_url, quiet=0.3)

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]
            await jobs.enqueue(job("d2"))
            await jobs.enqueue(job("d3", kind="close"))
            assert await shop.ended("d1", "d2", "d3") == ["done", "cancelled", "done"]
        assert ("announce", "d2") not in shop.happened

    play(story(), shop)


def test_the_status_of_an_ended_job_says_what_came_of_it(sqlite_url: str) -> None:
    """For the operator: how the check ended, and on which head."""
    shop = Workshop(sqlite_url)

    async def review(job: Job, run: str) -> None:
        await shop.store.keep_run(replace(record(), job=job, run=run, head="newer"))

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]
            state = await jobs.status("d1")
            assert state
            said = {name: state[name] for name in ("status", "conclusion", "title", "head", "model", "trigger")}
            assert said == {
                "status": "done",
                "conclusion": "failure",
                "title": "1 finding",
                "head": "newer",
                "model": "m",
                "trigger": "pull_request.synchronize",
            }

    play(story(), shop)


def test_old_jobs_are_forgotten(database_url: str) -> None:
    """Those that ended longer ago than GitHub redelivers, by one worker at a time; what is unfinished stays."""
    shop = Workshop(database_url)
    one, two = Worker("one", "here", 1), Worker("two", "here", 2)

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]
        async with working(shop, worker=False) as jobs:
            await jobs.enqueue(job("d2"))
            workers, client, now = Workers(shop.store), jobs._client, shop.store.now
            assert client
            assert prune(client, workers, one, now=now) == 0
            assert prune(client, workers, two, now=lambda: now() + 31 * DAY) == 0  # it is the other one's turn
            assert await jobs.status("d1")
            assert prune(client, workers, one, now=lambda: now() + 31 * DAY) == 2  # arrival and review
            assert await jobs.status("d1") is None
            assert await jobs.status("d2")

    play(story(), shop)
