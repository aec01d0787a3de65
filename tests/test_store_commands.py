"""Commands are counted for an hour, once each, whoever else is counted at the same time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import sqlalchemy as sa
from databases import database_url, store

from reviewer.core.types import Job
from reviewer.ports import HOUR, Hourly, LetIn
from reviewer.store import SqlStore
from reviewer.store.tables_commands import COMMANDS

__all__ = ["database_url", "store"]

FEW = Hourly(2, 3)
JOB = Job("command", 7, "octo/app", 1, "", "issue_comment.created", "c1", author="Ann")


def let_in(store: SqlStore, run: str, count: int = 1, *, limits: Hourly = FEW, **about: str) -> LetIn:
    return asyncio.run(store.let_in(replace(JOB, **about), run, count, limits))  # type: ignore[arg-type]


def refused(store: SqlStore, run: str, why: str = "role", **about: object) -> int:
    return asyncio.run(store.refused(replace(JOB, **about), run, why))  # type: ignore[arg-type]


def ages(store: SqlStore, seconds: float) -> float:
    """What was counted is so much older (PostgreSQL has a clock of its own); what the clock says."""
    with store.transaction() as connection:
        connection.execute(sa.update(COMMANDS).values(at=COMMANDS.c.at - seconds))
        return store.time(connection)


def test_a_person_has_so_many_commands_in_an_hour(store: SqlStore) -> None:
    """In each repository; what is over it is told when it goes on: once the oldest one that fills it is forgotten."""
    assert let_in(store, "c1").count == 1
    ages(store, 600)
    assert let_in(store, "c2", 5, author="ann").count == 1
    told = let_in(store, "c3", author="ANN")
    assert (told.count, told.limit, told.own) == (0, 2, True)
    assert HOUR - 700 < told.until - ages(store, 0) <= HOUR - 600
    assert let_in(store, "c3", repository="octo/other").count == 1
    assert let_in(store, "c3", limits=Hourly(0, 0)).count == 1
    ages(store, HOUR - 600)
    assert let_in(store, "c3", 2).count == 1


def test_a_repository_has_so_many_commands_in_an_hour(store: SqlStore) -> None:
    """Of all people together; the limit that lasts longest is told."""
    assert [let_in(store, name, author=name).count for name in ("a", "b", "c")] == [1, 1, 1]
    told = let_in(store, "d", author="d")
    assert (told.count, told.limit, told.own) == (0, 3, False)
    assert let_in(store, "d", author="d", limits=Hourly(2, 0)).count == 1


def test_a_comment_is_counted_once(store: SqlStore) -> None:
    """However often its job is done again, and however many others come in between."""
    assert [let_in(store, "c1", 2).count for _ in range(2)] == [2, 2]
    assert let_in(store, "c2", author="bob").count == 1
    assert let_in(store, "c1", 2).count == 2


def test_comments_that_come_at_once_are_counted_one_after_the_other(store: SqlStore) -> None:
    """By however many workers."""
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda nth: let_in(store, f"c{nth}", limits=Hourly(4, 0)).count, range(6)))
    assert sum(given) == 4


def test_refusals_are_counted_for_each_person_pull_request_and_reason(store: SqlStore) -> None:
    """For an hour; a run that asks again is told the same."""
    assert [refused(store, name) for name in ("c1", "c2", "c1", "c2", "c3")] == [0, 1, 0, 1, 2]
    assert refused(store, "c4", number=2) == refused(store, "c4", author="bob") == refused(store, "c4", "limit") == 0
    assert refused(store, "c4", author="ann") == 3
    assert let_in(store, "c1").count == 1
    ages(store, HOUR)
    assert refused(store, "c5") == 0
