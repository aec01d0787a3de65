"""A job that was taken is done through orderly stops, SIGKILL and upgrades."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections import Counter

from databases import database_url, sqlite_url
from workshop import PATIENCE, Workshop, job, play, until, working

from reviewer.core.types import Job

__all__ = ["database_url", "sqlite_url"]


# --- stops and starts -----------------------------------------------------------------------------------------------


def test_a_stop_leaves_the_rest_for_the_next_start(database_url: str) -> None:
    """What runs is cut short after the grace, what waits is not begun, and both are done after the start."""
    shop = Workshop(database_url, concurrency=1)

    async def forever(_job: Job, _run: str) -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        shop.review = forever
        async with working(shop, grace=0.05) as jobs:
            await jobs.enqueue(job("d1", number=1))
            await until(lambda: ("review", "d1") in shop.happened)
            await jobs.enqueue(job("d2", number=2))
        assert ("reviewed", "d1") not in shop.happened
        assert ("review", "d2") not in shop.happened
        shop.review = shop.nothing
        async with working(shop) as jobs:
            assert await shop.ended("d1", "d2") == ["done", "done"]
            state = await jobs.status("d1")
            assert state
            assert state["attempts"] == 2

    play(story(), shop)


def test_a_stop_begins_nothing_new(sqlite_url: str) -> None:
    """While it waits for one line, the room that another one leaves is not filled; the next start does what was next."""
    shop = Workshop(sqlite_url, concurrency=2)

    async def review(_job: Job, run: str) -> None:
        work = shop.jobs._work
        assert work
        await until(lambda: work._stopping)
        if run == "d1":
            await asyncio.Event().wait()

    async def story() -> None:
        shop.review = review
        async with working(shop, grace=0.4) as jobs:
            for number in (1, 2):
                await jobs.enqueue(job(f"d{number}", number=number))
            await until(lambda: shop.doing.total() == 2)
            await jobs.enqueue(job("d3", number=3))
            await until(lambda: ("announce", "d3") in shop.happened)
        assert ("reviewed", "d2") in shop.happened
        assert ("review", "d3") not in shop.happened
        shop.review = shop.nothing
        async with working(shop):
            assert await shop.ended("d1", "d2", "d3") == ["done", "done", "done"]

    play(story(), shop)


def test_a_stop_lets_a_line_finish_within_the_grace(sqlite_url: str) -> None:
    """Orderly: the job is done, and is not begun again."""
    shop = Workshop(sqlite_url)
    stopping = threading.Event()

    async def review(_job: Job, _run: str) -> None:
        await until(stopping.is_set)

    async def story() -> None:
        shop.review = review
        async with working(shop, grace=PATIENCE) as jobs:
            await jobs.enqueue(job("d1"))
            await until(lambda: ("review", "d1") in shop.happened)
            stopping.set()
        assert ("reviewed", "d1") in shop.happened
        async with working(shop):
            assert await shop.ended("d1") == ["done"]
        assert Counter(shop.happened)["review", "d1"] == 1

    play(story(), shop)


def test_no_thread_is_left_behind(sqlite_url: str) -> None:
    """A process that stopped can end."""
    shop = Workshop(sqlite_url)

    async def story() -> None:
        for _ in range(2):
            async with working(shop) as jobs:
                await jobs.enqueue(job("d1"))
                await shop.ended("d1")

    before = set(threading.enumerate())
    play(story(), shop)
    left = [thread.name for thread in set(threading.enumerate()) - before]
    assert left == []


def test_a_job_that_keeps_ending_the_process_is_given_up(sqlite_url: str) -> None:
    """Its check can be ended by the hook; a redelivery gives it a new chance."""
    shop = Workshop(sqlite_url, attempts=2)

    async def forever(_job: Job, _run: str) -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        shop.review = forever
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            await until(lambda: Counter(shop.happened)["review", "d1"] == 1)
        async with working(shop):
            await until(lambda: Counter(shop.happened)["review", "d1"] == 2)
        async with working(shop) as jobs:
            assert await shop.ended("d1") == ["failed"]
            assert shop.happened[-1] == ("gave up", "d1")
            state = await jobs.status("d1")
            assert state
            assert state["error"] == "given up: it was begun 2 times and ended with the process each time"
            shop.review = shop.nothing
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]

    play(story(), shop)


def test_without_a_worker_jobs_are_only_taken(sqlite_url: str) -> None:
    """`serve --no-worker` queues; a worker does them."""
    shop = Workshop(sqlite_url)

    async def story() -> None:
        async with working(shop, worker=False) as jobs:
            await jobs.enqueue(job("d1"))
            await asyncio.sleep(0.2)
            state = await jobs.status("d1")
            assert state
            assert state["status"] == "queued"
        assert shop.happened == []
        async with working(shop):
            assert await shop.ended("d1") == ["done"]

    play(story(), shop)


# --- SIGKILL --------------------------------------------------------------------------------------------------------

SCRIPT = """
import asyncio, sys
from reviewer.core.types import Job
from reviewer.jobs import Jobs
from reviewer.store import SqlStore, engine

url, mode = sys.argv[1:]

async def review(job, run):
    print("review", run, flush=True)
    if mode == "hang":
        await asyncio.Event().wait()
    print("reviewed", run, flush=True)

async def nothing(job, run):
    pass

async def main():
    jobs = Jobs(SqlStore(engine(url)), review=review, announce=nothing, gave_up=nothing, polling=0.02)
    await jobs.start(worker=mode != "take")
    if mode != "finish":
        for number in range(20 if mode == "take" else 1):
            run = await jobs.enqueue(Job("review", 7, "octo/app", number, "abc", "test", f"d{number}"))
            print("taken", run, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def killed(url: str, mode: str, last: str) -> list[str]:
    """What a process of its own printed until it was killed in the moment of the line `last`."""
    with subprocess.Popen([sys.executable, "-c", SCRIPT, url, mode], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if lines[-1] == last:
                break
        process.send_signal(signal.SIGKILL)
    return lines


def test_a_job_survives_sigkill_in_its_middle(database_url: str) -> None:
    """The next process of the same name does again what the killed one had begun."""
    assert killed(database_url, "hang", "review d0")[-1] == "review d0"
    assert killed(database_url, "finish", "reviewed d0") == ["review d0", "reviewed d0"]


def test_what_was_taken_survives_sigkill(sqlite_url: str) -> None:
    """Killed the moment after the last answer: every job that was answered for is there."""
    taken = killed(sqlite_url, "take", "taken d19")
    assert len(taken) == 20
    shop = Workshop(sqlite_url)

    async def story() -> None:
        async with working(shop):
            runs = [line.split()[1] for line in taken]
            assert await shop.ended(*runs) == ["done"] * 20
        assert Counter(shop.happened) == Counter(
            {(what, f"d{number}"): 1 for what in ("announce", "review", "reviewed") for number in range(20)}
        )

    play(story(), shop)
