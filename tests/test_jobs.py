"""A job that was taken is done once, through failures of whatever it needs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from databases import database_url, sqlite_url
from workshop import Workshop, job, play, working

from reviewer.core.errors import GitHubError, OutsideError
from reviewer.core.types import Job
from reviewer.jobs import tables
from reviewer.jobs.door import Door
from reviewer.jobs.state import job_of

__all__ = ["database_url", "sqlite_url"]


# --- one job --------------------------------------------------------------------------------------------------------


def test_a_job_is_announced_then_reviewed(database_url: str) -> None:
    """Its id is the delivery's, and its status can be asked for at any time."""
    shop = Workshop(database_url)

    async def story() -> None:
        async with working(shop) as jobs:
            assert await jobs.status("d1") is None
            assert await jobs.enqueue(job("d1")) == "d1"
            assert await shop.ended("d1") == ["done"]
            state = await jobs.status("d1")
            assert state
            assert state.pop("taken") <= state.pop("changed")
            assert state == {
                "job": "d1",
                "status": "done",
                "error": "",
                "kind": "review",
                "installation": 7,
                "repository": "octo/app",
                "number": 1,
                "head": "abcdef0123",
                "trigger": "pull_request.synchronize",
                "delivery": "d1",
                "full": False,
                "comment": 0,
                "inline": False,
                "author": "",
                "commands": "",
                "check": 0,
                "base": "",
                "attempts": 1,
            }
        assert shop.happened == [("announce", "d1"), ("review", "d1"), ("reviewed", "d1")]

    play(story(), shop)


def test_a_close_is_not_announced(sqlite_url: str) -> None:
    """There is no check run to open for it."""
    shop = Workshop(sqlite_url)

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1", kind="close"))
            assert await shop.ended("d1") == ["done"]
        assert shop.happened == [("review", "d1"), ("reviewed", "d1")]

    play(story(), shop)


def test_a_finished_job_is_not_done_again(sqlite_url: str) -> None:
    """A redelivery carries the same id; done is done, also after a restart."""
    shop = Workshop(sqlite_url)

    async def story() -> None:
        async with working(shop) as jobs:
            assert await asyncio.gather(*(jobs.enqueue(job("d1")) for _ in range(5))) == ["d1"] * 5
            await shop.ended("d1")
            assert await jobs.enqueue(job("d1")) == "d1"
        async with working(shop) as jobs:
            assert await jobs.enqueue(job("d1")) == "d1"
            await jobs.enqueue(job("d2"))
            assert await shop.ended("d1", "d2") == ["done", "done"]
        assert Counter(shop.happened)["review", "d1"] == 1

    play(story(), shop)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (GitHubError("GitHub answered 500; try again later", status=500), "GitHub answered 500; try again later"),
        (ValueError("SOURCE CODE"), "unexpected ValueError; the log has its traceback at job.failed"),
    ],
)
def test_a_failed_job_runs_again_when_it_is_redelivered(
    database_url: str, error: Exception, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Idempotent on done, not on seen; and a stranger's error leaves no source code in the database."""
    shop = Workshop(database_url)
    caplog.set_level(logging.WARNING)

    async def fail(_job: Job, _run: str) -> None:
        raise error

    async def story() -> None:
        shop.review = fail
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["failed"]
            state = await jobs.status("d1")
            assert state
            assert state["error"] == sentence
            assert [(record.name, record.msg) for record in caplog.records] == [("reviewer.jobs.telling", "job.failed")]
            shop.review = shop.nothing
            assert await asyncio.gather(*(jobs.enqueue(job("d1")) for _ in range(3))) == ["d1"] * 3
            assert await shop.ended("d1") == ["done"]
        assert Counter(shop.happened)["review", "d1"] == 2

    play(story(), shop)


def test_an_announcement_that_fails_or_hangs_costs_only_itself(sqlite_url: str) -> None:
    """GitHub's trouble with the queued check does not lose the review."""
    shop = Workshop(sqlite_url, announce_within=0.1)

    async def announce(_job: Job, run: str) -> None:
        if run == "fails":
            raise GitHubError("no", status=500)
        await asyncio.Event().wait()

    async def story() -> None:
        shop.announce = announce
        async with working(shop) as jobs:
            for number, run in enumerate(("fails", "hangs")):
                await jobs.enqueue(job(run, number=number))
            assert await shop.ended("fails", "hangs") == ["done", "done"]

    play(story(), shop)


# --- bad days -------------------------------------------------------------------------------------------------------


def test_what_cannot_be_kept_is_not_taken(database_url: str) -> None:
    """The webhook hears of it (503), and neither half of the job is there."""
    shop = Workshop(database_url)

    async def story() -> None:
        with pytest.raises(OutsideError, match="not running"):
            await shop.jobs.enqueue(job("d1"))
        async with working(shop) as jobs:
            with shop.store.transaction() as connection:
                connection.execute(sa.text("ALTER TABLE wishes RENAME TO gone"))
            with pytest.raises(OutsideError, match="the database did not answer"):
                await jobs.enqueue(job("d1"))
            with shop.store.transaction() as connection:
                connection.execute(sa.text("ALTER TABLE gone RENAME TO wishes"))
            assert await jobs.status("d1") is None
            await jobs.enqueue(job("d1"))
            assert await shop.ended("d1") == ["done"]

    play(story(), shop)


def test_a_start_that_fails_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is down at start is one sentence, and leaves nothing half started."""
    monkeypatch.setattr(tables, "PATIENCE", 0.0)
    shop = Workshop(f"postgresql://user@/name?host={tmp_path}")

    async def story() -> None:
        for _ in range(2):
            with pytest.raises(OutsideError, match="the database did not answer"):
                await shop.jobs.start(worker=True)

    before = set(threading.enumerate())
    play(story(), shop)
    assert set(threading.enumerate()) - before == set()


def test_a_job_of_another_version_is_read() -> None:
    """Work in flight survives an upgrade, and a downgrade: unknown fields are passed over, new ones have defaults."""
    older = {"kind": "review", "installation": 7, "repository": "octo/app", "number": 1, "head": "a", "trigger": "t"}
    assert job_of({**older, "delivery": "d1", "mood": "new"}) == Job("review", 7, "octo/app", 1, "a", "t", "d1")


def test_one_bad_job_does_not_take_the_others_with_it() -> None:
    """Jobs that share a transaction fail alone."""

    def take(jobs: Sequence[Job]) -> list[bool]:
        if any(job.delivery == "bad" for job in jobs):
            raise OutsideError("no")
        return [True for _ in jobs]

    async def story() -> list[bool | BaseException]:
        door = Door(take)
        names = ("d1", "bad", "d2", "d3")
        answers = await asyncio.gather(*(door.enter(job(name)) for name in names), return_exceptions=True)
        door.close()
        return list(answers)

    answers = asyncio.run(story())
    assert [isinstance(answer, OutsideError) for answer in answers] == [False, True, False, False]
