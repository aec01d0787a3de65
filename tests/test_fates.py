"""What became of each finding that was said is kept once, and added up by pull request and by day, on both databases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from databases import database_url, sqlite_url, store
from structlog.testing import capture_logs

from reviewer.core.quality import Pull, Share
from reviewer.core.types import Dismissal, Quality
from reviewer.falling import DAY, FRESH, Falling
from reviewer.ports.fates import Became, Fates, Looked
from reviewer.store import Results, SqlStore, Workers, engine, results
from reviewer.store.schema import VERSIONS
from reviewer.store.tables_fates import FATES, LOOKS

__all__ = ["database_url", "sqlite_url", "store"]

GOOD = Quality(answers=2, findings=3, checked=1)
NOW = 1_700_000_000.0


class Shelf:
    """A store at a moment that the test moves."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.at = store, NOW
        self.store.now = lambda: self.at
        self.results, self.runs = Results(store), 0

    def looks(self, number: int = 1, said: Mapping[str, str] | str = "", prompt: str = "a@1", **of: Any) -> None:
        self.runs += 1
        names = dict.fromkeys(said.split(), "high") if isinstance(said, str) else said
        told = {"run": f"run-{self.runs}", "model": "m", "tokens": 100, "quality": GOOD, **of}
        asyncio.run(self.store.keep_look(Looked(7, "octo/app", number, prompt=prompt, said=names, **told)))

    def pulls(self, since: float = 0.0) -> list[Pull]:
        return self.results.pulls(["a@1", "b@1"], since)

    def fates(self) -> dict[str, str]:
        with self.store.transaction() as connection:
            return {row.name: row.fate for row in connection.execute(sa.select(FATES).order_by(FATES.c.name))}


@pytest.fixture
def shelf(store: SqlStore) -> Shelf:
    return Shelf(store)


@pytest.fixture
def file(sqlite_url: str) -> Iterator[Shelf]:
    """For what the database makes no difference to."""
    made = SqlStore(engine(sqlite_url))
    made.create_tables()
    yield Shelf(made)
    made.close()


def test_the_store_keeps_fates(file: Shelf) -> None:
    """As the ports say it."""
    fates: Fates = file.store
    assert fates is file.store


def test_a_finding_is_said_once_and_has_one_fate(shelf: Shelf) -> None:
    """The prompt that said it first has said it; what was never said is not kept; the newest fate counts."""
    shelf.looks(1, "x y z w")
    shelf.at += 60
    became: dict[str, Became] = {"x": "fixed", "y": "dismissed", "z": "outdated", "never said": "fixed"}
    shelf.looks(1, "x", prompt="b@1", became=became)
    assert shelf.fates() == {"w": "open", "x": "fixed", "y": "dismissed", "z": "outdated"}
    shelf.looks(1, prompt="b@1", became={"x": "open", "w": "refuted"})
    assert shelf.fates() == {"w": "refuted", "x": "open", "y": "dismissed", "z": "outdated"}
    (second, first) = shelf.pulls()
    assert (first.said, first.fixed, first.dismissed, first.refuted, first.outdated) == (4, 0, 1, 1, 1)
    assert (second.prompt, second.said, second.tokens, second.answers) == ("b@1", 0, 200, 4)


def test_a_run_that_is_kept_twice_counts_once(file: Shelf) -> None:
    """It may die between two writes."""
    for _ in range(2):
        file.looks(1, "x", run="same", quality=Quality(answers=3, unread=1))
    (pull,) = file.pulls()
    assert (pull.said, pull.tokens, pull.answers, pull.unread) == (1, 100, 3, 1)


def test_what_is_dismissed_after_the_last_look_counts(shelf: Shelf) -> None:
    """On a closed pull request no review follows; what was forgotten again does not count."""
    shelf.looks(1, "x y")
    for name in ("x", "y"):
        dismissal = Dismissal(1, name, "a.py", code="", context="", category="", severity="", title="", body="")
        asyncio.run(shelf.store.keep_dismissal(7, "octo/app", dismissal))
    asyncio.run(shelf.store.forget_dismissal(7, "octo/app", 1, "y"))
    (pull,) = shelf.pulls()
    assert (pull.said, pull.dismissed) == (2, 1)


def test_hostile_names_are_cut(shelf: Shelf) -> None:
    """And many are no matter."""
    bad = "\0\ud800" + "x" * 900
    names: dict[str, Became] = {f"n{at}": "fixed" for at in range(1_200)}
    shelf.looks(1, {bad: bad, **dict.fromkeys(names, "low")}, became={bad: "fixed", **names}, prompt="a@1")
    assert len(shelf.fates()) == 1_000
    assert set(shelf.fates().values()) == {"fixed"}


def test_labels_and_days_are_told(shelf: Shelf) -> None:
    """By when they were in use, and by the day in UTC on which it happened; empty days are left out."""
    shelf.looks(1, "x y", quality=Quality(answers=4, unread=1, malformed=1, findings=6, astray=2))
    shelf.at += 2 * DAY
    shelf.looks(2, prompt="b@1", quality=Quality(answers=1, checked=5, refuted=2))
    shelf.looks(1, became={"x": "fixed", "y": "dismissed"}, quality=Quality())
    assert [each[:2] for each in shelf.results.labels(0.0)] == [("a@1", 2), ("b@1", 1)]
    assert [each.label for each in shelf.results.labels(shelf.at + 1)] == []
    (today, now), (before, then) = shelf.results.days(5)
    assert today - before == 2
    assert now == {
        "schema": Share(1, 1, 0, (0, 0, 1)),
        "placed": Share(),
        "confirmed": Share(3, 5, 1, (4, 10, 25)),
        "fixed": Share(1, 2, 1, (1, 2, 4)),
    }
    assert (then["schema"], then["placed"]) == (Share(3, 4, 1, (1, 4, 16)), Share(4, 6, 1, (4, 12, 36)))
    assert shelf.pulls(since=NOW + DAY)[0].number == 2 or len(shelf.pulls(since=NOW + DAY)) == 2


def test_what_is_compared_has_a_bound(file: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest looks, with what was said since."""
    monkeypatch.setattr(results, "MOST_LOOKS", 3)
    for number in range(5):
        file.at = NOW + number
        file.looks(number, "x")
    assert file.results.reach(["a@1"], 0.0) == NOW + 1
    assert file.results.reach(["a@1"], NOW + 2) == NOW + 2
    assert [(each.number, each.said) for each in file.pulls(NOW + 2)] == [(4, 1), (3, 1), (2, 1)]


def test_old_ones_go(shelf: Shelf) -> None:
    """After a year and a month."""
    for days in (401, 399):
        shelf.at = time.time() - days * DAY
        shelf.looks(days, "x")
    shelf.store.now = time.time
    assert Workers(shelf.store).prune(at_most=10) == 2
    with shelf.store.transaction() as connection:
        for table in (FATES, LOOKS):
            assert connection.execute(sa.select(table.c.number)).scalars().all() == [399]


def test_what_has_fallen_is_said_once_a_day(file: Shelf) -> None:
    """By one of all processes, and shown by each; without a fall nothing is said."""
    for number in range(36):
        file.at = NOW - DAY * (1 + number % 7) - 60
        file.looks(number, quality=Quality(answers=10))
    file.at = NOW
    workers, past = Workers(file.store), [0.0]

    async def lease(name: str, holder: str, seconds: float) -> bool:
        return workers.lease(name, holder, seconds)

    one, other = (Falling(file.results.shares, lease, now=lambda: file.at, clock=lambda: past[0]) for _ in range(2))
    with capture_logs() as before:
        asyncio.run(one.warn())
        for number in range(10):
            file.looks(number, quality=Quality(answers=8, unread=4))
        asyncio.run(one.warn())
    file.at, past[0] = file.at + FRESH, FRESH
    with capture_logs() as after:
        for falling in (one, other, one):
            asyncio.run(falling.warn())
    assert before == []
    (said,) = after
    assert (said["event"], said["measure"], said["last_day"]) == ("quality.fell", "schema", "50.0% of 80")
    assert [each.measure for each in asyncio.run(other.levels()) if each.fell] == ["schema"]


def test_an_older_database_gets_the_tables(sqlite_url: str) -> None:
    """At the start, beside what is there."""
    made = SqlStore(engine(sqlite_url))
    made.create_tables()
    for table in (FATES, LOOKS, VERSIONS):  # an older program wrote down no revision
        table.drop(made.engine)
    made.create_tables()
    assert Results(made).labels(0.0) == []
    made.close()
