"""Seals what lies in the database under the operator's master key, each bound to what it is for.

That is the installations' own keys, bound to installation and server, and the server's own credentials, by name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from reviewer.core.errors import UsageError
from reviewer.ports.keys import KeptKey

VARIABLE = "REVIEWER_SECRET_KEY"
NO_MASTER = f"Set {VARIABLE} first: `reviewer keys new-master` prints a master key."


class Seal:
    """The first of the master keys seals, all of them open: so one can be changed for another."""

    def __init__(self, masters: Sequence[str] = ()) -> None:
        self._fernet = MultiFernet([Fernet(master) for master in masters]) if masters else None

    def seal(self, installation: int, key: str, base_url: str) -> str:
        """Raises UsageError without a master key."""
        if self._fernet is None:
            raise UsageError(NO_MASTER)
        return self._fernet.encrypt(json.dumps([installation, base_url, key]).encode()).decode()

    def seal_credential(self, name: str, text: str) -> str:
        """Of this server itself, by the name of its variable. Raises UsageError without a master key."""
        if self._fernet is None:
            raise UsageError(NO_MASTER)
        return self._fernet.encrypt(json.dumps([name, text]).encode()).decode()

    def open_credential(self, name: str, sealed: str) -> str:
        """Raises UsageError where it cannot be read, or was sealed under another name."""
        try:
            known, text = json.loads(self._fernet.decrypt(sealed)) if self._fernet else ("", "")
        except (InvalidToken, ValueError, TypeError):
            known, text = "", ""
        if known != name:
            raise UsageError(
                f"The database holds {name}, sealed under another master key: add that one to {VARIABLE}, behind a "
                f"comma, or set {name} in the environment."
            )
        return str(text)

    def open(self, kept: KeptKey) -> str:
        """The key. Raises UsageError where it cannot be read, or was sealed for another installation or server."""
        whose = f"The own key of installation {kept.installation}"
        again = f"keep the key again with `reviewer keys set --installation {kept.installation}`"
        if self._fernet is None:
            raise UsageError(f"{whose} cannot be read without the master key: set {VARIABLE} again, or {again}.")
        try:
            installation, base_url, key = json.loads(self._fernet.decrypt(kept.sealed))
        except (InvalidToken, ValueError, TypeError):
            raise UsageError(
                f"{whose} was kept under another master key: add that one to {VARIABLE}, behind a comma, or {again}."
            ) from None
        if (installation, base_url) != (kept.installation, kept.base_url):
            raise UsageError(f"{whose} was kept for another installation or server, so it is not used: {again}.")
        return str(key)


def new_master() -> str:
    return Fernet.generate_key().decode()
