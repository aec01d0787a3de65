"""Jobs of one pull request take turns, those of others do not wait for them."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

import pytest
from databases import database_url, sqlite_url
from workshop import Workshop, job, play, until, working

from reviewer.core.types import Job

__all__ = ["database_url", "sqlite_url"]


def test_one_job_at_a_time_for_a_pull_request(database_url: str) -> None:
    """Whatever arrives at once, lines of one pull request never overlap."""
    shop = Workshop(database_url)

    async def review(_job: Job, run: str) -> None:
        await asyncio.sleep(0.001 * (int(run[1:]) % 7))

    async def story() -> None:
        shop.review = review
        runs = [f"d{number}" for number in range(40)]
        async with working(shop) as jobs:
            closes = [job(run, number=index % 6, kind="close") for index, run in enumerate(runs)]  # never overtaken
            await asyncio.gather(*(jobs.enqueue(each) for each in closes))
            assert await shop.ended(*runs) == ["done"] * 40
        assert {lane: most for lane, most in shop.most.items() if lane and most != 1} == {}

    play(story(), shop)


def test_no_more_lines_than_were_asked_for(sqlite_url: str) -> None:
    """With room for two, the third waits until one of them ends, though its pull request is another one."""
    shop = Workshop(sqlite_url, concurrency=2)
    go = threading.Event()

    async def review(_job: Job, _run: str) -> None:
        await until(go.is_set)

    async def story() -> None:
        shop.review = review
        runs = [f"d{number}" for number in range(4)]
        async with working(shop) as jobs:
            await asyncio.gather(*(jobs.enqueue(job(run, number=index)) for index, run in enumerate(runs)))
            await until(lambda: shop.doing.total() == 2)
            await asyncio.sleep(0.3)  # several polls, each of which could begin one too many
            go.set()
            assert await shop.ended(*runs) == ["done"] * 4
        assert shop.most[""] == 2

    play(story(), shop)


def test_pull_requests_do_not_wait_for_one_another(sqlite_url: str) -> None:
    """Three lines that each wait for the other two all end; and all run on one loop, which is not the caller's."""
    shop = Workshop(sqlite_url)
    inside: set[str] = set()

    async def review(_job: Job, run: str) -> None:
        inside.add(run)
        await until(lambda: len(inside) == 3)

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            for number in range(3):
                await jobs.enqueue(job(f"d{number}", number=number))
            assert await shop.ended("d0", "d1", "d2") == ["done"] * 3
            assert shop.loops == {await jobs.run(this_loop())}
            assert asyncio.get_running_loop() not in shop.loops

    play(story(), shop)


async def this_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_a_newer_job_tells_the_running_one(database_url: str) -> None:
    """When enqueue answers, the line before it can see that its head is unwanted.

    The newer one is announced meanwhile, though there is no room for another line.
    """
    shop = Workshop(database_url, concurrency=1)
    reasons: list[str] = []

    async def review(job: Job, run: str) -> None:
        if run == "d1":
            await until(lambda: ("announce", "d2") in shop.happened)
        reasons.append(await shop.store.wanted(job))

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            await until(lambda: ("review", "d1") in shop.happened)
            assert await shop.store.wanted(job("d1")) == ""
            await jobs.enqueue(job("d2", head="1234567890"))
            assert await shop.store.wanted(job("d1")) == "superseded by 1234567"
            assert await shop.ended("d1", "d2") == ["done", "done"]
        assert reasons == ["superseded by 1234567", ""]

    play(story(), shop)


@pytest.mark.slow
def test_two_hundred_jobs_finish(sqlite_url: str) -> None:
    """A burst is done to the last one, each once."""
    shop = Workshop(sqlite_url)

    async def story() -> None:
        runs = [f"d{number}" for number in range(200)]
        async with working(shop) as jobs:
            await asyncio.gather(*(jobs.enqueue(job(run, number=index)) for index, run in enumerate(runs)))
            await until(lambda: Counter(what for what, _ in shop.happened)["reviewed"] >= 200)
            assert set(await shop.ended(*runs)) == {"done"}
        assert Counter(shop.happened) == Counter(
            {(what, run): 1 for what in ("announce", "review", "reviewed") for run in runs}
        )

    play(story(), shop)
