"""The App's name on GitHub, learned once for the process: it tells our own words from another bot's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from reviewer.core.errors import GitHubError
from reviewer.github.loops import PerLoop
from reviewer.github.shapes import CheckRun

NOT_SERVED = (404, 405, 410, 501)  # by a server that is not GitHub's; it would not refuse an App its own name


class Slug:
    """`known` is empty until an answer named the App; its user is `SLUG[bot]`. `ask` is `GET /app`."""

    def __init__(self, ask: Callable[[], Awaitable[str]]) -> None:
        self.known = ""
        self._ask = ask
        self._unserved = self._unnamed = False  # `GET /app` does not tell it; a check run of ours did not
        self._locks = PerLoop(asyncio.Lock)

    async def told(self) -> str:
        """The name, asked for where nothing has told it yet; "" only on a server that tells it nowhere.

        Raises GitHubError: who does not know its name must not guess which words are its own.
        """
        if self.known:
            return self.known
        async with self._locks.get():
            if not self.known and not (self._unserved and self._unnamed):
                try:
                    self.learn(await self._ask())
                    self._unserved = not self.known
                except GitHubError as error:
                    if error.status not in NOT_SERVED:
                        raise
                    self._unserved = True
        return self.known

    def learn(self, slug: str) -> None:
        self.known = slug or self.known

    def written(self, run: CheckRun) -> CheckRun:
        """An answer to our own write of a check run names us. One that was only found may be another App's."""
        self.learn((run.app and run.app.slug) or "")
        self._unnamed = not self.known
        return run
