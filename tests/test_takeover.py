"""What a dead worker had begun is done by a living one, once; and a worker that was only slow notices."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import database_url, sqlite_url
from laborer import Laborer, laborers
from workshop import Workshop, job, play, until, working

from reviewer.core.types import Job
from reviewer.jobs.me import me, surely_dead
from reviewer.store import SqlStore, Worker, Workers, engine

__all__ = ["database_url", "sqlite_url"]


def take(url: str, *jobs: Job) -> None:
    """The jobs are taken by a door without a worker."""
    shop = Workshop(url)

    async def story() -> None:
        async with working(shop, worker=False) as door:
            for each in jobs:
                await door.enqueue(each)

    play(story(), shop)


def ended(url: str, *runs: str) -> list[str]:
    shop, statuses = Workshop(url), list[str]()

    async def story() -> None:
        async with working(shop, worker=False):
            statuses.extend(await shop.ended(*runs))

    play(story(), shop)
    return statuses


def begun(workers: list[Laborer], run: str) -> tuple[Laborer, Laborer]:
    """Who of two has begun the run, and the other one."""
    asyncio.run(until(lambda: any(f"review {run}" in each.said for each in workers)))
    return (workers[0], workers[1]) if f"review {run}" in workers[0].said else (workers[1], workers[0])


# --- real processes -------------------------------------------------------------------------------------------------


def test_a_dead_workers_jobs_are_done_by_a_living_one(database_url: str, tmp_path: Path) -> None:
    """Killed for good in mid-review on another machine: its job is begun again, and its lane goes on behind it."""
    gate = tmp_path / "gate"
    with laborers(database_url, gate, "one", "two") as workers:
        take(database_url, job("d1", kind="close"), job("d2", kind="close"))
        dead, living = begun(workers, "d1")
        dead.signal(signal.SIGKILL)
        living.says("review d1")
        gate.touch()
        living.says("reviewed d1", "review d2", "reviewed d2")
        assert living.said.index("reviewed d1") < living.said.index("review d2")
        assert "reviewed d1" not in dead.said
        assert ended(database_url, "d1", "d2") == ["done", "done"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "database_url", ["postgresql"], indirect=True
)  # stopped in a write, it would hold all of SQLite
def test_a_worker_that_was_only_slow_loses_its_job_before_it_posts(database_url: str, tmp_path: Path) -> None:
    """It was stopped for longer than it may be silent; when it comes back the job is another one's, and it says nothing.

    Then it works again as before.
    """
    gate = tmp_path / "gate"
    with laborers(database_url, gate, "one", "two") as workers:
        take(database_url, job("d1"))
        slow, quick = begun(workers, "d1")
        slow.signal(signal.SIGSTOP)
        quick.says("review d1")
        gate.touch()
        quick.says("reviewed d1")
        assert ended(database_url, "d1") == ["done"]
        slow.signal(signal.SIGCONT)
        quick.signal(signal.SIGKILL)
        take(database_url, job("d2", number=2))
        slow.says("reviewed d2")
        assert [line for line in slow.said if line.endswith("d1")] == ["review d1"]
        assert ended(database_url, "d1", "d2") == ["done", "done"]


@pytest.mark.slow
def test_several_heirs_do_each_job_once(database_url: str, tmp_path: Path) -> None:
    """Those that are left take over at the same time; each job is begun by one of them."""
    gate = tmp_path / "gate"
    runs = [f"d{number}" for number in range(8)]
    with laborers(database_url, gate, "dying") as (dying,):
        take(database_url, *(job(run, number=number) for number, run in enumerate(runs)))
        dying.says(*(f"review {run}" for run in runs))
        with laborers(database_url, gate, "one", "two", "three") as heirs:
            dying.signal(signal.SIGKILL)
            gate.touch()
            assert ended(database_url, *runs) == ["done"] * 8
            said = Counter(line for each in heirs for line in each.said if line != "ready")
    assert said == Counter({f"{what} {run}": 1 for what in ("review", "reviewed") for run in runs})


@pytest.mark.slow
def test_a_job_that_kills_its_workers_is_given_up(sqlite_url: str, tmp_path: Path) -> None:
    """The third worker does not begin what two have died of."""
    gate = tmp_path / "gate"
    with laborers(sqlite_url, gate, "one", "two", "three") as hired:
        take(sqlite_url, job("d1"))
        workers = list(hired)
        for _ in range(2):
            asyncio.run(until(lambda: any("review d1" in each.said for each in workers)))
            dead = next(each for each in workers if "review d1" in each.said)
            workers.remove(dead)
            dead.signal(signal.SIGKILL)
        workers[0].says("gave up d1")
        assert ended(sqlite_url, "d1") == ["failed"]
        assert "review d1" not in workers[0].said


# --- within one process ---------------------------------------------------------------------------------------------


def test_a_living_worker_that_was_struck_keeps_what_nobody_took(sqlite_url: str) -> None:
    """Its row is gone, but nothing was put back yet: it is in again, and its line goes on."""
    shop = Workshop(sqlite_url, beat_every=0.05)
    go = threading.Event()

    async def review(_job: Job, _run: str) -> None:
        await until(go.is_set)
        assert await shop.store.wanted(_job) == ""

    async def story() -> None:
        shop.review = review
        workers = Workers(shop.store)
        async with working(shop) as jobs:
            await jobs.enqueue(job("d1"))
            await until(lambda: ("review", "d1") in shop.happened)
            (worker,) = workers.all(dead_after=20)
            workers.leave(worker.name)
            await until(lambda: list(workers.all(dead_after=20)) == [worker])
            go.set()
            assert await shop.ended("d1") == ["done"]
        assert Counter(shop.happened)["review", "d1"] == 1

    play(story(), shop)


def test_what_an_older_program_had_in_its_hands_is_taken_over(database_url: str) -> None:
    """Work in flight survives an upgrade: the old program kept no row, gave its job other fields, and was killed."""
    shop = Workshop(database_url)
    fields = {"installation": 7, "repository": "octo/app", "number": 1, "head": "abc", "trigger": "t", "delivery": "d1"}

    async def story() -> None:
        async with working(shop, worker=False):
            client = shop.jobs._client
            assert client
            entry = {"workflow_name": "reviews", "queue_name": "reviews", "workflow_id": "d1", "app_version": "1"}
            lane = {"queue_partition_key": "7/octo/app#1", "serialization_type": "portable_json"}
            await client.enqueue_async({**entry, **lane}, {**fields, "kind": "review", "mood": "new"}, "d1")  # type: ignore[typeddict-item]
            with shop.store.transaction() as connection:
                connection.exec_driver_sql(
                    "UPDATE " + ("" if "sqlite" in database_url else "dbos.") + "workflow_status"
                    " SET status = 'PENDING', executor_id = 'local', recovery_attempts = 1"
                )
        async with working(shop) as jobs:
            assert await shop.ended("d1") == ["done"]
            state = await jobs.status("d1")
            assert state
            assert (state["attempts"], state["mood"]) == (2, "new")

    play(story(), shop)


# --- who lives ------------------------------------------------------------------------------------------------------


@pytest.fixture
def workers(database_url: str) -> Iterator[Workers]:
    store = SqlStore(engine(database_url))
    store.create_tables()
    yield Workers(store)
    store.close()


def test_silence_is_death(workers: Workers) -> None:
    """Who was heard of within the limit stays, the others go; who beats again is in again, and told so."""
    one, two = Worker("one", "here", 1), Worker("two", "there", 2)
    assert [workers.beat(one), workers.beat(two), workers.beat(one)] == [False, False, True]
    assert workers.all(dead_after=60) == {one: True, two: True}
    assert workers.all(dead_after=-60) == {one: False, two: False}
    assert workers.count_out(["two"], dead_after=60) == {"one"}
    assert workers.count_out([], dead_after=-60) == set()
    assert workers.beat(one) is False


def test_one_holder_at_a_time(workers: Workers) -> None:
    """Of many that want the lease at once one gets it, until it gives it back or its time is over."""
    got: list[str] = []

    def want(name: str) -> None:
        if workers.lease("work", name, 60):
            got.append(name)

    threads = [threading.Thread(target=want, args=(f"worker-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (holder,) = got
    assert workers.lease("work", holder, 60)
    workers.release("work", "somebody else")
    assert not workers.lease("work", "next", -60)
    workers.release("work", holder)
    assert workers.lease("work", "next", -60)
    assert workers.lease("work", "third", 60)


def test_a_process_that_is_gone_is_surely_dead() -> None:
    """Seen only on the same machine; a process id may have come back as our own, as it does in a container."""
    here = me()
    gone = Worker("gone", here.host, 2**22 + 1)  # over the largest process id of Linux
    assert surely_dead(gone, seen_from=here)
    assert surely_dead(Worker("before", here.host, here.pid), seen_from=here)
    assert not surely_dead(here, seen_from=here)
    assert not surely_dead(Worker("init", here.host, 1), seen_from=here)
    assert not surely_dead(Worker("gone", "elsewhere", gone.pid), seen_from=here)
