"""No booking takes an account over its limit, however many come at once; and every call is in the books."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from databases import database_url, sqlite_url
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_store_answers import in_threads

from reviewer.core.spending import end, parse_limits
from reviewer.core.types import Amount, Call, Limit, Payer, Usage
from reviewer.ports import Account, Accounts, Ledger, Refused, Reserved
from reviewer.store import SqlStore, Workers, engine
from reviewer.store.accounts import NANO
from reviewer.store.old import DAY
from reviewer.store.tables import ACCOUNTS, CALLS

__all__ = ["database_url", "sqlite_url"]

NOON = 1_795_392_000.0 + DAY / 2  # 2026-11-23
PAYER = Payer(7, "octo/app", 12, "run", "delivery", "octo-cat")
CALL = Call(PAYER, "report_findings", "gpt-6-luna", "review@3", NOON, Usage(1_000, 200, 300, 50, 1), Decimal("0.00025"))
DOLLAR = Amount(1_000, Decimal(1))


class Moved(SqlStore):
    """Its clock is the test's own, on PostgreSQL too."""

    def time(self, connection: sa.Connection) -> float:
        return self.now()


class Till:
    """The ledger of a store, asked without a loop."""

    def __init__(self, url: str) -> None:
        self.at = NOON
        self.store = Moved(engine(url), now=lambda: self.at)
        self.store.create_tables()

    def book(
        self, limits: Sequence[Limit] | str, wants: Amount = DOLLAR, payer: Payer = PAYER, share: float = 1.0
    ) -> Reserved | Refused:
        known = parse_limits(limits) if isinstance(limits, str) else limits
        return self.store._book(replace(CALL, payer=payer), wants, known, share)

    def taken(self, limits: str, wants: Amount = DOLLAR, payer: Payer = PAYER, share: float = 1.0) -> Reserved:
        booked = self.book(limits, wants, payer, share)
        assert isinstance(booked, Reserved), booked
        return booked

    def refused(self, limits: str, wants: Amount = DOLLAR, payer: Payer = PAYER, share: float = 1.0) -> Refused:
        booked = self.book(limits, wants, payer, share)
        assert isinstance(booked, Refused), booked
        return booked

    def settle(self, booked: Reserved, tokens: int, dollars: str) -> None:
        asyncio.run(self.store.settle(booked, Amount(tokens, Decimal(dollars)), replace(CALL, at=self.at)))

    def accounts(self, limits: str) -> list[Account]:
        return asyncio.run(self.store.accounts(parse_limits(limits)))

    def rows(self, table: sa.Table) -> list[sa.RowMapping]:
        with self.store.transaction() as connection:
            return list(connection.execute(sa.select(table)).mappings())

    def used(self, limit: str) -> Amount:
        """Of the only account that there is of it."""
        (account,) = self.accounts(limit)
        return account.used


@pytest.fixture
def till(database_url: str) -> Iterator[Till]:
    made = Till(database_url)
    yield made
    made.store.close()


@pytest.fixture
def file(sqlite_url: str) -> Iterator[Till]:
    """For what the database makes no difference to."""
    made = Till(sqlite_url)
    yield made
    made.store.close()


def test_the_store_is_a_ledger(file: Till) -> None:
    """As the ports say it."""
    ledger: Ledger = file.store
    accounts: Accounts = file.store
    assert (ledger, accounts) == (file.store, file.store)


def test_a_limit_is_used_to_the_last_and_not_beyond(till: Till) -> None:
    """What is refused is booked nowhere, and it is said until when."""
    limits = "everything $2/day, repository 3000/hour"
    assert [booked.fullest and booked.fullest.share for booked in (till.taken(limits), till.taken(limits))] == [
        0.5,
        1.0,
    ]
    full = till.refused("everything $2/day, repository 3000/month", Amount(1, Decimal("0.000000001")))
    assert (full.fill.limit.level, full.fill.share, full.fill.until) == ("everything", 1.0, end("day", NOON))
    assert (till.used("everything $2/day"), till.used(limits.split(", ")[1])) == (Amount(2_000, Decimal(2)),) * 2
    assert till.accounts("repository 3000/month") == []
    assert till.taken("everything $2/day", Amount(5)).fullest
    till.at += DAY
    assert till.taken(limits, Amount(3_000, Decimal(2))).fullest


def test_what_was_not_taken_is_free_again(till: Till) -> None:
    """A settled call counts as what it came to, also where that is more than was reserved."""
    limits = "everything $1/day, installation 1000/day, repository $1/day, person 1k/hour"
    booked = till.taken(limits)
    assert len(booked.accounts) == 4
    till.settle(booked, 400, "0.30")
    for level in ("everything", "installation", "repository"):
        assert till.used(f"{level} 1k/day") == Amount(400, Decimal("0.3"))
    assert till.used("person 1k/hour") == Amount(400, Decimal("0.3"))
    till.settle(till.taken(limits, Amount(600, Decimal("0.70"))), 700, "0.9")
    assert till.used("everything 1k/day") == Amount(1_100, Decimal("1.2"))
    assert till.refused(limits, Amount(1)).fill.share == 1.2
    till.settle(Reserved(DOLLAR), 0, "0")


def test_only_the_accounts_of_the_payer_count(till: Till) -> None:
    """Each installation, repository and person has its own; "everything" is shared; case makes no other account."""
    for level, other in (
        ("installation", Payer(8, "octo/app", person="octo-cat")),
        ("repository", Payer(7, "octo/other", person="octo-cat")),
        ("person", Payer(7, "octo/app", person="hubot")),
    ):
        limits = f"{level} $1/day"
        till.taken(limits)
        till.taken(limits, payer=other)
        till.refused(limits, payer=Payer(7, "Octo/App", person="Octo-Cat"))
    till.taken("everything $1/day")
    till.refused("everything $1/day", payer=Payer(8, "other/app"))


def test_a_limit_for_each_person_does_not_hold_for_nobody(till: Till) -> None:
    """A push by an App has nobody who pays for it; without any limit nothing is booked."""
    nobody = Payer(7, "octo/app")
    for _ in range(3):
        till.taken("person $1/day, everything $9/day", payer=nobody)
    assert till.accounts("person $1/day") == []
    for limits in ("", "person 1/day"):
        free = till.taken(limits, payer=nobody)
        assert (free.amount, free.accounts, free.fullest) == (DOLLAR, (), None)


def test_only_a_share_of_a_limit_may_be_used(till: Till) -> None:
    """Up to it exactly, in money and in tokens; what may use all of it still may."""
    limits = "everything $10/day, everything 10k/day"
    for _ in range(8):
        till.taken(limits, share=0.8)
    refused = till.refused(limits, Amount(1), share=0.8)
    assert (refused.fill.share, refused.fill.limit.tokens) == (0.8, 10_000)
    assert till.refused(limits, Amount(0, Decimal("0.000000001")), share=0.8).fill.limit.dollars == 10
    till.taken(limits, share=0.95)
    till.taken(limits)
    assert till.refused(limits, Amount(1)).fill.share == 1.0


def test_money_is_rounded_up(till: Till) -> None:
    """A thousand of the smallest prices are not nothing."""
    till.taken("everything $1/day", Amount(1, Decimal("0.0000000001")))
    assert till.used("everything $1/day").dollars == Decimal("0.000000001")


def test_the_limit_that_lasts_longest_is_named(till: Till) -> None:
    """Who reads when it ends may rely on it."""
    limits = "everything $1/hour, repository $1.5/month, person $1/day"
    till.taken(limits)
    assert till.refused(limits).fill.limit.window == "month"
    till.at += DAY
    assert till.refused(limits, Amount(1, Decimal("0.51"))).fill.until == end("month", NOON)
    assert till.used("everything $1/hour") == Amount()
    till.taken("person 2000/month, installation $1/month", payer=Payer(8, "octo/app", person="hubot"))
    full = till.refused("person 2000/month, installation $1/month", payer=Payer(8, "octo/app", person="hubot"))
    assert full.fill.limit.level == "installation"  # for the person there was room


def test_a_call_that_is_larger_than_the_limit_is_refused(till: Till) -> None:
    """Also the first one, before there is an account."""
    assert till.refused("everything 999/day").fill.share == 0.0
    assert till.used("everything 999/day") == Amount()


def test_a_late_settlement_is_of_the_window_of_its_booking(till: Till) -> None:
    """A call that goes over midnight frees nothing of the new day."""
    booked = till.taken("everything $1/day")
    till.at += DAY
    till.taken("everything $1/day")
    till.settle(booked, 0, "0")
    assert till.used("everything $1/day") == DOLLAR
    till.at -= DAY
    assert till.used("everything $1/day") == Amount()


def test_other_limits_find_what_is_used(till: Till) -> None:
    """A limit that the operator changes at noon counts what the morning took, in tokens and in money."""
    till.taken("everything $1/day")
    assert till.refused("everything 1500/day").fill.share == pytest.approx(2 / 3)
    till.taken("everything $1.5/day", Amount(0, Decimal("0.5")))


# --- at once --------------------------------------------------------------------------------------------------------


def test_many_at_once_never_go_over(till: Till) -> None:
    """Threads over several limits that overlap: all that fits is taken, nothing more, and nobody waits for ever."""
    limits = parse_limits("everything 60k/day, installation $40/hour, repository $20/day, person 30k/month")
    payers = [Payer(i, f"octo/{r}", person=p) for i in (7, 8) for r in ("a", "b") for p in ("x", "y")]
    taken: list[tuple[Payer, Amount]] = []

    def work(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(8):
            payer, tokens = chance.choice(payers), chance.randint(1_000, 2_000)
            booked = till.book(chance.sample(limits, 4), Amount(tokens, Decimal(tokens) / 500), payer)
            if isinstance(booked, Reserved):
                less = tokens // 2
                till.settle(booked, less, str(Decimal(less) / 500))
                taken.append((payer, Amount(less, Decimal(less) / 500)))

    in_threads([lambda seed=seed: work(seed) for seed in range(6)])  # type: ignore[misc]
    total = sum(amount.tokens for _, amount in taken)
    assert till.used("everything 60k/day").tokens == total <= 60_000
    groups: dict[str, Callable[[Payer], Any]] = {
        "installation $40/hour": lambda payer: (payer.installation, ""),
        "repository $20/day": lambda payer: (payer.installation, payer.repository),
        "person 30k/month": lambda payer: (payer.installation, payer.person),
    }
    for limit, group in groups.items():
        for account in till.accounts(limit):
            of = [amount.tokens for payer, amount in taken if group(payer) == (account.installation, account.who)]
            assert account.used == Amount(sum(of), Decimal(sum(of)) / 500)
            assert account.fill.share <= 1


def test_the_first_bookings_of_a_window_may_come_at_once(till: Till) -> None:
    """Nobody's account is there yet: one makes it, and what fits is taken whoever was first."""
    booked: list[Reserved | Refused] = []
    in_threads([lambda: booked.append(till.book("everything $3/day, repository $9/day"))] * 8)
    assert sum(isinstance(one, Reserved) for one in booked) == 3
    assert till.used("everything $3/day") == till.used("repository $9/day") == Amount(3_000, Decimal(3))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from((0.8, 0.95, 1.0))), max_size=12))
def test_whatever_comes_the_account_is_the_sum(file: Till, calls: list[tuple[int, int, float]]) -> None:
    """Reserved in full, settled in part: at no moment more than the share, and in the end what was taken."""
    limits = (Limit("everything", "day", tokens=100), Limit("everything", "day", dollars=Decimal(1)))
    total = 0
    with file.store.transaction() as connection:
        connection.execute(sa.delete(ACCOUNTS))
    for wants, took, share in calls:
        booked = file.book(limits, Amount(wants, Decimal(wants) / 100), share=share)
        fits = total + wants <= 100 * share
        assert isinstance(booked, Reserved) == fits
        if isinstance(booked, Reserved):
            assert booked.fullest
            assert booked.fullest.share == (total + wants) / 100
            file.settle(booked, min(took, wants), f"{min(took, wants) / 100}")
            total += min(took, wants)
    assert file.used("everything 100/day") == Amount(total, Decimal(total) / 100)


KILLED = """
import os, signal, sys
from decimal import Decimal
from reviewer.core.types import Amount, Call, Limit, Payer, Usage
from reviewer.store import SqlStore, engine
store = SqlStore(engine(sys.argv[1]))
store.holder = "dead"
limit = Limit("everything", "month", dollars=Decimal(2))
store._book(Call(Payer(7, "octo/app"), "ask", "m", "p", 0.0, Usage(900, output=100)), Amount(1000, Decimal(1)), [limit], 1.0)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_is_never_settled_counts_in_full(file: Till) -> None:
    """A process that is killed between the two may have spent all of it."""
    url = file.store.engine.url.render_as_string(hide_password=False)
    assert subprocess.run([sys.executable, "-c", KILLED, url], check=False, capture_output=True).returncode == -9
    file.at = time.time()
    assert file.used("everything $2/month") == DOLLAR
    assert Workers(file.store).enter_lost() == 1
    (row,) = file.rows(CALLS)
    assert [row[name] for name in ("outcome", "input", "output", "cost", "model")] == ["lost", 900, 100, "1", "m"]
    assert file.used("everything $2/month") == DOLLAR


# --- shown and kept -------------------------------------------------------------------------------------------------


def test_the_fullest_accounts_are_shown_first(till: Till) -> None:
    """Of the present windows, of all installations; what all share is shown before it is used."""
    limits = "everything $100/day, repository $2/day, person 4k/hour"
    assert [(each.who, each.fill.share) for each in till.accounts(limits)] == [("", 0.0)]
    till.at -= DAY
    till.taken(limits)
    till.at += DAY
    till.taken(limits)
    till.taken(limits, payer=Payer(8, "octo/other"), wants=Amount(7, Decimal("1.5")))
    found = [(each.installation, each.who, each.used, each.fill.share) for each in till.accounts(limits)]
    assert found == [
        (8, "octo/other", Amount(7, Decimal("1.5")), 0.75),
        (7, "octo/app", DOLLAR, 0.5),
        (7, "octo-cat", DOLLAR, 0.25),
        (0, "", Amount(1_007, Decimal("2.5")), 0.025),
    ]
    assert {each.fill.until for each in till.accounts(limits)} == {end("hour", NOON), end("day", NOON)}


def test_a_call_is_kept_as_it_was(till: Till) -> None:
    """To the last decimal; hostile names are cut and mended; without a price there is no cost."""
    bad = "\0\ud800" + "🦀" * 900
    for call in (CALL, Call(Payer(7, bad, person=bad), bad, bad, bad, 0.0, outcome=bad, request_id=bad)):
        asyncio.run(till.store.keep_call(call))
    with till.store.transaction() as connection:
        first, second = connection.execute(sa.select(CALLS).order_by(CALLS.c.cost.desc())).mappings().all()
    assert [first[name] for name in ("input", "cached", "output", "reasoning")] == [1_000, 200, 300, 50]
    assert [first[name] for name in ("installation", "number", "calls", "count")] == [7, 12, 1, 1]
    assert (first["cost"], first["nanos"], first["at"], first["person"]) == ("0.00025", NANO // 4_000, NOON, "octo-cat")
    assert (second["cost"], second["nanos"], second["at"], len(second["model"])) == ("", 0, NOON, 200)


def test_old_accounts_and_calls_go(till: Till) -> None:
    """An account after its last settlement, a call when a year and a month lie behind it."""
    now = till.at = time.time()  # PostgreSQL's upkeep goes by its own
    workers = Workers(SqlStore(till.store.engine))
    for days in (401, 399, 9, 0):
        till.at = now - days * DAY
        till.settle(till.taken("everything $1/day"), 1_000, "1")
    assert workers.prune(at_most=10) == 4
    with till.store.transaction() as connection:
        counts = [connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in (ACCOUNTS, CALLS)]
    assert counts == [1, 3]
