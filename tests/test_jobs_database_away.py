"""PostgreSQL goes away in the middle of a job, with every connection: what was taken is done, once, when it is back."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psycopg
import pytest
from databases import database_url, postgresql, sqlite_url
from deliveries import OPENED, SECRET, headers
from starlette.applications import Starlette
from workshop import Workshop, job, play, until, working

from reviewer.core.errors import StoreError
from reviewer.core.types import Job
from reviewer.jobs import patience
from reviewer.webhook import WEBHOOK_PATH, webhook_route

__all__ = ["database_url", "sqlite_url"]


class Server:
    """The database as whoever runs it sees it."""

    def __init__(self, url: str) -> None:
        self.name = url.partition("?")[0].rpartition("/")[2]

    def says(self, *statements: str) -> None:
        with psycopg.connect(postgresql().format("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.format(self.name))

    def goes(self) -> None:
        """Nobody is let in any more, and who is in is thrown out in the middle of what he does."""
        self.says(
            "ALTER DATABASE {0} ALLOW_CONNECTIONS false",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{0}'",
        )

    def returns(self) -> None:
        self.says("ALTER DATABASE {0} ALLOW_CONNECTIONS true")


@asynccontextmanager
async def door(shop: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[webhook_route(secrets=[SECRET], enqueue=shop.jobs.enqueue)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reviewer") as client:
        yield client


def test_what_the_database_did_not_let_be_done_is_done_later(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing that was taken is lost because a write failed in the middle of it; where it never works it fails."""
    caplog.set_level("CRITICAL")
    monkeypatch.setattr(patience, "AWAY", (0.05, 0.05))
    shop, times = Workshop(sqlite_url), Counter[str]()

    async def review(each: Job, _run: str) -> None:
        times[each.delivery] += 1
        if each.delivery == "never" or times[each.delivery] <= 2:
            raise StoreError("the database did not answer as it should")

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("later"))
            await jobs.enqueue(job("never", number=8))
            await until(lambda: times == {"later": 3, "never": 3})
            assert await shop.ended("later", "never") == ["done", "failed"]

    play(story(), shop)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_lost_server_loses_no_job(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """202 means kept and 503 not kept, while it is away too; the line that ran meanwhile is not run again."""
    caplog.set_level("CRITICAL")
    shop, server = Workshop(database_url), Server(database_url)
    go_on, numbers = threading.Event(), itertools.count(100)
    answers: dict[str, int] = {}

    async def review(each: Job, _run: str) -> None:
        if each.delivery == "running":
            await until(go_on.is_set)

    async def deliver(client: httpx.AsyncClient, delivery: str) -> int:
        body = OPENED.replace(b'"number": 7', b'"number": %d' % next(numbers))
        about = {**headers(body), "X-GitHub-Delivery": delivery}
        answers[delivery] = (await client.post(WEBHOOK_PATH, content=body, headers=about)).status_code
        return answers[delivery]

    async def story() -> None:
        shop.review = review
        async with working(shop) as jobs, door(shop) as client:
            await jobs.enqueue(job("running"))
            await until(lambda: ("review", "running") in shop.happened)
            assert await deliver(client, "before") == 202
            await asyncio.to_thread(server.goes)
            try:
                assert [await deliver(client, f"away-{nth}") for nth in range(3)] == [503] * 3
                go_on.set()
                await until(lambda: ("reviewed", "running") in shop.happened)
            finally:
                await asyncio.to_thread(server.returns)
            assert await deliver(client, "away-0") == 202  # as GitHub, or the catch-up, delivers it again
            assert await deliver(client, "after") == 202
            kept = [delivery for delivery, status in answers.items() if status == 202]
            assert set(await shop.ended("running", *kept)) == {"done"}
            assert [await jobs.status(f"away-{nth}") for nth in (1, 2)] == [None, None]
            reviewed = Counter(run for what, run in shop.happened if what == "reviewed")
            assert reviewed == Counter(["running", *kept])
            assert Counter(run for what, run in shop.happened if what == "review") == reviewed

    play(story(), shop)
