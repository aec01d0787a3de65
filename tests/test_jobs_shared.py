"""Several workers share what waits: none sits on jobs that another one could begin."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from databases import database_url
from laborer import Laborer, laborers
from workshop import Workshop, job, play, until, working

from reviewer.store import SqlStore, Worker, Workers, engine

__all__ = ["database_url"]

ROOM = 16  # reviews that a worker runs at once


def begun(worker: Laborer) -> list[str]:
    return [line for line in worker.said if line.startswith("review ")]


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_that_joins_gets_what_waits_in_the_hands_of_another(database_url: str, tmp_path: Path) -> None:
    """One worker has taken all 40 jobs and runs 16; a second one begins the next 16 while those still run.

    Each is done once, and what went from hand to hand counts as begun once.
    """
    gate, runs, shop = tmp_path / "gate", [f"d{number}" for number in range(40)], Workshop(database_url)
    states: list[dict[str, Any] | None] = []

    async def story() -> None:
        async with working(shop, worker=False) as door:
            for number, run in enumerate(runs):
                await door.enqueue(job(run, number=number))
            with laborers(database_url, gate, "one") as [one]:
                await until(lambda: len(begun(one)) == ROOM)
                with laborers(database_url, gate, "two") as [two]:
                    await until(lambda: len(begun(two)) == ROOM)
                    assert len(begun(one)) == ROOM
                    gate.touch()
                    assert await shop.ended(*runs) == ["done"] * 40
                    states.extend([await door.status(run) for run in runs])
                    await until(lambda: len(begun(one) + begun(two)) == 40)
                    done = Counter(begun(one) + begun(two))
        assert set(done.values()) == {1}
        assert {state and state["attempts"] for state in states} == {1}

    play(story(), shop)


def test_a_worker_takes_less_ahead_where_there_are_others(tmp_path: Path) -> None:
    """Alone it takes four times what it runs, so that an installation's only job is among that; with others no more than it runs."""
    url = f"sqlite:///{tmp_path}/reviewer.db"
    shop, others = Workshop(url, concurrency=8, beat_every=0.05), Workers(SqlStore(engine(url)))
    other = Worker("other-1-0", "elsewhere", 1)

    async def taken(expected: int) -> None:
        async with asyncio.timeout(30):
            while True:
                queue = await asyncio.to_thread(shop.jobs._queues.retrieve_queue, "reviews")
                if queue and queue._worker_concurrency == expected:
                    return
                await asyncio.sleep(0.02)

    async def story() -> None:
        async with working(shop):
            await taken(32)
            others.beat(other)
            await taken(8)
            others.leave(other.name)
            await taken(32)

    play(story(), shop)
