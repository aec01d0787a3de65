"""Installation tokens: one for each installation, shared by its repositories and renewed when it ends.

githubkit's own installation auth loads its generated models (13 MB) for the token's two fields, lets concurrent
first requests fetch a token each, and does not renew a revoked token; its strategies are open to others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from githubkit import BaseAuthStrategy, GitHubCore

from reviewer.github.loops import PerLoop

MARGIN = 120.0  # seconds before its end at which a token is renewed, so that none ends on its way
SUSPECT = 30.0  # seconds for which one is still used that lacked a permission
HOUR = 3600.0  # how long GitHub's installation tokens live


def lifetime(expires_at: str, date: str) -> float:
    """Seconds that a token lives, by GitHub's own clock (its `Date` header), as ours may be wrong; an hour in doubt."""
    try:
        seconds = (datetime.fromisoformat(expires_at) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return HOUR
    return seconds if 0 < seconds < HOUR else HOUR


class InstallationAuth(BaseAuthStrategy, httpx.Auth):
    """Signs each request with the installation's token. `fetch` asks GitHub for (token, seconds that it lives)."""

    def __init__(self, fetch: Callable[[], Awaitable[tuple[str, float]]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._value = ""
        self._end = 0.0
        self._locks = PerLoop(asyncio.Lock)

    def get_auth_flow(self, github: GitHubCore[Any]) -> httpx.Auth:  # noqa: ARG002 -- the strategy's interface
        return self

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """A 401 means that nothing was done: with a new token the request is sent once more, POST too."""
        token = await self.token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            request.headers["Authorization"] = f"Bearer {await self.token(refused=token)}"
            yield request

    async def token(self, *, refused: str = "") -> str:
        """The token; fetched under a lock, so that requests that need one together share one."""
        if not self._good(refused):
            async with self._locks.get():
                if not self._good(refused):
                    self._value, seconds = await self._fetch()
                    self._end = self._clock() + seconds - min(MARGIN, seconds / 2)
        return self._value

    def forget(self) -> None:
        """Soon there is a new one: only that has what is granted meanwhile."""
        self._end = min(self._end, self._clock() + SUSPECT)

    def _good(self, refused: str) -> bool:
        return bool(self._value) and self._value != refused and self._clock() < self._end
