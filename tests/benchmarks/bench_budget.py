"""Measures 50 workers in 5 processes against one budget: that it is never exceeded, and used, and what a booking takes.

    uv run python tests/benchmarks/bench_budget.py [--database URL]

On SQLite and on a PostgreSQL of its own (or on the URL alone). 2,000 calls in a random order of sizes are booked,
"made" for a few milliseconds and settled at a random part of what was reserved; all together they want a good deal more
than the budget. Prints what was spent of it, the highest that the account ever stood at, and the milliseconds of book
and settle together, the call's row in the ledger included (median, p99, most): alone, and with all workers at once. Then, with 100,000 calls in the ledger: the
milliseconds of one more, and of the spending of 30 days by day and repository. Exits 1 where more than the budget
was spent or stood in the account, or less than 97 % was spent.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from multiprocessing.queues import Queue
from pathlib import Path

import psycopg
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parent.parent))

from databases import postgresql

from reviewer.core.types import Amount, Call, Limit, Payer, Usage
from reviewer.ports import Reserved
from reviewer.store import SqlStore, engine
from reviewer.store.ledger import row_of
from reviewer.store.tables import CALLS

PROCESSES, THREADS, CALLS_EACH = 5, 10, 40
ALONE = 300
ROWS, DAY = 100_000, 86_400.0
LEAST = 0.97
PRICE = Decimal("0.000003")  # dollars of a token
# About 60 % of what all calls come to; those for others are there to be booked on as well, and are never full.
BUDGET = Limit("everything", "month", dollars=Decimal(24))
LIMITS = (
    BUDGET,
    *(Limit(level, "day", tokens=10**9) for level in ("installation", "repository", "person")),
)


@dataclass
class Tally:
    """Of one process."""

    spent: Decimal = Decimal(0)
    taken: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)


def amount(tokens: int) -> Amount:
    return Amount(tokens, tokens * PRICE)


def one_call(store: SqlStore, payer: Payer, chance: random.Random, pause: float) -> tuple[Amount | None, float]:
    """What it took, and the seconds of booking and settling."""
    most = chance.randint(2_000, 20_000)
    begin = time.perf_counter()
    call = Call(payer, "report_findings", "gpt-6-luna", "review@3", time.time(), Usage(most, 0, 0, 0, 1))
    booked = store._book(call, amount(most), LIMITS, 1.0)
    took = time.perf_counter() - begin
    if not isinstance(booked, Reserved):
        return None, took
    time.sleep(chance.uniform(0, 2 * pause))
    actual = amount(int(most * chance.uniform(0.3, 0.95)))
    begin = time.perf_counter()
    asyncio.run(store.settle(booked, actual, call))
    return actual, took + time.perf_counter() - begin


def process(url: str, number: int, start: float, done: Queue[Tally]) -> None:
    store, tally, lock = SqlStore(engine(url)), Tally(), threading.Lock()

    def worker(thread: int) -> None:
        chance = random.Random(number * THREADS + thread)
        time.sleep(max(0.0, start - time.time()))
        for _ in range(CALLS_EACH):
            payer = Payer(chance.randint(1, 3), f"octo/{chance.randint(1, 9)}", person=f"p{chance.randint(1, 9)}")
            took, seconds = one_call(store, payer, chance, 0.01)
            with lock:
                tally.seconds.append(seconds)
                tally.taken += took is not None
                tally.refused += took is None
                tally.spent += took.dollars if took else 0

    in_threads(worker, THREADS)
    store.close()
    done.put(tally)


def in_threads(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def watched(store: SqlStore) -> Iterator[list[Decimal]]:
    """The highest that the account stood at meanwhile."""
    over, highest = threading.Event(), [Decimal(0)]

    def watch() -> None:
        while not over.wait(0.005):
            highest[0] = max(highest[0], store._accounts([BUDGET])[0].used.dollars)

    thread = threading.Thread(target=watch)
    thread.start()
    yield highest
    over.set()
    thread.join()


def all_at_once(url: str, store: SqlStore) -> tuple[Tally, Decimal, float]:
    """All processes together, the highest that the account stood at, and the seconds of the whole."""
    spawn = multiprocessing.get_context("spawn")
    done: Queue[Tally] = spawn.Queue()
    start = time.time() + 4.0  # when all have imported what they need
    with watched(store) as highest:
        children = [spawn.Process(target=process, args=(url, number, start, done)) for number in range(PROCESSES)]
        for child in children:
            child.start()
        tallies = [done.get(timeout=300) for _ in children]
        seconds = time.time() - start
        for child in children:
            child.join()
    whole = Tally()
    for tally in tallies:
        whole = Tally(
            whole.spent + tally.spent,
            whole.taken + tally.taken,
            whole.refused + tally.refused,
            whole.seconds + tally.seconds,
        )
    return whole, highest[0], seconds


def milliseconds(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"median {ordered[len(ordered) // 2] * 1_000:.1f}, p99 {ordered[int(len(ordered) * 0.99)] * 1_000:.1f}, most {ordered[-1] * 1_000:.0f}"


def ledger(store: SqlStore) -> None:
    """One more call, and what is asked of the spending, with so many calls kept."""
    now, chance = time.time(), random.Random(1)
    call = Call(
        Payer(1, "octo/app"), "report_findings", "gpt-6-luna", "review@3", now, Usage(9, 9, 9, 9, 1), Decimal(1)
    )
    rows = [
        row_of(replace(call, payer=Payer(1 + n % 3, f"octo/{n % 200}"), at=now - chance.uniform(0, 90 * DAY)), now)
        for n in range(ROWS)
    ]
    with store.transaction() as connection:
        connection.execute(sa.insert(CALLS), rows)
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE calls")  # as PostgreSQL does by itself after a while
    took = [timed(lambda: asyncio.run(store.keep_call(call))) for _ in range(200)]
    day = sa.cast(sa.func.floor(CALLS.c.at / DAY), sa.BigInteger)
    spent = sa.select(day, CALLS.c.installation, CALLS.c.repository, sa.func.sum(CALLS.c.nanos))
    spent = spent.where(CALLS.c.at >= now - 30 * DAY).group_by(day, CALLS.c.installation, CALLS.c.repository)

    def read() -> None:
        with store.transaction() as connection:
            connection.execute(spent).all()

    print(f"  {ROWS:,} calls kept: one more {milliseconds(took)} ms; 30 days by repository", end=" ")
    print(f"{milliseconds([timed(read) for _ in range(9)])} ms")


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure(url: str) -> bool:
    store = SqlStore(engine(url))
    store.create_tables()
    chance, other = random.Random(0), Payer(9, "octo/alone", person="alone")
    call = Call(other, "report_findings", "gpt-6-luna", "review@3", time.time(), Usage(9, 0, 0, 0, 1))
    limits = Limit("installation", "day", tokens=10**9)
    alone = []
    for _ in range(ALONE):
        begin = time.perf_counter()
        booked = store._book(call, amount(9), [limits, replace(limits, level="repository")], 1.0)
        assert isinstance(booked, Reserved)
        asyncio.run(store.settle(booked, amount(chance.randint(0, 8)), call))
        alone.append(time.perf_counter() - begin)
    whole, highest, seconds = all_at_once(url, store)
    budget = BUDGET.dollars or Decimal(0)
    account = store._accounts([BUDGET])[0].used.dollars
    share = whole.spent / budget
    good = whole.spent == account <= budget and highest <= budget and share >= LEAST
    print(
        f"{store.engine.dialect.name}: spent ${whole.spent:.4f} of ${budget} ({share:.2%}) by {whole.taken} calls,",
        end="",
    )
    print(f" {whole.refused} refused; the account stood at ${highest:.4f} at most; {'good' if good else 'BAD'}")
    print(f"  book and settle: alone {milliseconds(alone)} ms; {PROCESSES * THREADS} workers", end=" ")
    print(f"{milliseconds(whole.seconds)} ms, {len(whole.seconds) / seconds:.0f} calls a second")
    ledger(store)
    store.close()
    return good


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="", help="an empty database at sqlite:///… or postgresql://…")
    database = parser.parse_args().database
    if database:
        raise SystemExit(0 if measure(database) else 1)
    with tempfile.TemporaryDirectory() as folder:
        good = measure(f"sqlite:///{folder}/budget.db")
    server = postgresql()
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE budget")
    raise SystemExit(0 if measure(server.format("budget")) and good else 1)


if __name__ == "__main__":
    main()
