"""The keys that installations bring themselves, sealed, and those that a model server refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

SHOWN, SHORTEST = 4, 16  # characters of a key that are shown, of one that has at least so many


def last_of(key: str) -> str:
    """What of a key may be shown."""
    return key[-SHOWN:] if len(key) >= SHORTEST else ""


def is_local(url: str) -> bool:
    """Whether the server of an address is on this machine."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def in_the_clear(url: str) -> bool:
    """Whether a key sent to this address could be read on its way. "" is OpenAI's own address."""
    return bool(url) and urlsplit(url).scheme != "https" and not is_local(url)


@dataclass(frozen=True, slots=True)
class KeptKey:
    """An installation's own key as it lies in the database."""

    installation: int
    sealed: str = field(repr=False)  # holds the key, and for which installation and address it is
    base_url: str = ""  # of the server that it is for; "": OpenAI's
    last: str = ""  # its last characters, at most four
    by: str = ""  # who kept it, as the operating system calls them
    at: float = 0.0  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class RefusedKey:
    """A key that the model server refuses, for the operator."""

    whose: str  # the variable that it is in, or `installation N`
    key: str  # masked
    since: float  # seconds since the epoch
    code: str  # the server's, like `insufficient_quota`, or its status


class Keys(Protocol):
    """Shared by all workers. Each method raises OutsideError."""

    async def own_key(self, installation: int) -> KeptKey | None: ...

    async def own_keys(self) -> tuple[KeptKey, ...]:
        """All, by installation."""

    async def keep_own_key(self, key: KeptKey) -> None:
        """In place of the one that the installation had."""

    async def reseal(self, key: KeptKey, sealed: str) -> bool:
        """The same key, sealed anew; False where somebody has changed it meanwhile."""

    async def drop_own_key(self, installation: int) -> bool:
        """Whether there was one."""
