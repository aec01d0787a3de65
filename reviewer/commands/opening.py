"""How `reviewer serve` can be set up: where credentials are kept, and how the settings are read anew with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from reviewer.app import Opening
from reviewer.commands.environment import with_credentials
from reviewer.credentials import Sealed
from reviewer.settings import Settings, load
from reviewer.setup import EnvFile


def opening_of(
    settings: Settings,
    *,
    token: str,
    environ: Mapping[str, str],
    file: Path,
    told: Callable[[Settings], None] = lambda _settings: None,
) -> Opening:
    """In the database where a master key is set, so that all processes find them; else in the file.

    The environment wins over both, and what is in the file over the database.
    """
    sealed = bool(settings.secret_keys)
    given = {name: value for name, value in environ.items() if value.strip()}
    before = load(given, file if sealed else None)
    outside = frozenset(name for name in before.variables() if before.sets(name))

    def again(values: Mapping[str, str]) -> Settings:
        whole = {name: value for name, value in values.items() if name not in outside} | given
        return with_credentials(load(whole, file), whole, file)

    return Opening(
        token=token,
        again=again,
        vault=Sealed(settings) if sealed else EnvFile(file),
        outside=outside,
        shared=sealed,
        told=told,
    )
