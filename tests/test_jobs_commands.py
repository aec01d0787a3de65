"""Commands are jobs of their own: durable, beside the reviews, and what follows from them comes once."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from dataclasses import replace

import pytest
from databases import sqlite_url
from workshop import Workshop, job, play, until, working

from reviewer.core.errors import GitHubError, OutsideError, TooEarly
from reviewer.core.types import Job
from reviewer.store import SqlStore

__all__ = ["sqlite_url"]


def command(name: str) -> Job:
    return replace(job(name, head="", kind="command"), comment=5, author="ann", commands="0123")


def follow(of: Job) -> Job:
    return replace(job(f"{of.delivery}-review"), trigger="command.review")


class Commanded(Workshop):
    """Each command asks for a review."""

    async def _review(self, job: Job, run: str) -> list[Job]:  # type: ignore[override]
        await super()._review(job, run)
        return [follow(job)] if job.kind == "command" else []


def test_a_command_waits_for_no_review_and_replaces_none(sqlite_url: str) -> None:
    """It is done while a review of its pull request runs, in the only slot, and that one stays wanted."""
    shop = Workshop(sqlite_url, concurrency=1)
    go = threading.Event()

    async def review(job: Job, _run: str) -> None:
        if job.kind == "review":
            await until(go.is_set)

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            await until(lambda: ("review", "d1") in shop.happened)
            assert await jobs.enqueue(command("c1")) == "c1"
            assert await shop.ended("c1") == ["done"]
            assert await shop.store.wanted(job("d1")) == ""
            go.set()
            assert await shop.ended("d1") == ["done"]
        assert ("announce", "c1") not in shop.happened

    play(story(), shop)


def test_commands_of_one_pull_request_take_turns(sqlite_url: str) -> None:
    """Two answers never overlap."""
    shop = Workshop(sqlite_url)

    async def review(_job: Job, _run: str) -> None:
        await asyncio.sleep(0.002)

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            names = [f"c{number}" for number in range(8)]
            await asyncio.gather(*(jobs.enqueue(command(name)) for name in names))
            assert await shop.ended(*names) == ["done"] * 8
        assert shop.most[command("c").lane] == 1

    play(story(), shop)


def test_what_a_command_asks_for_comes_once_and_is_a_wish(sqlite_url: str) -> None:
    """A redelivery brings nothing more, also after a restart."""
    shop = Commanded(sqlite_url)

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]  # else what the command asks for may overtake it
            await asyncio.gather(*(jobs.enqueue(command("c1")) for _ in range(3)))
            assert await shop.ended("c1", "c1-review") == ["done"] * 2
            assert await shop.store.wanted(job("d1")) == "superseded by a newer event on the same head"
        async with working(shop) as jobs:
            await jobs.enqueue(command("c1"))
            assert await shop.ended("c1", "c1-review") == ["done"] * 2
        happened = Counter(shop.happened)
        assert (happened["review", "c1"], happened["review", "c1-review"], happened["announce", "c1-review"]) == (
            1,
            1,
            1,
        )

    play(story(), shop)


def test_what_cannot_be_kept_after_a_command_fails_it_and_comes_with_its_next_attempt(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is done only when what follows is kept."""
    shop = Commanded(sqlite_url)
    record, broken = SqlStore.record_wish, [True]

    def failing(store: SqlStore, connection: object, job: Job) -> bool:
        if job.delivery == "c1-review" and broken and broken.pop():
            raise OutsideError("the disk is full")
        return record(store, connection, job)  # type: ignore[arg-type]

    async def story() -> None:
        monkeypatch.setattr(SqlStore, "record_wish", failing)
        async with working(shop) as jobs:
            await jobs.enqueue(command("c1"))
            assert await shop.ended("c1") == ["failed"]
            assert await jobs.status("c1-review") is None
            await jobs.enqueue(command("c1"))
            assert await shop.ended("c1") == ["done"]
            assert await shop.ended("c1-review") == ["done"]
        assert Counter(shop.happened)["review", "c1-review"] == 1

    play(story(), shop)


def test_a_command_in_hand_when_the_process_stops_is_done_by_the_next(sqlite_url: str) -> None:
    """202 means that it will be answered."""
    shop = Commanded(sqlite_url)

    async def hang(_job: Job, _run: str) -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        shop.review = hang
        async with working(shop) as jobs:
            await jobs.enqueue(command("c1"))
            await until(lambda: ("review", "c1") in shop.happened)
        shop.review = shop.nothing
        async with working(shop):
            assert await shop.ended("c1") == ["done"]
            assert await shop.ended("c1-review") == ["done"]

    play(story(), shop)


def test_a_command_that_github_puts_off_is_done_later(sqlite_url: str) -> None:
    """In its own lane again, under its own id."""
    shop = Commanded(sqlite_url)
    away = [True]

    async def review(_job: Job, run: str) -> None:
        if run == "c1" and away and away.pop():
            error = GitHubError("GitHub is away", retryable=True)
            error.put_off = 0.1
            raise error

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(command("c1"))
            await until(lambda: ("reviewed", "c1") in shop.happened)
            assert await shop.ended("c1") == ["done"]
            await until(lambda: ("reviewed", "c1-review") in shop.happened)

    play(story(), shop)


def test_what_is_too_early_comes_back_as_often_as_it_takes(sqlite_url: str) -> None:
    """More often than a job may take its process down: to wait is no failure. The end of its group is its own alone."""
    shop = Workshop(sqlite_url, attempts=1)
    group = replace(job("g1"), kind="group")

    async def review(_job: Job, run: str) -> None:
        if shop.happened.count(("review", run)) < 3:
            raise TooEarly("a review still runs", put_off=0.01)

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(group)
            await until(lambda: ("reviewed", "g1") in shop.happened)
            assert await shop.ended("g1") == ["done"]
            assert ("announce", "g1") not in shop.happened
            assert await shop.store.wanted(group) == ""
            await jobs.enqueue(replace(group, kind="disband", delivery="g2"))
            assert await shop.store.wanted(group) == "the merge group is gone"
            assert await shop.store.wanted(job("d1")) == ""

    play(story(), shop)
