"""The connection pool that all installations share."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import httpx

from reviewer.github.loops import PerLoop
from reviewer.proxies import proxy_for

CLOSE_WITHIN = 1.0  # seconds that another loop gets


class SharedPool(httpx.AsyncBaseTransport):
    """A transport that outlives its clients.

    githubkit makes a client for each request and closes it; without this, each request would open a connection.
    """

    def __init__(self, url: str) -> None:
        """Raises UsageError for a proxy that cannot be used."""
        self._proxy = proxy_for(url)
        self._pools = PerLoop(self._make)

    def _make(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(proxy=self._proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._pools.get().handle_async_request(request)

    async def aclose(self) -> None:
        """Nothing: a client that closes must not take the connections of the others along."""

    async def close_connections(self) -> None:
        """Close the connections of every loop that still runs, each on its own."""
        here = asyncio.get_running_loop()
        for loop, pool in self._pools.drain():
            if loop is here:
                await pool.aclose()
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(pool.aclose(), loop)
                with suppress(TimeoutError):  # a loop that is busy or ends now needs nobody to close for it
                    await asyncio.wait_for(asyncio.wrap_future(closing), CLOSE_WITHIN)
