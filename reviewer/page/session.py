"""Who is signed in: a cookie that every server with the same operator token knows as signed, until it ends."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

HOURS = 12  # that a sign-in lasts
_COOKIE = re.compile(r"(([A-Za-z0-9_-]{22})\.([0-9]{1,12}))\.([A-Za-z0-9_-]{43})")  # name, end (epoch seconds), seal


class SignedOut(Protocol):
    """The sessions that ended before their time, kept where all servers see them; for a thread.

    Both may raise OutsideError.
    """

    def add(self, name: str, until: float) -> None:
        """`until` (epoch seconds) it would have lasted: so long it is kept."""

    def has(self, name: str) -> bool: ...


@dataclass(slots=True)
class InMemory:
    """Satisfies `SignedOut` for one process."""

    _names: set[str] = field(default_factory=set)

    def add(self, name: str, until: float) -> None:  # noqa: ARG002 - the protocol's
        self._names.add(name)

    def has(self, name: str) -> bool:
        return name in self._names


@dataclass(frozen=True, slots=True)
class Sessions:
    """They end by signing out, by themselves, and all at once when the token is changed. `now` is in epoch seconds.

    Each method may raise OutsideError.
    """

    token: str
    now: Callable[[], float]
    signed_out: SignedOut

    async def begin(self) -> str:
        """What the cookie holds."""
        about = f"{secrets.token_urlsafe(16)}.{int(self.now()) + HOURS * 3_600}"
        return f"{about}.{await self._seal(about)}"

    async def holds(self, cookie: str) -> bool:
        known = await self._known(cookie)
        return known is not None and not await asyncio.to_thread(self.signed_out.has, known[0])

    async def end(self, cookie: str) -> None:
        """Also for whoever has a copy of the cookie, at every server."""
        if known := await self._known(cookie):
            await asyncio.to_thread(self.signed_out.add, *known)

    async def _known(self, cookie: str) -> tuple[str, float] | None:
        """The name and the end of a session that we began; strangers' cookies get no further than here."""
        match = _COOKIE.fullmatch(cookie)
        if not self.token or match is None or float(match[3]) <= self.now():  # without a token nobody is let in
            return None
        return (match[2], float(match[3])) if hmac.compare_digest(match[4], await self._seal(match[1])) else None

    async def _seal(self, about: str) -> str:
        key = await asyncio.to_thread(_key, self.token)
        return base64.urlsafe_b64encode(hmac.digest(key, about.encode(), "sha256")).decode().rstrip("=")


@lru_cache(maxsize=4)
def _key(token: str) -> bytes:
    """Slow, 0.05 s once: who gets hold of a cookie shall not find a short token by trying many."""
    return hashlib.scrypt(token.encode("utf-8", "replace"), salt=b"reviewer sessions", n=2**14, r=8, p=1, dklen=32)
