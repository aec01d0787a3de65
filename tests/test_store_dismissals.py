"""Dismissals come back as they were kept, the newest first, and nobody can fill the database with them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from databases import database_url, store
from test_store_answers import in_threads

from reviewer.core.types import Dismissal
from reviewer.store import SqlStore
from reviewer.store.dismissals import LABEL, LENGTHS, MOST
from reviewer.store.tables import DISMISSALS

__all__ = ["database_url", "store"]

WORDS = ("it's; DROP TABLE dismissals; --", "b%sc%(x)s", "é 🦀", "SELECT 1")
DISMISSAL = Dismissal(12, "f1", "src/a.py", *WORDS, "Wrong", "It is wrong.", "on purpose", "octo-cat", 1_699_000_000.5)


def keep(store: SqlStore, dismissal: Dismissal, *, installation: int = 7, repository: str = "octo/app") -> None:
    asyncio.run(store.keep_dismissal(installation, repository, dismissal))


def kept(store: SqlStore, *, installation: int = 7, repository: str = "octo/app") -> tuple[Dismissal, ...]:
    return asyncio.run(store.dismissals(installation, repository))


def test_a_dismissal_comes_back(store: SqlStore) -> None:
    """To the letter, for its own installation and repository; one without a time is of now."""
    keep(store, DISMISSAL)
    keep(store, replace(DISMISSAL, number=13, at=0.0))
    assert kept(store) == (replace(DISMISSAL, number=13, at=1_700_000_000.0), DISMISSAL)
    assert kept(store, installation=8) == kept(store, repository="octo/other") == ()


def test_a_reason_is_not_lost_to_a_button(store: SqlStore) -> None:
    """Whoever presses a button after a reason was given does not take it away; a newer reason takes its place."""
    for reason, stands in (("", ""), ("on purpose", "on purpose"), ("", "on purpose"), ("a test", "a test")):
        keep(store, replace(DISMISSAL, reason=reason))
        assert [each.reason for each in kept(store)] == [stands]


def test_a_dismissal_can_be_forgotten(store: SqlStore) -> None:
    """The one that is named by pull request and fingerprint, and it is said whether there was one."""
    long = "n" * (LABEL + 1)
    for dismissal in (DISMISSAL, replace(DISMISSAL, number=13), replace(DISMISSAL, name=long)):
        keep(store, dismissal)
    told = [(12, "f1"), (12, "f1"), (12, "f2"), (12, long)]
    assert [asyncio.run(store.forget_dismissal(7, "octo/app", *one)) for one in told] == [True, False, False, True]
    assert not asyncio.run(store.forget_dismissal(8, "octo/app", 13, "f1"))
    assert [each.number for each in kept(store)] == [13]


def test_hostile_words_are_cut_and_mended(store: SqlStore) -> None:
    """No text is longer than it may be, and what is no text for a database keeps nothing from being kept."""
    bad = "\0\ud83d\udc00\ud800" + "🦀" * 9_000
    words: dict[str, Any] = dict.fromkeys(
        ("name", "path", "code", "context", "category", "severity", "title", "body", "by"), bad
    )
    keep(store, replace(DISMISSAL, reason=bad, **words))
    (found,) = kept(store)
    for name in (*words, "reason"):
        text = getattr(found, name)
        assert text.startswith("\ufffd")
        assert "\0" not in text
        assert text.encode().decode() == text
        assert len(text) <= LENGTHS.get(name, LABEL)
    assert (len(found.title), len(found.body), len(found.code), len(found.reason)) == (299, 3_999, 1_999, 1_999)


def test_the_oldest_make_room(store: SqlStore) -> None:
    """So many of a repository at most, also when several come at once; its neighbours have their own."""
    keep(store, DISMISSAL, repository="octo/other")
    row = asdict(DISMISSAL) | {"installation": 7, "repository": "octo/app", "command": 0}
    with store.transaction() as connection:
        connection.execute(sa.insert(DISMISSALS), [row | {"number": n, "at": 1_000.0 + n} for n in range(MOST)])
    numbers = range(MOST, MOST + 6)
    in_threads([lambda n=n: keep(store, replace(DISMISSAL, number=n, at=1_000.0 + n)) for n in numbers])  # type: ignore[misc]
    assert [each.number for each in kept(store)] == list(range(MOST + 5, 5, -1))
    keep(store, replace(DISMISSAL, number=MOST + 6))
    with store.transaction() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(DISMISSALS)).scalar_one() == MOST + 1
    assert len(kept(store, repository="octo/other")) == 1


def test_a_command_outlasts_a_button(store: SqlStore) -> None:
    """It tells what no thread may tell; given again it brings back what was forgotten, which no button does."""
    plain = replace(DISMISSAL, reason="")
    said = replace(plain, command=True)
    for dismissal, stands in ((plain, plain), (said, said), (plain, said)):
        keep(store, dismissal)
        assert kept(store) == (stands,)
    assert asyncio.run(store.forget_dismissal(7, "octo/app", 12, "f1"))
    for dismissal, found in ((plain, ()), (replace(plain, reason="read from its thread"), ()), (said, (said,))):
        keep(store, dismissal)
        assert kept(store) == found
