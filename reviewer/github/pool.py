"""The connection pool that all installations share."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from reviewer.github.loops import PerLoop

CLOSE_WITHIN = 1.0  # seconds that another loop gets


def proxy_for(url: str) -> str | None:
    """The proxy that the machine's settings (HTTPS_PROXY, NO_PROXY, …) name for `url`; never one for this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or host in {"localhost", "::1"} or host.startswith("127.") or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class SharedPool(httpx.AsyncBaseTransport):
    """A transport that outlives its clients.

    githubkit makes a client for each request and closes it; without this, each request would open a connection.
    """

    def __init__(self, url: str) -> None:
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
