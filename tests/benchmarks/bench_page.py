"""Measures the operator's page and /metrics on much work: `python tests/benchmarks/bench_page.py [DATABASE_URL]`.

The database holds 100,000 rows of the ledger, 20,000 runs and as many ended jobs, and 500 jobs that wait; the server is
`reviewer serve --no-worker` in a process of its own. Prints the first answer after its start, and p50 and the slowest
of 40 more, and the longest that /healthz waited meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent.parent))

from operated import LIMITS, book, fill
from stage import TOKEN, Server, free_port

from reviewer.core.types import Job
from reviewer.jobs import Jobs
from reviewer.jobs.state import REVIEWS, turn
from reviewer.standin.github import StandIn
from reviewer.store import SqlStore, engine

CALLS, RUNS, WAITING, REPOSITORIES = 100_000, 20_000, 500, 60
TIMES = 40
BOUND = 200.0  # milliseconds
SETTLED = 1.0  # seconds after its start in which the server may add up the days before


def seed(url: str) -> None:
    store = SqlStore(engine(url))
    store.create_tables()
    fill(
        store,
        time.time(),
        calls=CALLS,
        runs=RUNS,
        repositories=[f"acme/service-{nth:02}" for nth in range(REPOSITORIES)],
    )
    asyncio.run(book(store, time.time()))
    asyncio.run(_queue(store))
    store.close()


async def _queue(store: SqlStore) -> None:
    """Jobs as the engine keeps them; those that came first are marked as done."""

    async def nothing(_job: Job, _run: str) -> None:
        pass

    jobs = Jobs(store, review=nothing, announce=nothing, gave_up=nothing)
    await jobs.start(worker=False)
    for start in range(0, RUNS + WAITING, 500):
        with store.transaction() as connection:
            for nth in range(start, start + 500):
                one = Job(
                    "review", 1, f"acme/service-{nth % 60:02}", nth, "a" * 40, "pull_request.opened", f"d-{nth:06}"
                )
                jobs._queues.enqueue_in_transaction(connection, turn(one, one.delivery), asdict(one), one.delivery)
    await jobs.stop(grace=0)
    with store.transaction() as connection:
        done = f"UPDATE {_table(connection)} SET status = 'SUCCESS' WHERE queue_name = '{REVIEWS}' AND workflow_uuid < 'd-{RUNS:06}'"
        connection.execute(sa.text(done))


def _table(connection: sa.Connection) -> str:
    return "dbos.workflow_status" if connection.dialect.name == "postgresql" else "workflow_status"


@contextmanager
def served(url: str, folder: Path) -> Iterator[Server]:
    """Without a worker: what waits, waits on. GitHub is not asked for anything."""
    hub = StandIn(folder)
    environment = {
        **os.environ,
        "GITHUB_APP_ID": str(hub.app_id),
        "GITHUB_PRIVATE_KEY": hub.private_key_pem,
        "GITHUB_WEBHOOK_SECRET": hub.webhook_secret,
        "OPENAI_API_KEY": "recorded",
        "REVIEWER_DATABASE_URL": url,
        "REVIEWER_OPERATOR_TOKEN": TOKEN,
        "REVIEWER_BUDGETS": ", ".join(f"{each.level} ${each.dollars}/{each.window}" for each in LIMITS if each.dollars),
        "LOG_LEVEL": "warning",
    }
    server = Server(environment, folder, free_port(), ("--no-worker",))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def ask(server: Server, path: str) -> float:
    """Milliseconds until the whole answer is there."""
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {TOKEN}"})
    begin = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()
    return (time.perf_counter() - begin) * 1000


def main(url: str, folder: Path) -> None:
    seed(url)
    with served(url, folder) as server:
        time.sleep(SETTLED)
        print(f"{CALLS:,} rows of the ledger, {RUNS:,} runs, {WAITING} jobs waiting, {url.partition(':')[0]}")
        slow = False
        for path in ("/", "/metrics"):
            first, stopped, waits = ask(server, path), threading.Event(), list[float]()
            beside = threading.Thread(target=_healthy, args=(server, stopped, waits))
            beside.start()
            took = sorted(ask(server, path) for _ in range(TIMES))
            stopped.set()
            beside.join()
            print(
                f"{path}: first {first:.0f} ms, p50 {took[TIMES // 2]:.0f} ms, slowest {took[-1]:.0f} ms;"
                f" /healthz meanwhile at most {max(waits):.0f} ms"
            )
            slow = slow or first > BOUND or took[-1] > BOUND
    if slow:
        sys.exit(f"more than {BOUND:.0f} ms")


def _healthy(server: Server, stopped: threading.Event, waits: list[float]) -> None:
    while not stopped.wait(0.01):
        waits.append(ask(server, "/healthz"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(sys.argv[1] if sys.argv[1:] else f"sqlite:///{folder}/bench.db", Path(folder))
