"""`reviewer keys`: the keys that installations bring themselves, sealed in the database under a master key."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from reviewer.commands.asked import asked_key
from reviewer.core.errors import UsageError
from reviewer.core.render.rulings import utc
from reviewer.core.render.words import many
from reviewer.credentials import seal_anew
from reviewer.interrupts import run
from reviewer.ports.keys import KeptKey, in_the_clear, last_of
from reviewer.printing import say
from reviewer.sealing import NO_MASTER, VARIABLE, Seal, new_master
from reviewer.settings import Settings
from reviewer.settings.kinds import http_url
from reviewer.store import SqlStore, engine
from reviewer.store.engine import missing

OPENAI = "OpenAI"
TRIES = 5  # to seal a key anew that somebody else is changing


def set_key(settings: Settings, installation: int, base_url: str | None) -> None:
    """Keep the key that comes in by stdin or a prompt, in place of the one before."""
    seal = _seal(settings)
    if not settings.secret_keys:
        raise UsageError(NO_MASTER)
    address = _address(base_url or settings.openai_base_url or "")
    if in_the_clear(address):
        raise UsageError(
            f"The key would go to {address} in the clear, where anybody on the way could read it: give --base-url an "
            "address that begins with https:// (http:// is for this machine alone)."
        )
    with _opened(settings, made=True) as store:
        key = asked_key(f"Key of installation {installation} (it is not shown): ")
        sealed = seal.seal(installation, key, address)
        run(store.keep_own_key(KeptKey(installation, sealed, address, last_of(key), _who())))
    say(
        f"Installation {installation} pays for its reviews with its own key …{last_of(key)} at {address or OPENAI}, "
        "from the next minute on."
    )


def list_keys(settings: Settings) -> None:
    seal = _seal(settings)
    with _opened(settings) as store:
        found = run(store.own_keys())
    for kept in found:
        by = f" by {kept.by}" if kept.by else ""
        say(f"{kept.installation}: …{kept.last} at {kept.base_url or OPENAI}, kept {utc(kept.at)}{by}")
        if why := _unreadable(seal, kept):
            say(f"    {why}")
    if not found:
        say("No installation has a key of its own.")


def remove_key(settings: Settings, installation: int) -> None:
    with _opened(settings) as store:
        there = run(store.drop_own_key(installation))
    if not there:
        raise UsageError(f"Installation {installation} has no key of its own: `reviewer keys list` shows who has one.")
    say(f"The own key of installation {installation} is gone; the operator's is used from the next minute on.")


def rotate(settings: Settings) -> None:
    """Seal every key anew with the first master key. Raises UsageError, at the end, for those that cannot be read."""
    if not settings.secret_keys:
        raise UsageError(NO_MASTER)
    seal = _seal(settings)
    with _opened(settings) as store:
        done, left = run(_rotate(store, seal))
        try:
            done += seal_anew(settings, store)
        except UsageError as error:
            left.append(str(error))
    if done or not left:
        say(f"{many(done, 'key')} sealed anew with the first master key.")
    if left:
        raise UsageError(f"{many(len(left), 'key')} stayed as before, so no master key may go yet. {left[0]}")
    say(f"The other master keys may be taken out of {VARIABLE}.")


def print_new_master() -> None:
    say(new_master())


async def _rotate(store: SqlStore, seal: Seal) -> tuple[int, list[str]]:
    """How many were sealed anew, and why the others were not."""
    done, left = 0, list[str]()
    for kept in await store.own_keys():
        try:
            done += await _resealed(store, seal, kept)
        except UsageError as error:
            left.append(str(error))
    return done, left


async def _resealed(store: SqlStore, seal: Seal, kept: KeptKey | None) -> bool:
    """Raises UsageError where the key cannot be read."""
    for _ in range(TRIES):
        if kept is None:
            return False  # removed meanwhile
        if await store.reseal(kept, seal.seal(kept.installation, seal.open(kept), kept.base_url)):
            return True
        kept = await store.own_key(kept.installation)
    raise UsageError("Somebody else is changing keys just now: try again.")


def _unreadable(seal: Seal, kept: KeptKey) -> str:
    try:
        seal.open(kept)
    except UsageError as error:
        return str(error)
    return ""


def _seal(settings: Settings) -> Seal:
    return Seal([master.get_secret_value() for master in settings.secret_keys])


@contextmanager
def _opened(settings: Settings, *, made: bool = False) -> Iterator[SqlStore]:
    """The database of `serve`, with `made` also where it is not there yet."""
    if not made and (why := missing(settings.database_url)):
        raise UsageError(why)
    store = SqlStore(engine(settings.database_url))
    try:
        store.create_tables()
        yield store
    finally:
        store.close()


def _address(url: str) -> str:
    """Raises UsageError for one that is none, or that holds a password: it is shown in the clear."""
    try:
        if not url or not urlsplit(url).username:
            return http_url(url) if url else ""
    except ValueError:
        pass
    raise UsageError(
        "--base-url must be an address that begins with https:// (or http://), names a host and holds no password, "
        "like https://models.example.com/v1."
    )


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may know no name for its user
        return ""
