"""A disk that is full: nothing is answered 202 that is not kept, and all goes on once there is room."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from databases import sqlite_url
from workshop import Workshop, job, play, working

from reviewer.core.errors import OutsideError
from reviewer.jobs.lasting import lasting

__all__ = ["sqlite_url"]

NO_ROOM, ROOM = 1, 1_000_000  # pages that the file may have; fewer than it has are as many as it has


def test_a_full_disk_loses_nothing(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says what to do; jobs that were taken are done, whether the worker could write meanwhile or not."""
    monkeypatch.setattr("reviewer.jobs.lasting.AGAIN", 0.02)
    shop = Workshop(sqlite_url, beat_every=0.1, dead_after=0.4)
    pages = [ROOM]

    @sa.event.listens_for(shop.store.engine, "begin")
    def limit(connection: sa.Connection) -> None:
        connection.connection.execute(f"PRAGMA max_page_count={pages[0]}")

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(job("first", number=1))
            pages[0] = NO_ROOM
            taken, refused = ["first"], ""
            for number in range(2, 200):
                try:
                    taken.append(await jobs.enqueue(job(f"d-{number}", number=number)))
                except OutsideError as error:
                    refused = str(error)
                    break
            assert "make room on the disk" in refused
            await asyncio.sleep(0.1)  # the worker meets the full disk too
            pages[0] = ROOM
            taken.append(await jobs.enqueue(job(f"d-{number}", number=number)))
            assert set(await shop.ended(*taken)) == {"done"}
        assert {run for what, run in shop.happened if what == "reviewed"} == set(taken)

    play(story(), shop)


def test_only_the_database_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own is no better in half an hour, and its job has a place that others wait for."""
    monkeypatch.setattr("reviewer.jobs.lasting.AGAIN", 0.0)
    tries: list[Exception] = []

    async def do() -> None:
        tries.append(
            [OutsideError("full"), sa.exc.OperationalError("INSERT", {}, OSError()), KeyError("x")][len(tries)]
        )
        raise tries[-1]

    with pytest.raises(KeyError):
        asyncio.run(lasting(do))
    assert len(tries) == 3


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """The engine complains of each round, as it should."""
    caplog.set_level("CRITICAL", logger="dbos")
