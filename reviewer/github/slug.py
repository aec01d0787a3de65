"""The App's name and number on GitHub, learned once for the process: they tell what is ours from other Apps'."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from reviewer.core.errors import GitHubError
from reviewer.github.loops import PerLoop
from reviewer.github.shapes import App, CheckRun

NOT_SERVED = (404, 405, 410, 501)  # by a server that is not GitHub's; it would not refuse an App its own name


class Slug:
    """`known` is empty until an answer named the App; its user is `SLUG[bot]`. `ask` is `GET /app`.

    `number` is 0 until it is known: whoever runs us may have told us the client id instead.
    """

    def __init__(self, ask: Callable[[], Awaitable[App]], number: int = 0) -> None:
        self.known, self.number = "", number
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

    async def numbered(self) -> int:
        """The number, asked for where nothing has told it yet; 0 where the server does not tell it either."""
        if not self.number and not self._unserved:
            async with self._locks.get():
                with suppress(GitHubError):
                    self.learn(await self._ask())
        return self.number

    def learn(self, app: App | None) -> None:
        if app:
            self.known, self.number = app.slug or self.known, app.id or self.number

    def written(self, run: CheckRun) -> CheckRun:
        """An answer to our own write of a check run names us. One that was only found may be another App's."""
        self.learn(run.app)
        self._unnamed = not self.known
        return run
