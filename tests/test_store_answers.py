"""Answers are kept for their installation alone, and each is asked for once however many want it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import sqlalchemy as sa
from databases import database_url, sqlite_url, store

from reviewer.memory import MemoryAnswers
from reviewer.ports import Answers, Entry
from reviewer.store import SqlStore, engine
from reviewer.store.answers import JUST
from reviewer.store.tables import ANSWERS, RESERVATIONS

__all__ = ["database_url", "sqlite_url", "store"]

OLD_TABLE = """CREATE TABLE answers (installation BIGINT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL,
created BIGINT NOT NULL, used FLOAT DEFAULT 0 NOT NULL, PRIMARY KEY (installation, key))"""


def entries(**texts: str) -> dict[str, Entry]:
    return {key: Entry(text, "chunk", "octo/app#12") for key, text in texts.items()}


def in_threads(works: Iterable[Callable[[], object]]) -> None:
    """All begin at once; what one of them raises is raised here."""
    waiting = [*works]
    barrier, failed = threading.Barrier(len(waiting)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


@contextmanager
def later(store: SqlStore, seconds: float) -> Iterator[None]:
    """As if time had gone by: PostgreSQL's clock cannot be moved, but what is written can be moved back."""
    for column in (ANSWERS.c.created, ANSWERS.c.used, RESERVATIONS.c.until):
        with store.transaction() as connection:
            connection.execute(sa.update(column.table).values({column: column - seconds}))
    yield


# --- answers --------------------------------------------------------------------------------------------------------


def test_answers_come_back_by_key(store: SqlStore) -> None:
    """Absent keys are left out, a kept one is replaced, and the text is kept to the letter."""
    kept = {"a": '{"x": "é 🦀 \\u0000"}', "b": "", "c": "'; DROP TABLE answers; --"}
    asyncio.run(store.keep_answers(7, entries(**kept)))
    asyncio.run(store.keep_answers(7, entries(a="newer")))
    asyncio.run(store.keep_answers(7, {}))
    assert asyncio.run(store.answers(7, ["a", "b", "c", "d"])) == {**kept, "a": "newer"}
    assert asyncio.run(store.answers(7, [])) == {}


def test_answers_belong_to_their_installation(store: SqlStore) -> None:
    """One customer's cache never answers another's."""
    asyncio.run(store.keep_answers(7, entries(a="seven")))
    asyncio.run(store.keep_answers(8, entries(a="eight")))
    assert asyncio.run(store.answers(7, ["a"])) == {"a": "seven"}
    assert asyncio.run(store.answers(9, ["a"])) == {}
    assert (
        asyncio.run(store.reserve(7, ["b"], "run-1", 60)) == asyncio.run(store.reserve(8, ["b"], "run-2", 60)) == {"b"}
    )


def test_a_great_many_answers(store: SqlStore) -> None:
    """A review of thousands of chunks fits, whatever number of variables a statement may have."""
    kept = {f"key-{number}": f"{number}" for number in range(2_345)}
    assert asyncio.run(store.reserve(7, list(kept), "run-1", 60)) == set(kept)
    asyncio.run(store.keep_answers(7, entries(**kept)))
    assert asyncio.run(store.answers(7, list(kept))) == kept


def test_what_made_an_answer_stands_beside_it(store: SqlStore) -> None:
    """Its kind, place, model, prompt and parameters; whatever is no text for a database is mended, not refused."""
    odd = Entry("half \ud83d of\0 it", "question", "octo/app#12", "gpt\0", "review@12", '{"effort": "low"}')
    asyncio.run(store.keep_answers(7, {"a": odd, "b": Entry("b", "vector", "octo/app"), "c": Entry("c", "form")}))
    with store.transaction() as connection:
        rows = connection.execute(sa.select(ANSWERS).order_by(ANSWERS.c.key)).all()
    assert [(row.kind, row.repository, row.number) for row in rows] == [
        ("question", "octo/app", 12),
        ("vector", "octo/app", 0),
        ("form", "", 0),
    ]
    assert (rows[0].model, rows[0].prompt, rows[0].parameters) == ("gpt\ufffd", "review@12", '{"effort": "low"}')
    assert asyncio.run(store.answers(7, ["a"])) == {"a": "half \ufffd of\ufffd it"}


def test_whether_anything_is_kept_for_a_scope(store: SqlStore) -> None:
    """A pull request's own answers only: not its repository's, its neighbour's or another installation's."""
    asyncio.run(store.keep_answers(7, entries(a="x")))
    scopes = ["octo/app#12", "octo/app#1", "octo/app", "octo/app#", "octo/app#12x", ""]
    assert [asyncio.run(store.holds(7, scope)) for scope in scopes] == [True, *[False] * 5]
    assert not asyncio.run(store.holds(8, "octo/app#12"))


def test_an_older_programs_table_is_brought_up(database_url: str) -> None:
    """Its answers are read as before and count as chunks; two starts at once do no harm."""
    made = SqlStore(engine(database_url), now=lambda: 1_700_000_000.0)
    with made.transaction() as connection:
        connection.exec_driver_sql(OLD_TABLE)
        connection.exec_driver_sql("INSERT INTO answers VALUES (7, 'a', 'kept', 1699999000, 1699990000.0)")
    in_threads([partial(made.create_tables, upgrade=True)] * 3)
    assert asyncio.run(made.answers(7, ["a"])) == {"a": "kept"}
    asyncio.run(made.keep_answers(7, entries(b="new")))
    with made.transaction() as connection:
        assert connection.execute(sa.select(ANSWERS.c.kind)).scalars().all() == ["chunk"] * 2
        indexes = {index["name"] for index in sa.inspect(connection).get_indexes("answers")}
    assert indexes == {"answers_by_use", "answers_by_scope"}
    made.close()


# --- reservations ---------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sql", "memory"])
def either(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """The cache of the server and that of the local tool, which the tests of the line work with."""
    if request.param == "memory":
        yield MemoryAnswers()
        return
    made = SqlStore(engine(f"sqlite:///{tmp_path_factory.mktemp('either')}/reviewer.db"))
    made.create_tables()
    yield made
    made.close()


def test_who_comes_second_is_not_given_it(either: Answers) -> None:
    """A key is one holder's until the answer is kept or the holder lets go; the same holder has it again."""

    async def story() -> None:
        assert await either.reserve(7, ["a", "b", "c"], "one", 60) == {"a", "b", "c"}
        assert await either.reserve(7, ["c", "a", "d"], "two", 60) == {"d"}
        assert await either.reserve(7, ["a"], "one", 60) == {"a"}
        await either.release(7, ["a", "d"], "one")
        assert await either.reserve(7, ["a", "b", "c", "d"], "two", 60) == {"a", "d"}
        await either.keep_answers(7, entries(b="answered"))
        assert await either.answers(7, ["a", "b"]) == {"b": "answered"}
        assert await either.holds(7, "octo/app#12")
        assert await either.reserve(7, [], "one", 60) == frozenset()

    asyncio.run(story())


def test_a_run_that_ends_lets_go_of_all(store: SqlStore) -> None:
    """Of its own alone, unless it speaks for its pull request: there who came before it is dead."""

    async def story(either: Answers) -> None:
        await either.reserve(7, ["a", "b"], "dead", 60, "octo/app#12")
        await either.reserve(7, ["c"], "other", 60, "octo/app#1")
        await either.reserve(7, ["d"], "mine", 60, "octo/app#12")
        await either.release_all(7, "mine")
        assert await either.reserve(7, ["a", "b", "c", "d"], "next", 60, "octo/app#12") == {"d"}
        await either.release_all(7, "next", "octo/app#12")
        assert await either.reserve(7, ["a", "b", "c", "d"], "last", 60) == {"a", "b", "d"}
        await either.release_all(7, "", "")
        await either.release_all(8, "last", "octo/app#1")
        assert await either.reserve(7, ["a", "c"], "next", 60) == frozenset()

    asyncio.run(story(store))


def test_a_dead_holder_is_followed(store: SqlStore) -> None:
    """Once its time is over the next one asks, and the dead one's own word counts no more."""
    asyncio.run(store.reserve(7, ["a", "b"], "dead", 60))
    with later(store, 59):
        assert asyncio.run(store.reserve(7, ["a"], "next", 60)) == frozenset()
    with later(store, 2):
        assert asyncio.run(store.reserve(7, ["a"], "next", 60)) == {"a"}
    asyncio.run(store.release(7, ["a"], "dead"))
    assert asyncio.run(store.reserve(7, ["a", "b"], "dead", 60)) == {"b"}


def test_what_was_answered_since_the_look_is_not_asked_again(database_url: str) -> None:
    """Between a look and a reservation another one may keep the answer; one that cannot be read does not bar for long."""
    store = SqlStore(engine(database_url))
    store.create_tables()
    assert asyncio.run(store.answers(7, ["a"])) == {}
    asyncio.run(store.reserve(7, ["a"], "one", 60))
    asyncio.run(store.keep_answers(7, entries(a="answered")))
    assert asyncio.run(store.reserve(7, ["a", "b"], "two", 60)) == {"b"}
    with later(store, JUST + 2):
        assert asyncio.run(store.reserve(7, ["a"], "three", 60)) == {"a"}
    store.close()


def test_each_key_is_paid_for_once(database_url: str) -> None:
    """However workers with overlapping keys race, ask, keep and let go: nobody asks for what another one asks for."""
    shared = SqlStore(engine(database_url))
    shared.create_tables()
    keys = [f"key-{number}" for number in range(40)]
    paid: list[str] = []

    def worker(name: str, wanted: list[str]) -> None:
        while missing := [*{*wanted} - {*shared._answers(7, wanted)}]:
            asked, spared = (mine := [*shared._reserve(7, missing, name, 60)])[:5], mine[5:]
            paid.extend(asked)
            shared._release(7, spared, name)
            if asked:
                shared._keep_answers(7, entries(**dict.fromkeys(asked, name)))

    in_threads([lambda n=n: worker(f"run-{n}", keys[n * 4 :] + keys[: n * 4 - 8]) for n in range(6)])  # type: ignore[misc]
    assert sorted(paid) == sorted(keys)
    with shared.transaction() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(RESERVATIONS)).scalar_one() == 0
    shared.close()
