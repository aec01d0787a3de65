"""Who serves the model and how it is reached: OpenAI, a compatible server, or Azure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from openai import AsyncAzureOpenAI, AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

from reviewer.model.keys import Keys

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"  # what a server gets that asks for none; the SDK insists on sending something


@dataclass(frozen=True, slots=True)
class Provider:
    """`variable` is where the operator sets the keys; `own_server` is a compatible server, with its own habits."""

    connect: Callable[[Timeout], AsyncOpenAI]
    keys: Keys
    variable: str
    own_server: bool = False
    clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = field(default_factory=WeakKeyDictionary)

    def client(self, timeout: Timeout) -> AsyncOpenAI:
        """The connections of this event loop, the same for all models."""
        loop = asyncio.get_running_loop()
        if loop not in self.clients:
            self.clients[loop] = self.connect(timeout)
        return self.clients[loop]

    async def aclose(self) -> None:
        """Close this event loop's connections."""
        client = self.clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()


def compatible(keys: Sequence[str], base_url: str | None) -> Provider:
    """OpenAI itself, or what speaks its language at `base_url`."""
    address = (base_url or OPENAI).rstrip("/")
    known = tuple(keys) or (NO_KEY,)

    def connect(timeout: Timeout) -> AsyncOpenAI:
        # The address is always given: the SDK would read the environment for it otherwise.
        return AsyncOpenAI(
            api_key=known[0], base_url=address, timeout=timeout, max_retries=0, http_client=_direct(address, timeout)
        )

    return Provider(connect, Keys(known), "OPENAI_API_KEY", own_server=address != OPENAI)


def _direct(address: str, timeout: Timeout) -> DefaultAsyncHttpxClient | None:
    """A client that asks no proxy, for a server on this machine: no proxy could reach it. None: the SDK's own."""
    host = urlsplit(address).hostname or ""
    if host in {"localhost", "::1"} or host.startswith("127."):
        return DefaultAsyncHttpxClient(base_url=address, timeout=timeout, trust_env=False)
    return None


def azure(endpoint: str, key: str, version: str | None) -> Provider:
    """Azure OpenAI: its v1 surface, which needs no version, or the dated one when the operator names a version."""
    endpoint = endpoint.rstrip("/")

    def connect(timeout: Timeout) -> AsyncOpenAI:
        if not version or version == "v1":
            return AsyncOpenAI(api_key=key, base_url=f"{endpoint}/openai/v1", timeout=timeout, max_retries=0)
        return AsyncAzureOpenAI(
            api_key=key, azure_endpoint=endpoint, api_version=version, timeout=timeout, max_retries=0
        )

    return Provider(connect, Keys((key,)), "AZURE_OPENAI_API_KEY")
