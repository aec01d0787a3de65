"""An installation's own key lies sealed in the database, bound to whom it is for; on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from databases import database_url, store

from reviewer.core.errors import UsageError
from reviewer.ports.keys import KeptKey, last_of
from reviewer.sealing import Seal, new_master
from reviewer.store import SqlStore

__all__ = ["database_url", "store"]

OLD, NEW = new_master(), new_master()
KEY = "sk-of-installation-seven-1234"


def kept(
    installation: int = 7, base_url: str = "https://x.example/v1", *, master: str = OLD, key: str = KEY
) -> KeptKey:
    sealed = Seal([master]).seal(installation, key, base_url)
    return KeptKey(installation, sealed, base_url, last_of(key), "ann", 1e9)


def test_only_a_master_key_opens_it() -> None:
    """The first one seals, all open; what is kept shows nothing of the key, and its `repr` not even that."""
    assert Seal([OLD]).open(kept()) == Seal([NEW, OLD]).open(kept()) == KEY
    assert Seal([NEW]).open(kept(master=NEW)) == KEY
    assert KEY not in kept().sealed
    assert kept().sealed not in repr(kept())
    assert Seal([OLD]).seal(7, KEY, "") != Seal([OLD]).seal(7, KEY, "")


@pytest.mark.parametrize(("masters", "words"), [([], "without the master key"), ([NEW], "under another master key")])
def test_a_lost_master_key_is_one_clear_sentence(masters: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Seal(masters).open(kept())
    assert str(caught.value).startswith("The own key of installation 7 ")
    assert "REVIEWER_SECRET_KEY" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "moved",
    [replace(kept(), installation=8), replace(kept(), base_url=""), replace(kept(), base_url="https://evil.example")],
)
def test_a_row_cannot_be_moved(moved: KeptKey) -> None:
    """Whoever can write to the database can neither use another's key nor have it sent to a server of their own."""
    with pytest.raises(UsageError, match="kept for another installation or server"):
        Seal([OLD]).open(moved)


@pytest.mark.parametrize("sealed", ["", "x", "é", "gAAAAA==", "[1]", "not json"])
def test_what_is_damaged_is_not_opened(sealed: str) -> None:
    """Neither what no master key has sealed nor what holds something else."""
    for text in (sealed, Fernet(OLD).encrypt(sealed.encode()).decode()):
        with pytest.raises(UsageError, match="reviewer keys set --installation 7"):
            Seal([OLD]).open(replace(kept(), sealed=text))


def test_nothing_of_a_short_key_is_shown() -> None:
    """Four characters of a short one would be much of it."""
    assert (last_of(KEY), last_of("x" * 15)) == ("1234", "")


def test_each_installation_has_one_key(store: SqlStore) -> None:
    """The newest; removed, it is gone; a stranger's has nothing to do with it."""

    async def story() -> None:
        assert await store.own_key(7) is None
        assert await store.own_keys() == ()
        first, other = kept(), kept(3, key="sk-another")
        for key in (first, other):
            await store.keep_own_key(key)
        assert await store.own_key(7) == first
        assert await store.own_keys() == (other, first)
        second = replace(kept(key="sk-second"), by="bob\0", at=0.0)
        await store.keep_own_key(second)
        assert await store.own_key(7) == replace(second, by="bob\N{REPLACEMENT CHARACTER}", at=1_700_000_000.0)
        assert [await store.drop_own_key(7), await store.drop_own_key(7)] == [True, False]
        assert await store.own_keys() == (other,)

    asyncio.run(story())


def test_sealing_anew_undoes_no_change(store: SqlStore) -> None:
    """A key that was set or removed while all were sealed anew stays as it was set."""

    async def story() -> None:
        before, meanwhile = kept(), kept(key="sk-meanwhile")
        await store.keep_own_key(meanwhile)
        assert not await store.reseal(before, "x")
        assert await store.own_key(7) == meanwhile
        assert await store.reseal(meanwhile, "y")
        assert await store.own_key(7) == replace(meanwhile, sealed="y")
        assert not await store.reseal(kept(8), "z")

    asyncio.run(story())
