"""A call whose process ends is in the ledger as lost, once; and what calls under way hold of a budget all can see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa
from databases import database_url, sqlite_url
from test_store_answers import in_threads
from workshop import Workshop, play, until, working

from reviewer.core.spending import parse_limits
from reviewer.core.types import Amount, Call, Payer, Usage
from reviewer.ports import Refused, Reserved
from reviewer.store import SqlStore, Worker, Workers, engine
from reviewer.store.open_calls import LONGEST, LOST
from reviewer.store.tables import CALLS
from reviewer.store.tables_open import OPEN_CALLS

__all__ = ["database_url", "sqlite_url"]

LIMITS = parse_limits("everything $5/day, repository 5k/day, person 5k/hour")
WANTS = Amount(1_000, Decimal("1.5"))
CALL = Call(
    Payer(7, "octo/app", 12, "run", "delivery", "ann"),
    "report_findings",
    "gpt-x",
    "review@3",
    0.0,
    Usage(900, 0, 100, 0, 1),
    estimated=700,
    most=100,
)


class Moved(SqlStore):
    """Its clock is the test's own, on PostgreSQL too."""

    at = 1_795_435_200.0

    def time(self, connection: sa.Connection) -> float:
        return self.at

    def rows(self, table: sa.Table) -> list[sa.RowMapping]:
        with self.transaction() as connection:
            return list(connection.execute(sa.select(table)).mappings())

    def taken(self, call: Call = CALL) -> Reserved:
        booked = self._book(call, WANTS, LIMITS, 1.0)
        assert isinstance(booked, Reserved)
        return booked

    def used(self) -> list[int]:
        """Tokens of each account."""
        return [each.used.tokens for each in asyncio.run(self.accounts(LIMITS))]


@pytest.fixture
def store(database_url: str) -> Iterator[Moved]:
    made = Moved(engine(database_url), now=lambda: Moved.at)
    made.create_tables()
    made.holder = "one"
    Workers(made).beat(Worker("one", "here", 1))
    yield made
    made.close()


def settle(store: SqlStore, booked: Reserved) -> None:
    made = replace(CALL, usage=Usage(500, 0, 40, 0, 1), cost=Decimal("0.7"), at=Moved.at)
    asyncio.run(store.settle(booked, Amount(540, Decimal("0.7")), made))


def test_a_call_under_way_is_known_until_it_is_settled(store: Moved) -> None:
    """Who asks, for whom, what, and what is reserved; as long as its worker lives nobody says that it is lost. What is
    settled twice counts once.
    """
    booked = store.taken()
    (row,) = store.rows(OPEN_CALLS)
    about = ("installation", "call", "holder", "repository", "run", "person", "model", "prompt", "tokens", "estimated")
    assert [row[name] for name in about] == [
        *(7, booked.id, "one", "octo/app", "run", "ann", "gpt-x", "review@3", 1_000, 700)
    ]
    assert row["accounts"].split("\n") == list(booked.accounts)
    assert Workers(store).enter_lost() == 0
    for _ in range(2):
        settle(store, booked)
        assert (store.rows(OPEN_CALLS), store.used()) == ([], [540] * 3)
        assert [(row["call"], row["outcome"], row["cost"]) for row in store.rows(CALLS)] == [(booked.id, "ok", "0.7")]


def test_a_call_of_a_dead_worker_is_lost_once(store: Moved) -> None:
    """Whoever notices, and however many do: at the price that was reserved, which stays on the accounts."""
    calls = [store.taken(replace(CALL, payer=replace(CALL.payer, repository=f"octo/{name}"))) for name in "abc"]
    Workers(store).leave("one")
    found: list[int] = []
    in_threads([lambda: found.append(Workers(store).enter_lost())] * 4)
    assert sum(found) == 3
    assert store.rows(OPEN_CALLS) == []
    rows = store.rows(CALLS)
    assert {row["call"] for row in rows} == {each.id for each in calls}
    names = ("outcome", "input", "output", "calls", "cost", "nanos", "purpose", "number", "at")
    assert {tuple(row[name] for name in names) for row in rows} == {
        (LOST, 900, 100, 1, "1.5", 1_500_000_000, "report_findings", 12, Moved.at)
    }
    assert sorted(store.used()) == [1_000, 1_000, 1_000, 3_000, 3_000]


def test_a_worker_that_was_only_slow_says_what_it_was(store: Moved) -> None:
    """It was counted out while its call was under way: the row that said "lost" tells the truth then."""
    booked = store.taken()
    Workers(store).leave("one")
    assert Workers(store).enter_lost() == 1
    settle(store, booked)
    (row,) = store.rows(CALLS)
    assert [row[name] for name in ("outcome", "input", "output", "cost")] == ["ok", 500, 40, "0.7"]
    assert store.used() == [540] * 3


def test_a_worker_enters_what_the_dead_had_under_way(sqlite_url: str) -> None:
    """With each beat; its own calls are under its name, and stay until it settles them."""
    shop = Workshop(sqlite_url, beat_every=0.05)

    def outcomes() -> list[str]:
        with shop.store.transaction() as connection:
            return list(connection.execute(sa.select(CALLS.c.outcome)).scalars())

    async def story() -> None:
        async with working(shop):
            await shop.store.book(CALL, WANTS, LIMITS)
            name, shop.store.holder = shop.store.holder, "killed"
            await shop.store.book(CALL, WANTS, LIMITS)
            await until(lambda: outcomes() == [LOST])
            with shop.store.transaction() as connection:
                assert connection.execute(sa.select(OPEN_CALLS.c.holder)).scalars().all() == [name]

    play(story(), shop)


@pytest.mark.parametrize("holder", ["", "one"])
def test_what_takes_too_long_is_lost(store: Moved, holder: str) -> None:
    """A process that is no worker has no sign of life, and a living one may have lost the database at its end."""
    store.holder = holder
    store.taken()
    later = Moved(store.engine)
    for seconds, lost in ((LONGEST - 1, 0), (LONGEST + 1, 1)):
        later.at = Moved.at + seconds
        assert Workers(later).enter_lost() == lost


def test_who_is_refused_hears_what_is_only_reserved(store: Moved) -> None:
    """Of that very account, by the calls of all workers; what is settled is used, and no more to be waited for."""
    other = Moved(store.engine)
    other.holder = "two"
    settle(store, store.taken())
    other.taken(replace(CALL, payer=Payer(7, "Octo/App", person="bob")))
    other.taken(replace(CALL, payer=Payer(7, "octo/app_", person="ann")))

    def refused(limits: str, call: Call = CALL) -> Amount:
        found = store._book(call, Amount(9_000), parse_limits(limits), 1.0)
        assert isinstance(found, Refused)
        return found.open

    assert refused("repository 5k/day") == WANTS
    assert refused("person 5k/hour") == WANTS
    assert refused("everything 5k/day") == Amount(2_000, Decimal(3))
    assert refused("installation 5k/day") == Amount()
    assert refused("repository 5k/day", replace(CALL, payer=Payer(8, "octo/app"))) == Amount()
    assert len(store.rows(OPEN_CALLS)) == 2
