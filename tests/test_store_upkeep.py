"""What nobody needs is struck: by age, by how busy its repository is, and where there is too much of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from databases import database_url, sqlite_url
from test_store import JOB, record

from reviewer.ports import Entry, KeptConfig
from reviewer.ports.store import Kind
from reviewer.store import SqlStore, Workers, engine
from reviewer.store.answers import ROW
from reviewer.store.lives import LIVES
from reviewer.store.old import DAY, OLD
from reviewer.store.rows import row_of
from reviewer.store.schema import VERSIONS
from reviewer.store.tables import ANSWERS, RUNS
from reviewer.store.upkeep import evict

__all__ = ["database_url", "sqlite_url"]

SIZE = 1_000 + ROW


class Shelf:
    """A store whose clock stands at the real time, or so many days before it."""

    def __init__(self, url: str, cache_bytes: int = 0) -> None:
        self.days = 0.0
        self.store = SqlStore(engine(url), now=lambda: time.time() - self.days * DAY, cache_bytes=cache_bytes)
        self.store.create_tables()
        self.workers = Workers(self.store)

    def keep(self, *keys: str, days: float, kind: Kind = "chunk", repository: str = "octo/app", of: int = 7) -> None:
        """As kept and last used so many days ago."""
        self.days = days
        for key in keys:
            self.store._keep_answers(of, {key: Entry("x" * 1_000, kind, f"{repository}#1")})
        self.days = 0.0

    def runs(self, count: int, *, repository: str, days: float) -> None:
        row = row_of(replace(record(), job=replace(JOB, repository=repository)), int(time.time() - days * DAY))
        with self.store.transaction() as connection:
            connection.execute(
                sa.insert(RUNS), [row | {"run": f"{repository} {days} {number}"} for number in range(count)]
            )

    def left(self, installation: int = 7) -> list[str]:
        query = sa.select(ANSWERS.c.key).where(ANSWERS.c.installation == installation).order_by(ANSWERS.c.key)
        with self.store.transaction() as connection:
            return list(connection.execute(query).scalars())


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    made = Shelf(database_url)
    yield made
    made.store.close()


@pytest.fixture
def file(sqlite_url: str) -> Iterator[Shelf]:
    """For what the database makes no difference to."""
    made = Shelf(sqlite_url)
    yield made
    made.store.close()


def test_what_nobody_touches_goes(shelf: Shelf) -> None:
    """Each table after its own time, so many rows a round."""
    for number, days in enumerate((95.0, 31.0, 0.0)):
        shelf.days = days
        job = replace(JOB, delivery=f"delivery-{number}", number=number)
        asyncio.run(shelf.store.want(job))
        asyncio.run(shelf.store.keep_step(job, job.delivery, "review"))
        asyncio.run(shelf.store.keep_run(replace(record(), job=job, run=job.delivery)))
        asyncio.run(shelf.store.reserve(7, [f"key-{number}"], "run", 60))
        asyncio.run(shelf.store.keep_config(7, "octo/app", f"branch-{number}", KeptConfig(".reviewer.yml")))
    assert shelf.workers.prune(at_most=1) == (6 if shelf.store.engine.dialect.name == "sqlite" else 5)
    for _ in range(5):
        shelf.workers.prune(at_most=1)
    with shelf.store.transaction() as connection:
        counts = {old.table: sa.select(sa.func.count()).select_from(old.table) for old in OLD}
        left = {table.name: connection.execute(count).scalar_one() for table, count in counts.items()}
    now = 1 if shelf.store.engine.dialect.name == "sqlite" else 3  # PostgreSQL's clock gave all three their minute
    kept = {"deliveries": 1, "steps": 1, "wishes": 1, "runs": 2, "configs": 2, "reservations": now, "leases": 0}
    others = ("accounts", "acts", "calls", "commands", "fates", "looks")  # see the tests of each
    assert left == kept | dict.fromkeys(others, 0)


def test_an_answer_lives_on_while_it_is_used(shelf: Shelf) -> None:
    """What is read within its time has its whole time again; what nobody reads goes."""
    shelf.keep("read", "unread", days=40)
    shelf.days = 20
    assert asyncio.run(shelf.store.answers(7, ["read"])) == {"read": "x" * 1_000}
    shelf.days = 0
    assert shelf.workers.prune(at_most=10) == 1
    assert shelf.left() == ["read"]


def test_an_outlived_answer_is_not_served(file: Shelf) -> None:
    """Nor waits that for a round of upkeep."""
    file.keep("old", days=31)
    file.keep("question", days=8, kind="question")
    file.keep("vector", days=31, kind="vector")
    assert set(asyncio.run(file.store.answers(7, ["old", "question", "vector"]))) == {"vector"}


def test_a_busy_repository_forgets_sooner(shelf: Shelf) -> None:
    """In proportion to its runs of the last week, not below the least life of the kind; others are left alone."""
    for repository, runs in (("octo/quiet", 2), ("octo/busy", 60), ("octo/mad", 300)):
        shelf.runs(runs, repository=repository, days=1)
        name = repository.removeprefix("octo/")
        for days in (4, 9, 11, 29, 31):
            shelf.keep(f"{name} {days:02}", days=days, repository=repository)
    shelf.runs(300, repository="octo/quiet", days=8)  # that was before
    shelf.keep("other 29", days=29, repository="octo/mad", of=8)
    shelf.keep("vector 31", days=31, kind="vector", repository="octo/mad")
    shelf.workers.prune(at_most=1_000)
    quiet = [f"quiet {days:02}" for days in (4, 9, 11, 29)]
    assert shelf.left() == ["busy 04", "busy 09", "mad 04", *quiet, "vector 31"]
    assert shelf.left(8) == ["other 29"]


def test_no_kind_is_forgotten_within_a_day() -> None:
    """A review that waits for a provider's bad day finds its checkpoint again."""
    assert all(DAY < life.busy <= life.quiet for life in LIVES.values())


# --- the bound ------------------------------------------------------------------------------------------------------


def test_the_least_recently_used_go_first(shelf: Shelf) -> None:
    """So many as it takes, and a little room beside; another installation keeps what it has."""
    for days in range(10):
        shelf.keep(f"day {days}", days=days + 1.0)
    shelf.keep("theirs", days=20, of=8)
    asyncio.run(shelf.store.answers(7, ["day 9"]))
    assert evict(shelf.store, 7, 10 * SIZE) == 0
    assert evict(shelf.store, 7, 6 * SIZE) == 5
    assert shelf.left() == ["day 0", "day 1", "day 2", "day 3", "day 9"]
    assert evict(shelf.store, 7, 0) == 0
    assert shelf.left(8) == ["theirs"]


def test_writing_alone_does_not_pass_the_bound_by_much(sqlite_url: str) -> None:
    """Between two rounds of upkeep as well; the newest stay."""
    shelf = Shelf(sqlite_url, cache_bytes=40 * SIZE)
    for number in range(100):
        shelf.keep(f"{number:03}", days=1 - number / 1_000)
        assert len(shelf.left()) <= 44
    assert shelf.left()[-36:] == [f"{number:03}" for number in range(64, 100)]
    assert asyncio.run(shelf.store.answers(7, ["099"]))
    shelf.store.cache_bytes = 10 * SIZE
    shelf.workers.prune(at_most=1)
    assert shelf.left() == [*(f"{number:03}" for number in range(91, 100))]
    shelf.store.close()


def test_how_busy_a_repository_is_can_be_asked_quickly(file: Shelf) -> None:
    """The index holds it, on a database that an older program made as well."""
    with file.store.transaction() as connection:
        connection.exec_driver_sql("DROP INDEX runs_by_time")
        VERSIONS.drop(connection)  # it wrote down no revision
    file.store.create_tables()
    with file.store.transaction() as connection:
        assert "runs_by_time" in {index["name"] for index in sa.inspect(connection).get_indexes(RUNS.name)}
