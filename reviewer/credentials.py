"""The credentials that `/setup` got, in the database: sealed under the master key, for all processes of the server."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from reviewer.ports.registering import KeptAlready
from reviewer.sealing import Seal
from reviewer.settings import Settings
from reviewer.store import SqlStore, engine
from reviewer.store.engine import missing


def kept(settings: Settings) -> dict[str, str]:
    """The values by the names of their variables; none without a master key or a database.

    Raises OutsideError for a database that does not answer, UsageError for one sealed under another master key.
    """
    if not settings.secret_keys or missing(settings.database_url):
        return {}
    with _opened(settings) as store:
        sealed = store.credentials()
    seal = _seal(settings)
    return {name: seal.open_credential(name, text) for name, text in sealed.items()}


@dataclass(frozen=True, slots=True)
class Sealed:
    """Satisfies `reviewer.setup.Vault`."""

    settings: Settings

    @property
    def place(self) -> str:
        return "the database, sealed under REVIEWER_SECRET_KEY"

    def check(self) -> None:
        """Raises UsageError or OutsideError for a database that would not take them."""
        with _opened(self.settings) as store:
            store.create_tables()
            store.write_nothing()

    def keep(self, values: Mapping[str, str], *, unless: Collection[str] = ()) -> None:
        """All of them or none. Raises KeptAlready where one of `unless` is kept, else UsageError or OutsideError."""
        seal = _seal(self.settings)
        sealed = {name: seal.seal_credential(name, value) for name, value in values.items()}
        with _opened(self.settings) as store:
            store.create_tables()
            there = store.keep_credentials(sealed, unless=unless)
        if there:
            raise KeptAlready(f"Another server on this database was set up meanwhile: {', '.join(there)} kept already.")


def can_be_used(settings: Settings) -> None:
    """Raises UsageError or OutsideError for a database that a server could not run on."""
    with _opened(settings) as store:
        store.create_tables()


def seal_anew(settings: Settings, store: SqlStore) -> int:
    """Seal all with the first master key; how many. Raises UsageError for one that cannot be read."""
    seal, done = _seal(settings), 0
    for name, before in store.credentials().items():
        done += store.reseal_credential(name, before, seal.seal_credential(name, seal.open_credential(name, before)))
    return done


def _seal(settings: Settings) -> Seal:
    return Seal([master.get_secret_value() for master in settings.secret_keys])


@contextmanager
def _opened(settings: Settings) -> Iterator[SqlStore]:
    store = SqlStore(engine(settings.database_url))
    try:
        yield store
    finally:
        store.close()
