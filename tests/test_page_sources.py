"""What the operator's page reads of the queue and the ledger, on both databases."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal

import sqlalchemy as sa
from databases import database_url, store
from operated import REPOSITORIES, fill
from workshop import Workshop, job, play, until, working

from reviewer.core.errors import ModelError
from reviewer.core.types import Job
from reviewer.jobs import Waiting
from reviewer.ports.overview import DAYS
from reviewer.store import Pages, SqlStore
from reviewer.store.pages import REVIEWS, TIMED
from reviewer.store.tables import CALLS

__all__ = ["database_url", "store"]


def test_what_runs_waits_and_failed_is_seen(database_url: str) -> None:
    """One at a time in a lane: the first runs, the second waits, and one that failed says why."""
    shop, go = Workshop(database_url), asyncio.Event()

    async def review(one: Job, _run: str) -> None:
        if one.number == 2:
            raise ModelError("The model is away: try again later.")
        await go.wait()

    async def story() -> None:
        shop.review, waiting = review, Waiting(shop.store)
        async with working(shop) as jobs:
            assert await asyncio.to_thread(waiting.queue) == type(waiting.queue())()
            await jobs.enqueue(job("bad", number=2))
            assert await shop.ended("bad") == ["failed"]
            await jobs.enqueue(job("first"))
            await until(lambda: ("review", "first") in shop.happened)
            await jobs.enqueue(job("second"))
            await until(lambda: [each.state for each in waiting.queue().jobs] == ["running", "queued"])
            seen = waiting.queue()
            assert (seen.running, seen.queued, seen.more) == (1, 1, False)
            assert [(each.job, each.repository, each.number) for each in seen.jobs] == [
                ("first", "octo/app", 1),
                ("second", "octo/app", 1),
            ]
            assert all(abs(time.time() - each.since) < 60 for each in (*seen.jobs, *seen.failed))
            assert seen.oldest == seen.jobs[1].since
            assert [(each.job, each.said) for each in seen.failed] == [("bad", "The model is away: try again later.")]
            asyncio.run_coroutine_threadsafe(_set(go), next(iter(shop.loops))).result(10)
            assert await shop.ended("first", "second") == ["done", "done"]
            assert waiting.queue().jobs == ()

    play(story(), shop)


async def _set(event: asyncio.Event) -> None:
    event.set()


def test_the_books_are_bounded_and_add_up(store: SqlStore) -> None:
    """The sums by model and those by repository are what the table holds; no list grows with it."""
    now = store.now()
    fill(store, now, calls=2_000, runs=50)
    with store.transaction() as connection:
        nanos, calls = connection.execute(sa.select(sa.func.sum(CALLS.c.nanos), sa.func.count())).one()
    books = Pages(store).books()
    whole = Decimal(int(nanos)) / 10**9
    assert sum(each.dollars for each in books.sums) == whole
    assert sum(each.dollars for each in books.spenders) == whole
    assert sum(each.calls for each in books.sums) == calls
    assert {each.repository for each in books.spenders} <= set(REPOSITORIES)
    assert [each.dollars for each in books.spenders] == sorted((each.dollars for each in books.spenders), reverse=True)
    assert {int(now // 86_400) - each.day < DAYS for each in books.sums} == {True}
    assert len(books.reviews) == REVIEWS
    assert [run.at for run in books.reviews] == sorted((run.at for run in books.reviews), reverse=True)
    assert 0 < sum(map(len, books.seconds.values())) <= TIMED


def test_the_newest_runs_are_found_by_an_index(store: SqlStore) -> None:
    """However many runs there are, a dozen are read."""
    if store.engine.dialect.name != "sqlite":
        return  # PostgreSQL reads a small table whole
    with store.transaction() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT run FROM runs ORDER BY created DESC, run LIMIT 12")
        assert "runs_by_moment" in str(plan.all())
