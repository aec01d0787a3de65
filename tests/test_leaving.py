"""Who takes the App off takes with it what was kept: all of an installation, most of a repository, nothing of others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from databases import database_url, sqlite_url
from dbos import DBOSClient, WorkflowStatus
from workshop import Workshop, job, play, until, working

from reviewer.core.errors import GitHubError, Gone, OutsideError, TooEarly
from reviewer.core.types import Amount, Call, Job, Level, Limit, Payer
from reviewer.jobs import Departures, Leaving
from reviewer.jobs.leaving import UNENDED
from reviewer.jobs.tables import make
from reviewer.ports import Entry
from reviewer.store import Scope, SqlStore, engine
from reviewer.store.accounts import Used, bookings
from reviewer.store.ledger import _add
from reviewer.store.purge import RECORD, TABLES, purge, tally
from reviewer.store.tables import METADATA

__all__ = ["database_url", "sqlite_url"]

DAY = 86_400.0
NOBODYS = {"workers", "leases", "takeovers", "credentials", "signed_out"}  # of the workers and of this server itself


@pytest.fixture
def kept(database_url: str) -> Iterator[SqlStore]:
    """In every table: rows of two repositories of installation 7, and of one of installation 8."""
    made = SqlStore(engine(database_url), now=lambda: 100 * DAY)
    made.create_tables()
    with made.transaction() as connection:
        for table in TABLES:
            for installation, repository in ((7, "Octo/App"), (7, "octo/app_x"), (8, "octo/app")):
                if table.name == "keys" and repository == "octo/app_x":
                    continue  # one for each installation
                connection.execute(sa.insert(table).values(row(table, installation, repository)))
    yield made
    made.close()


def row(table: sa.Table, installation: int, repository: str) -> dict[str, Any]:
    """A row of the day 90 about the repository."""
    name = repository.replace("/", "-")
    about = {"installation": installation, "repository": repository, "scope": f"{repository}#1", "level": "repository"}
    about |= {"who": repository.lower()} if table.name == "accounts" else {}
    about |= {"ended": 91 * DAY} if table.name == "pauses" else {}
    numbers = {column.name: 90 * DAY for column in table.columns if not isinstance(column.type, sa.Text)}
    return numbers | {
        column.name: about.get(column.name, name)
        for column in table.columns
        if column.name not in numbers or column.name in about
    }


def left(store: SqlStore) -> dict[str, int]:
    counts = {table.name: sa.select(sa.func.count()).select_from(table) for table in TABLES}
    with store.transaction() as connection:
        found = {name: int(connection.execute(count).scalar_one()) for name, count in counts.items()}
    return {name: count for name, count in found.items() if count}


def test_every_table_is_somebodys() -> None:
    """A new table is struck with its installation, or it is named among those that are nobody's."""
    assert set(METADATA.tables) - {table.name for table in TABLES} == NOBODYS


def test_an_installations_rows_go(kept: SqlStore) -> None:
    """All of them and no other's, in as many transactions as it takes; what is said before is what is done."""
    said = tally(kept, Scope(7))
    assert said == dict.fromkeys((table.name for table in TABLES), 2) | {"keys": 1}
    assert purge(kept, Scope(7)) == said
    assert left(kept) == dict.fromkeys((table.name for table in TABLES), 1)
    assert purge(kept, Scope(7)) == {}


def test_a_repositorys_rows_go(kept: SqlStore) -> None:
    """In whatever case it is written, and not those of one whose name only looks like it."""
    purge(kept, Scope(7, "octo/app"))
    unplaced = {"deliveries", "keys"}  # an id, and what is the whole installation's
    assert left(kept) == {table.name: 3 if table.name == "deliveries" else 2 for table in TABLES}
    assert unplaced < set(left(kept))


def test_the_record_may_be_spared(kept: SqlStore) -> None:
    before = left(kept)
    assert not set(purge(kept, Scope(7, "octo/app", spare=RECORD))) & RECORD
    assert {name: left(kept)[name] for name in RECORD} == {name: before[name] for name in RECORD}


def test_what_is_old_goes_and_what_is_in_force_stays(kept: SqlStore) -> None:
    """Keys, policies and what is being asked have no age; a pause that nobody ended is no history."""
    with kept.transaction() as connection:
        connection.execute(sa.text("UPDATE pauses SET ended = 0 WHERE installation = 8"))
    assert tally(kept, Scope(before=90 * DAY)) == {}
    purge(kept, Scope(before=90 * DAY + 1))
    assert left(kept) == {"keys": 2, "policies": 3, "reservations": 3, "open_calls": 3, "pauses": 1}


def test_nothing_goes_without_a_reason(kept: SqlStore) -> None:
    """A scope that names nothing is no order to strike everything."""
    assert (tally(kept, Scope()), purge(kept, Scope())) == ({}, {})


def test_many_rows_go(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than are looked for at once, and than fit into a transaction."""
    monkeypatch.setattr("reviewer.store.purge.LOOK", 7)
    monkeypatch.setattr("reviewer.store.purge.AT_ONCE", 3)
    store = SqlStore(engine(sqlite_url))
    store.create_tables()
    asyncio.run(store.keep_answers(7, {f"key-{number}": Entry("x", "chunk", "octo/app#1") for number in range(30)}))
    assert purge(store, Scope(7)) == {"answers": 30}
    store.close()


# --- with the jobs ----------------------------------------------------------------------------------------------------


class Survey:
    """GitHub's list of the repositories of an installation, or why there is none."""

    def __init__(self, *names: str, error: GitHubError | None = None) -> None:
        self.names, self.error = names, error

    async def repositories(self, _installation: int, *, page: int) -> tuple[list[str], int]:
        if self.error:
            raise self.error
        return [self.names[page - 1]] if self.names else [], len(self.names)


def departures(store: SqlStore, survey: Survey | None = None) -> Departures:
    return Departures(store, survey or Survey())  # type: ignore[arg-type]


GOODBYE = Job("uninstall", 7, "octo", 0, "", "installation.deleted", "bye")


def test_uninstalling_ends_and_forgets_the_jobs(sqlite_url: str) -> None:
    """What is queued is not begun, what runs is told that nobody wants it, what has ended is gone; others' go on."""
    shop = Workshop(sqlite_url)
    let_go: list[bool] = []
    told: list[str] = []

    async def review(each: Job, _run: str) -> None:
        if each.kind == "uninstall":
            await departures(shop.store).carry_out(each)
        elif each.delivery in {"running", "others"}:
            await until(lambda: bool(let_go))
            told.append(await shop.store.wanted(each))

    async def story() -> None:
        shop.review = review
        async with working(shop, grace=5) as jobs:
            await jobs.enqueue(job("ended", number=9))
            assert await shop.ended("ended") == ["done"]
            await jobs.enqueue(job("running"))
            await jobs.enqueue(replace(job("others"), installation=8))
            await until(lambda: ("review", "running") in shop.happened and ("review", "others") in shop.happened)
            await jobs.enqueue(job("queued"))
            await until(lambda: len(jobs._states("queued")) == 2)  # it is in the lane
            await jobs.enqueue(GOODBYE)
            await until(lambda: ("review", "bye") in shop.happened)
            await until(lambda: any("ending" in str(state.error) for state in jobs._states("bye")))
            assert [await jobs.status(run) for run in ("ended", "queued")] == [None, None]
            let_go.append(True)
            await until(lambda: len(told) == 2)
            assert await shop.ended("others") == ["done"]
            assert sorted(told) == ["", "the App was taken off, or what was kept of it struck"]
            await departures(shop.store).carry_out(GOODBYE)  # as it is done again a quarter of an hour later
            assert await jobs.status("running") is None
            assert set(tally(shop.store, Scope(7))) <= {"deliveries"}
        assert ("review", "queued") not in shop.happened
        assert left(shop.store).keys() >= {"wishes", "deliveries"}

    play(story(), shop)


def test_a_repository_that_is_back_stays(kept: SqlStore) -> None:
    """A day later, when the job's turn comes, GitHub says what the App may see."""
    gone = Job("leave", 7, "octo", 0, "", "installation_repositories.removed", "bye", commands="octo/app octo/app_x")
    make(kept)
    asyncio.run(departures(kept, Survey("octo/other", "Octo/APP")).carry_out(gone))
    assert left(kept)["answers"] == 2
    assert left(kept)["acts"] == 3
    with pytest.raises(TooEarly):
        asyncio.run(departures(kept, Survey(error=GitHubError("down", status=502))).carry_out(gone))
    assert left(kept)["answers"] == 2
    asyncio.run(departures(kept, Survey(error=Gone("suspended", status=403))).carry_out(gone))
    assert left(kept)["answers"] == 1


def test_a_removed_repository_waits_for_a_day(sqlite_url: str) -> None:
    """Durably: the job is there, put off, and nothing has happened."""
    shop = Workshop(sqlite_url)

    async def story() -> None:
        async with working(shop) as jobs:
            await jobs.enqueue(replace(GOODBYE, kind="leave", commands="octo/app"))
            await jobs.enqueue(job("other"))
            assert await shop.ended("other") == ["done"]
            state = await jobs.status("bye")
            assert state
            assert state["status"] == "queued"
        assert ("review", "bye") not in shop.happened

    play(story(), shop)


def test_a_database_that_fails_once_strikes_later(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No delivery will say again that the App was taken off: the job comes back until nothing is left."""
    monkeypatch.setattr("reviewer.jobs.departures.ONCE_MORE", 0.1)
    shop, faults = Workshop(sqlite_url), [OutsideError("deadlock detected")]

    def purging(store: SqlStore, scope: Scope) -> dict[str, int]:
        if faults:
            raise faults.pop()
        return purge(store, scope)

    async def review(each: Job, _run: str) -> None:
        if each.kind == "uninstall":
            await departures(shop.store).carry_out(each)

    async def story() -> None:
        monkeypatch.setattr("reviewer.jobs.leaving.purge", purging)
        shop.review = review
        async with working(shop) as jobs:
            await jobs.enqueue(job("ended"))
            assert await shop.ended("ended") == ["done"]
            await jobs.enqueue(GOODBYE)
            assert await shop.ended("bye") == ["done"]
            assert await jobs.status("ended") is None
        assert shop.happened.count(("review", "bye")) == 2

    play(story(), shop)


def test_a_job_that_begins_just_then_is_told_of(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at what waits and its end a worker may take a job: what it writes is struck the next time."""
    shop = Workshop(sqlite_url)

    def meanwhile(*_: object) -> None:
        with shop.store.transaction() as connection:
            connection.exec_driver_sql(
                "UPDATE workflow_status SET status = 'PENDING', executor_id = 'w', recovery_attempts = 1"
                " WHERE workflow_uuid = 'arrival:taken'"
            )

    async def story() -> None:
        async with working(shop, worker=False) as jobs:
            await jobs.enqueue(job("taken"))
            await jobs.enqueue(job("waits", number=2))
            with monkeypatch.context() as patch:
                patch.setattr("reviewer.jobs.leaving.unwant", meanwhile)
                struck = Leaving(shop.store).strike(Scope(7))
            assert (struck.rows["jobs"], struck.running) == (1, 1)
            assert Leaving(shop.store).strike(Scope(7)) == ({"jobs": 1, "wishes": 2}, 0)

    play(story(), shop)


def test_all_jobs_are_looked_through_once(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many repositories are taken off, and however many jobs were made at one time."""
    monkeypatch.setattr("reviewer.jobs.leaving.PAGE", 3)
    shop, pages = Workshop(sqlite_url), list[int]()
    asked = DBOSClient.list_workflows

    def counted(*args: Any, **about: Any) -> list[WorkflowStatus]:
        found = asked(*args, **about)
        pages.append(len(found))
        return found

    async def story() -> None:
        async with working(shop, worker=False) as jobs:
            for number in range(12):
                await jobs.enqueue(replace(job(f"d{number}"), repository=f"octo/r{number}"))
            with shop.store.transaction() as connection:
                for number in range(12):
                    at = (1_795_392_000_123, 1_795_392_000_124, 1_795_392_001_001)[number // 5]
                    connection.exec_driver_sql(
                        f"UPDATE workflow_status SET created_at = {at} WHERE workflow_uuid = 'arrival:d{number}'"
                    )
            monkeypatch.setattr(DBOSClient, "list_workflows", counted)
            leaving, scopes = Leaving(shop.store), [Scope(7, f"Octo/R{number}") for number in range(11)]
            found = [row.workflow_id for row in leaving._jobs(scopes, UNENDED)]
            assert sorted(found) == sorted(f"arrival:d{number}" for number in range(11))
            assert pages == [3, 5, 3, 5, 2]
            assert leaving.strike(*scopes).rows == {"jobs": 11, "wishes": 11}
            assert leaving.tally(Scope(7)) == {"deliveries": 12, "jobs": 1, "wishes": 1}

    play(story(), shop)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_call_is_booked_while_its_account_is_struck(database_url: str) -> None:
    """Both lock accounts in one order: who comes second waits for the first, and never the first for the second."""
    store = SqlStore(engine(database_url))
    store.create_tables()
    limits = [Limit(level, "day", tokens=1_000) for level in get_args(Level)]
    call = Call(Payer(7, "octo/app", person="ann"), "x", "m", "p", 0)
    asyncio.run(store.book(call, Amount(1), limits))
    first, *others = bookings(call.payer, limits, store.now())
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with ThreadPoolExecutor(1) as threads:
        with store.transaction() as booking, store.engine.connect() as beside:
            assert _add(booking, first, Used(1), Used(9, 9))
            striking = threads.submit(purge, store, Scope(7))
            while not striking.done() and not beside.execute(waiting).scalar():
                beside.rollback()
            for other in others:
                assert _add(booking, other, Used(1), Used(9, 9))
        assert striking.result()["accounts"] == 3
    store.close()
