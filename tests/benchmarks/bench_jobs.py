"""Measures the job queue: `python tests/benchmarks/bench_jobs.py [DATABASE_URL]`; on SQLite as a ratio to a bare insert.

Prints, for 1,000 jobs of different pull requests enqueued 16 at a time: jobs a second and the answer's p50 and p99,
first with no worker in the process, then with one that works on them meanwhile; then, for one job at a time, the time
from the enqueue to the first line of its review; then what an idle worker costs. The bare insert is always SQLite's.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from reviewer.core.types import Job
from reviewer.jobs import Jobs
from reviewer.store import SqlStore, engine

JOBS = 1_000
AT_ONCE = 16
ALONE = 40


def job(name: str, number: int) -> Job:
    return Job("review", 1, "octo/bench", number, "a" * 40, "pull_request.opened", f"{name}-{time.time_ns()}-{number}")


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


def bare_inserts(folder: Path) -> float:
    """Transactions a second of one INSERT each, as durable as ours are."""
    with contextlib.closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE jobs (id TEXT PRIMARY KEY, body TEXT NOT NULL)")
        begin = time.perf_counter()
        for number in range(JOBS):
            connection.execute("INSERT INTO jobs VALUES (?, ?)", (f"{number}", "x" * 300))
        return JOBS / (time.perf_counter() - begin)


async def enqueue_all(jobs: Jobs, name: str) -> tuple[float, list[float]]:
    """Jobs a second, and the seconds that each enqueue took."""
    took: list[float] = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            begin = time.perf_counter()
            await jobs.enqueue(job(name, number))
            took.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(JOBS)))
    return JOBS / (time.perf_counter() - begin), took


async def main(url: str, folder: Path) -> None:
    store = SqlStore(engine(url))
    started: dict[str, float] = {}

    async def review(_job: Job, run: str) -> None:
        started[run] = time.perf_counter()

    async def nothing(_job: Job, _run: str) -> None:
        pass

    jobs = Jobs(store, review=review, announce=nothing, gave_up=nothing)
    bare = bare_inserts(folder)
    print(f"bare insert, WAL, synchronous=FULL: {bare:.0f}/s")
    for worker in (False, True):
        await jobs.start(worker=worker)
        begin = time.perf_counter()
        rate, took = await enqueue_all(jobs, f"worker-{worker}")
        p50, p99 = percentile(took, 0.5), percentile(took, 0.99)
        print(f"enqueue, worker={worker}: {rate:.0f}/s, {rate / bare:.2f} of bare, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        if not worker:
            await jobs.stop(grace=0)
    while len(started) < 2 * JOBS:  # noqa: ASYNC110 - reviews run on the loop of another thread
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - begin
    print(f"both bursts, {2 * JOBS} jobs, announced and done: {2 * JOBS / seconds:.0f}/s")
    waited = []
    for number in range(ALONE):
        begin = time.perf_counter()
        run = await jobs.enqueue(job("alone", number))
        while run not in started:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        waited.append(started[run] - begin)
    print(f"enqueue to review, alone: p50 {percentile(waited, 0.5):.0f} ms, p99 {percentile(waited, 0.99):.0f} ms")
    cpu = time.process_time()
    await asyncio.sleep(3)
    print(f"idle: {(time.process_time() - cpu) / 3:.1%} of a core")
    await jobs.stop(grace=5)
    store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(sys.argv[1] if sys.argv[1:] else f"sqlite:///{folder}/bench.db", Path(folder)))
