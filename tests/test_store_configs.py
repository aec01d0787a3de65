"""The last configuration that could be read is kept for each branch, on both databases."""

from __future__ import annotations

import asyncio

from databases import database_url, store

from reviewer.ports import KeptConfig
from reviewer.store import SqlStore
from reviewer.store.past import newest_config

__all__ = ["database_url", "store"]

KEY = (7, "octo/app", "main")


def test_each_branch_has_its_own(store: SqlStore) -> None:
    """Another installation, repository or branch is another file; none is known before it was read."""
    asyncio.run(store.keep_config(*KEY, KeptConfig(".reviewer.yml", "gate: {}\0\ud800", "d")))
    assert asyncio.run(store.kept_config(*KEY)) == KeptConfig(".reviewer.yml", "gate: {}\ufffd\ufffd", "d")
    for other in ((8, *KEY[1:]), (7, "octo/other", "main"), (7, "octo/app", "next\0")):
        assert asyncio.run(store.kept_config(*other)) is None


def test_the_newest_counts_and_is_seen_again(store: SqlStore) -> None:
    """A file that is gone leaves nothing to fall back on; one that stays is marked as in use once a day."""
    for at, path, text in ((1e9, "a", "1"), (1e9 + 5, "", ""), (1e9 + 9, "a", "2"), (1e9 + 99, "a", "2")):
        store.now = lambda at=at: at  # type: ignore[misc]
        asyncio.run(store.keep_config(*KEY, KeptConfig(path, text)))
        assert asyncio.run(store.kept_config(*KEY)) == KeptConfig(path, text)
    assert store._kept_config(*KEY) == (KeptConfig("a", "2"), 1e9 + 9)
    store.now = lambda: 1e9 + 100_000
    asyncio.run(store.keep_config(*KEY, KeptConfig("a", "2")))
    assert store._kept_config(*KEY) == (KeptConfig("a", "2"), 1e9 + 100_000)
    assert newest_config(store, 7, "octo/app") == KeptConfig("a", "2")
