"""The store keeps runs and wishes, on both databases, and the newest wish wins."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa
from databases import database_url, store
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.types import Anchor, Finding, Job, Placed, Severity, Side, Usage
from reviewer.ports import RunRecord, Store
from reviewer.store import SqlStore, engine

__all__ = ["database_url", "store"]

JOB = Job("review", 7, "octo/app", 12, "aaaaaaa1111", "pull_request.opened", "delivery-1")


def push(count: int, **fields: object) -> Job:
    return replace(JOB, delivery=f"delivery-{count}", head=f"{count:07d}ffff", **fields)  # type: ignore[arg-type]


def test_it_is_a_store(store: SqlStore) -> None:
    """The line takes it for the port."""
    port: Store = store
    assert asyncio.run(port.ready()) == ""


# --- wishes ---------------------------------------------------------------------------------------------------------


def test_the_newest_wish_wins(store: SqlStore) -> None:
    """A push makes the run before it unwanted, and names the newer head."""
    asyncio.run(store.want(push(1)))
    assert asyncio.run(store.wanted(push(1))) == ""
    asyncio.run(store.want(push(2)))
    assert asyncio.run(store.wanted(push(1))) == "superseded by 0000002"
    assert asyncio.run(store.wanted(push(2))) == ""


def test_a_redelivery_is_no_new_wish(store: SqlStore) -> None:
    """GitHub sends an old delivery again: the head that came after it stays the one that is wanted."""
    for job in (push(1), push(2), push(1)):
        asyncio.run(store.want(job))
    assert asyncio.run(store.wanted(push(1))) == "superseded by 0000002"
    assert asyncio.run(store.wanted(push(2))) == ""


def test_a_close_ends_every_wish_until_the_next(store: SqlStore) -> None:
    """Closing stops the run, reopening wants a review again."""
    asyncio.run(store.want(push(1)))
    asyncio.run(store.want(push(2, kind="close")))
    assert asyncio.run(store.wanted(push(1))) == "closed"
    assert asyncio.run(store.wanted(push(2, kind="close"))) == ""
    asyncio.run(store.want(push(3)))
    assert asyncio.run(store.wanted(push(3))) == ""


def test_two_deliveries_for_one_head_are_two_wishes(store: SqlStore) -> None:
    """The second may know more (a draft became ready), so it is the one that counts."""
    first, second = push(1), replace(push(1), delivery="delivery-2")
    asyncio.run(store.want(first))
    asyncio.run(store.want(second))
    assert asyncio.run(store.wanted(first)) == "superseded by a newer event on the same head"
    assert asyncio.run(store.wanted(second)) == ""


def test_lanes_do_not_meet(store: SqlStore) -> None:
    """Other pull requests, repositories and installations have wishes of their own; nobody's wish unwants nothing."""
    asyncio.run(store.want(push(1)))
    for other in (push(2, number=13), push(3, repository="octo/other"), push(4, installation=8)):
        asyncio.run(store.want(other))
        assert asyncio.run(store.wanted(other)) == ""
    assert asyncio.run(store.wanted(push(1))) == ""
    assert asyncio.run(store.wanted(push(5, number=99))) == ""


@settings(max_examples=20, deadline=None)  # each example is a database of its own
@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_wishes_are_ordered_by_first_sight(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    """Whatever is redelivered whenever, the wanted one is the delivery that was seen for the first time last."""
    store = SqlStore(engine(f"sqlite:///{tmp_path_factory.mktemp('wishes')}/reviewer.db"))
    store.create_tables()
    for number in order:
        store._want(push(number))
    newest = list(dict.fromkeys(order))[-1]
    assert [number for number in set(order) if store._wanted(push(number)) == ""] == [newest]
    store.close()


def test_wishes_of_many_threads_have_one_winner(store: SqlStore) -> None:
    """However the writers race, each delivery counts once and exactly one is wanted."""
    jobs = [push(number) for number in range(8)]
    threads = [threading.Thread(target=store._want, args=(job,)) for job in jobs * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(store._wanted(job) == "" for job in jobs) == 1
    with store.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT sequence FROM wishes")).scalars().all() == [8]


# --- checks and runs ------------------------------------------------------------------------------------------------


def test_steps_of_a_run_are_kept_in_order(store: SqlStore) -> None:
    """What it set out to do last comes last, also when it had done that before; ids are larger than 32 bits."""
    assert asyncio.run(store.steps(JOB, "run-1")) == {}
    for step, result in (("check:a", 0), ("check:a", 4_000_000_000), ("check:b", 0), ("check:a", 50_000_000_000)):
        asyncio.run(store.keep_step(JOB, "run-1", step, result))
    assert list(asyncio.run(store.steps(JOB, "run-1")).items()) == [("check:b", 0), ("check:a", 50_000_000_000)]
    assert asyncio.run(store.steps(replace(JOB, installation=8), "run-1")) == {}


def record() -> RunRecord:
    finding = Finding(
        "a.py", 3, None, "secret = SOURCE", Severity.HIGH, "bug", 0.9, "Wrong", "SOURCE body", "SOURCE fix"
    )
    placed = Placed(finding, Anchor("a.py", Side.RIGHT, 4), code="SOURCE code", fingerprint="f1", confirmed=True)
    cost = Decimal("0.1234567890123456789")
    return RunRecord(
        JOB, "run-1", "aaaaaaa1111", "failure", "1 finding", (placed,), Usage(10, 4, 5, 1, 2), cost, "m", "p1", 1.5
    )


def test_a_run_rests_without_source_code(store: SqlStore) -> None:
    """The database keeps where and what a finding is, not the code that it quotes; money to the last digit."""
    asyncio.run(store.keep_run(record()))
    asyncio.run(store.keep_run(replace(record(), title="again")))
    kept = asyncio.run(store.run_of(7, "run-1"))
    assert kept == {
        "installation": 7,
        "run": "run-1",
        "repository": "octo/app",
        "number": 12,
        "trigger": "pull_request.opened",
        "head": "aaaaaaa1111",
        "conclusion": "failure",
        "title": "again",
        "findings": [
            {
                "path": "a.py",
                "line": 4,
                "severity": "high",
                "confidence": 0.9,
                "source": "model",
                "category": "bug",
                "title": "Wrong",
                "fingerprint": "f1",
                "confirmed": True,
                "placed": True,
            }
        ],
        "usage": {"input": 10, "cached": 4, "output": 5, "reasoning": 1, "calls": 2},
        "cost": "0.1234567890123456789",
        "model": "m",
        "prompt_version": "p1",
        "seconds": 1.5,
        "problem": "",
        "shown": "",
        "check_id": 0,
        "blocking": {},
        "created": 1_700_000_000,
    }
    assert "SOURCE" not in str(kept)
    assert asyncio.run(store.run_of(8, "run-1")) is None


def test_every_primary_key_begins_with_the_installation(store: SqlStore) -> None:
    """Installations are independent of one another; a query without one would tie them together."""
    inspector = sa.inspect(store.engine)
    ours = [name for name in inspector.get_table_names() if not name.startswith("sqlite")]
    of_workers = ["alembic_version", "credentials", "leases", "signed_out", "takeovers", "workers"]
    of_installations = [
        *("answers", "configs", "deliveries", "dismissals", "overrides", "pauses", "policies", "reservations", "runs"),
        *("steps", "wishes", "accounts", "acts", "calls", "commands", "fates", "keys", "looks", "open_calls"),
    ]
    assert sorted(ours) == sorted([*of_installations, *of_workers])
    for name in set(ours) - set(of_workers):
        assert inspector.get_pk_constraint(name)["constrained_columns"][0] == "installation"
