"""What the set-up needs from the server around it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from reviewer.ports.registering import Register


class Vault(Protocol):
    """Where credentials are kept so that the next start finds them. Its methods are for a thread."""

    @property
    def place(self) -> str: ...

    def check(self) -> None:
        """Raises UsageError or OutsideError where it could not take them now."""

    def keep(self, values: Mapping[str, str], *, unless: Collection[str] = ()) -> None:
        """All or none, by the names of the variables. Raises KeptAlready where one of `unless` is kept already, else
        UsageError or OutsideError.
        """


class Server(Protocol):
    """The server that is set up."""

    @property
    def running(self) -> bool:
        """Whether it takes webhooks."""

    @property
    def trouble(self) -> str:
        """Why it has credentials and does not run, or runs without what was set last."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The variables of credentials that are not set."""

    @property
    def present(self) -> tuple[str, ...]:
        """Those that are."""

    @property
    def has_model(self) -> bool: ...

    def set_outside(self, *names: str) -> tuple[str, ...]:
        """Those of the variables that are set where they win over what the vault keeps."""

    def check(self) -> None:
        """For a thread. Raises UsageError or OutsideError where it could not run, with credentials or without."""

    async def go_on(self, values: Mapping[str, str]) -> None:
        """Run with all that is set by now, and with `values` where the vault did not take them. Raises UsageError or
        OutsideError.
        """

    async def try_model(self, values: Mapping[str, str]) -> float:
        """One cheap call; the seconds that it took. An address goes with the key that was typed with it, or with none.
        Raises UsageError, also where a model is set already, or ModelError.
        """


@dataclass(frozen=True, slots=True)
class Kit:
    """`app` is the text of `app.yml`, `web` is GitHub's address for people, `proxy` takes the webhooks for us."""

    token: str = field(repr=False)
    web: str
    app: str
    vault: Vault
    register: Register
    server: Server
    hide: Callable[[str, str], None]  # a secret, and whose it is, from the log
    proxy: str = ""
    now: Callable[[], float] = time.time
