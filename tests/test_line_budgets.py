"""Money through the whole line: what a limit does not take is not asked, and each call has its row in the ledger."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import sqlalchemy as sa
from world import ADDED_TOO, Servers, World, finding, living, servers, world

from reviewer import watched
from reviewer.core.types import Amount, Call, Limit, Payer
from reviewer.metrics import Metrics
from reviewer.ports import Reserved
from reviewer.run import Run
from reviewer.settings import load
from reviewer.standin.model_shapes import Fault
from reviewer.store import Workers
from reviewer.store.tables import CALLS
from reviewer.till import Till

__all__ = ["servers", "world"]

DEAR, CHEAP = "gpt-6.1-terra", "gpt-6-luna"


def ledger(world: World) -> list[sa.RowMapping]:
    query = sa.select(CALLS).order_by(CALLS.c.at, CALLS.c.purpose)
    with world.parts.store.transaction() as connection:
        return list(connection.execute(query).mappings())


def fill(world: World, *, dollars: str, level: str = "everything") -> None:
    """Somebody else's calls have used so much of the budget."""
    limits = [limit for limit in world.settings.budgets if limit.level == level]
    booked = world.does(world.tools.store.book(call_of(Payer(0, "other/app")), Amount(0, Decimal(dollars)), limits))
    assert isinstance(booked, Reserved)


def call_of(payer: Payer) -> Call:
    return Call(payer, "", "", "", 0.0)


def asked(world: World) -> list[str]:
    return [str(request.body["model"]) for request in world.model.requests]


def test_each_call_has_its_row(world: World) -> None:
    """Who, for what, how much, how long: what was asked and what the second look cost; what the cache answers too."""
    world.model.findings.append(finding(ADDED_TOO, severity="high"))
    opened = world.opens()
    record = world.reviews(opened)
    rows = ledger(world)
    assert {row["tier"]: row["count"] for row in rows if row["tier"]} == {"exact": 0, "structural": 0, "miss": 1}
    assert [(row["purpose"], row["outcome"]) for row in rows if not row["tier"]] == [
        ("report_findings", "ok"),
        ("confirm_findings", "ok"),
    ]
    first = rows[0]
    about = ("repository", "number", "person", "model", "prompt", "installation")
    assert [first[name] for name in about] == [world.name, 1, "ann", DEAR, "review@2", record.job.installation]
    assert sum(Decimal(row["cost"] or 0) for row in rows) == record.cost
    assert first["estimated"] > 0
    world.reviews(opened)
    tiers = [(row["tier"], row["count"]) for row in ledger(world) if row["tier"] and row["count"]]
    assert tiers == [("miss", 1), ("exact", 1)]
    rows = ledger(world)
    again = Till(
        cast(Run, SimpleNamespace(tools=world.tools)), Payer(record.job.installation, world.name, 1, record.run)
    )
    world.does(again.cached({"exact": 9}, model=DEAR, prompt=""))  # the same run once more
    assert ledger(world) == rows


def test_a_budget_that_is_used_up_is_never_exceeded(tmp_path: Path, servers: Servers) -> None:
    """Nothing is asked; the check says why and until when, in one sentence."""
    with living(tmp_path, servers, REVIEWER_BUDGETS="everything $1/day") as world:
        fill(world, dollars="0.9999")
        world.reviews(world.opens())
        assert asked(world) == []
        assert world.verdict.startswith("neutral: Not fully reviewed")
        assert "The budget of $1 a day for everything together is" in (world.check.text or "")
        assert "it is free again at " in (world.check.text or "")


def test_a_small_budget_can_be_used(tmp_path: Path, servers: Servers) -> None:
    """An answer about a few lines is not reserved as if it were about a thousand."""
    with living(tmp_path, servers, REVIEWER_BUDGETS="repository 20k/hour") as world:
        world.reviews(world.opens())
        assert (asked(world), world.verdict) == ([DEAR], "success: No findings")


def test_a_budget_that_fills_up_asks_the_cheaper_model(tmp_path: Path, servers: Servers) -> None:
    """From 80 % on; the check says so."""
    with living(tmp_path, servers, REVIEWER_BUDGETS="everything $1/day") as world:
        fill(world, dollars="0.85")
        world.reviews(world.opens())
        assert set(asked(world)) == {CHEAP}
        assert world.verdict == "success: No findings"
        assert f"answered by the fallback model {CHEAP}" in (world.check.summary or "")


def test_the_last_of_a_budget_is_for_the_second_look(tmp_path: Path, servers: Servers) -> None:
    """Between 95 % and all of it no new code is looked at."""
    with living(tmp_path, servers, REVIEWER_BUDGETS="everything $1/day") as world:
        fill(world, dollars="0.96")
        world.reviews(world.opens())
        assert asked(world) == []
        text = world.check.text or ""
        assert "only done up to 95 % of it" in text
        assert (text.count("The budget of"), "did not help" in text) == (1, False), "one sentence, once"


@pytest.mark.parametrize("level", ["repository", "person", "installation"])
def test_one_s_budget_is_nobody_else_s(tmp_path: Path, servers: Servers, level: str) -> None:
    """What another repository, person or installation has used up does not stop this one."""
    with living(tmp_path, servers, REVIEWER_BUDGETS=f"{level} $1/day") as world:
        payer = Payer(0, "other/app", person="bob")
        booked = world.tools.store.book(call_of(payer), Amount(0, Decimal(1)), world.settings.budgets)
        assert isinstance(world.does(booked), Reserved)
        world.reviews(world.opens())
        assert world.verdict == "success: No findings"


def test_a_model_without_a_price_is_not_asked_on_a_budget_in_dollars(tmp_path: Path, servers: Servers) -> None:
    """Nobody could say what it costs; the operator is told how to mend it."""
    with living(
        tmp_path,
        servers,
        REVIEWER_BUDGETS="everything $1/day",
        REVIEWER_MODEL="home-made",
        REVIEWER_FALLBACK_MODEL="home-made",
    ) as world:
        world.reviews(world.opens())
        assert asked(world) == []
        assert "REVIEWER_PRICES" in (world.check.text or "")


def test_a_call_is_cut_off_with_its_worker_and_shown_as_lost(tmp_path: Path, servers: Servers) -> None:
    """Nothing of it is left under way once it has ended; what was left by another one is entered with the next beat."""
    with living(tmp_path, servers, REVIEWER_BUDGETS="everything $1/day") as world:
        store = world.parts.store
        store.holder, dead = "dead", call_of(Payer(7, "octo/app"))
        world.does(store.book(dead, Amount(10, Decimal("0.25")), world.settings.budgets))
        store.holder = ""
        world.reviews(world.opens())
        assert Workers(store).enter_lost() == 1
        (lost,) = [row for row in ledger(world) if row["outcome"] == "lost"]
        assert (lost["cost"], lost["repository"]) == ("0.25", "octo/app")
        assert Workers(store).enter_lost() == 0


def test_what_nobody_knows_the_price_of_counts_in_full(tmp_path: Path, servers: Servers) -> None:
    """A call that came to no answer may have been paid for: account, ledger and check say the same."""
    with living(tmp_path, servers, REVIEWER_BUDGETS="everything $1/day", REVIEWER_FALLBACK_MODEL=DEAR) as world:
        world.model.faults = [Fault("malformed")] * 9
        world.reviews(world.opens())
        (account,) = world.does(world.parts.store.accounts([Limit("everything", "day", dollars=Decimal(1))]))
        assert account.used.dollars > 0
        assert sum(Decimal(row["cost"] or 0) for row in ledger(world)) == account.used.dollars
        assert {row["outcome"] for row in ledger(world) if not row["tier"]} == {"lost", "malformed"}
        assert "0 model calls and 3 tries whose answer was lost, counted as the most" in (world.check.summary or "")
        assert f"${account.used.dollars:.4f}" in (world.check.summary or "")


@pytest.mark.parametrize(("budget", "told"), [("everything $1/day", ["home-made"]), ("everything 1M/day", [])])
def test_an_operator_hears_at_the_start_of_a_model_without_a_price(
    monkeypatch: pytest.MonkeyPatch, budget: str, told: list[str]
) -> None:
    """With a budget in dollars it would never be asked, and each pull request would say so instead."""
    heard: list[str] = []

    class Log:
        def warning(self, event: str, **about: str) -> None:
            heard.append(f"{about['model']}" if event == "model.unpriced" else event)

    monkeypatch.setattr(watched, "_log", Log())
    watched.spending(load({"REVIEWER_BUDGETS": budget, "REVIEWER_MODEL": "home-made"}), Metrics(), now=lambda: 0.0)
    assert heard == told
