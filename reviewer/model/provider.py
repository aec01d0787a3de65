"""Who serves the model and how it is reached: OpenAI, a compatible server, or Azure, by key or by Entra ID."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import httpx2
from openai import DEFAULT_CONNECTION_LIMITS, AsyncAzureOpenAI, AsyncOpenAI, DefaultAsyncHttpxClient, Timeout

from reviewer.core.errors import ModelError, UsageError
from reviewer.model.keys import NO_KEY, Keys
from reviewer.model.refused import RefusedKeys, masked
from reviewer.ports.keys import RefusedKey
from reviewer.proxies import proxy_for

OPENAI = "https://api.openai.com/v1"


class _Strangers(AsyncOpenAI):
    """A client that carries nothing of the operator's: the SDK takes an organization, a project and headers out of
    the environment, here and again in each copy that it makes of a client.
    """

    def __init__(self, **given: Any) -> None:  # noqa: ANN401 - whatever the SDK gives a copy
        super().__init__(**given)
        self.organization = self.project = self.admin_api_key = self.webhook_secret = None
        self._custom_headers = {}
        self._ambient_authorizations = frozenset()


@dataclass(frozen=True, slots=True)
class Provider:
    """`variable` is where the operator sets the keys; `own_server` is a compatible server, with its own habits.

    `keyless`: the connection brings what it is known by; the one key then only stands for that.
    """

    connect: Callable[[Timeout], AsyncOpenAI]
    keys: Keys
    variable: str
    own_server: bool = False
    keyless: bool = False
    refusal: str = ""  # what to say when all keys are refused, where it is not the operator's variable
    refused: RefusedKeys = field(default_factory=RefusedKeys)
    clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = field(default_factory=WeakKeyDictionary)

    def client(self, timeout: Timeout) -> AsyncOpenAI:
        """The connections of this event loop, the same for all models."""
        loop = asyncio.get_running_loop()
        if loop not in self.clients:
            self.clients[loop] = self.connect(timeout)
        return self.clients[loop]

    def with_key(self, client: AsyncOpenAI, key: str) -> AsyncOpenAI:
        return client if self.keyless else client.with_options(api_key=key)

    def refuse(self, key: str, code: str) -> None:
        """The server does not take the key: it is set aside, and told once until it works again."""
        self.keys.set_aside(key)
        self.refused.add(key, whose=self.variable, code=code)

    def all_refused(self, tried: int) -> str:
        """A sentence for whoever can mend it."""
        return self.refusal or (
            f"The model server refuses every key in {self.variable} ({tried} tried): "
            "replace it, or check the account's quota and billing."
        )

    def refused_keys(self) -> tuple[RefusedKey, ...]:
        """Each key that is refused now."""
        refused = list(self.refused.since.items())  # a call may end meanwhile
        return tuple(RefusedKey(self.variable, masked(key), since, code) for key, (since, code) in refused)

    async def aclose(self) -> None:
        """Close this event loop's connections."""
        client = self.clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()


def compatible(
    keys: Sequence[str],
    base_url: str | None,
    *,
    clock: Callable[[], float] = time.monotonic,
    client: type[AsyncOpenAI] = AsyncOpenAI,
) -> Provider:
    """OpenAI itself, or what speaks its language at `base_url`. `clock` is in seconds."""
    address = (base_url or OPENAI).rstrip("/")
    known, way = tuple(keys) or (NO_KEY,), _way(address)

    def connect(timeout: Timeout) -> AsyncOpenAI:
        # The address is always given: the SDK would read the environment for it otherwise.
        return client(api_key=known[0], base_url=address, **way(timeout))

    return Provider(connect, Keys(known, clock=clock), "OPENAI_API_KEY", own_server=address != OPENAI)


def own_key(
    key: str, base_url: str | None, *, installation: int, clock: Callable[[], float] = time.monotonic
) -> Provider:
    """An installation's own key, at OpenAI or its own server, which hears nothing of the operator's account."""
    refusal = (
        f"The model server refuses the own key of installation {installation}: keep another one with `reviewer keys "
        f"set --installation {installation}`, or check its account's quota and billing; the operator's key is not "
        "used in its place."
    )
    served = compatible((key,), base_url, clock=clock, client=_Strangers)
    return replace(served, variable=f"installation {installation}", refusal=refusal)


def _way(address: str) -> Callable[[Timeout], dict[str, Any]]:
    """How the SDK gets there: by the same proxy as everything else here, and by none to a server on this machine.

    Raises ModelError for a proxy that cannot be used.
    """
    try:
        proxy = proxy_for(address)
    except UsageError as error:
        raise ModelError(str(error), code="not_set_up") from None

    def way(timeout: Timeout) -> dict[str, Any]:
        transport = httpx2.AsyncHTTPTransport(proxy=proxy, limits=DEFAULT_CONNECTION_LIMITS)
        client = DefaultAsyncHttpxClient(timeout=timeout, transport=transport)
        return {"timeout": timeout, "max_retries": 0, "http_client": client}

    return way


def azure(endpoint: str, key: str, version: str | None) -> Provider:
    """Azure OpenAI: its v1 surface, which needs no version, or the dated one when the operator names a version."""
    endpoint = endpoint.rstrip("/")
    way = _way(endpoint)

    def connect(timeout: Timeout) -> AsyncOpenAI:
        if _is_v1(version):
            return AsyncOpenAI(api_key=key, base_url=f"{endpoint}/openai/v1", **way(timeout))
        return AsyncAzureOpenAI(api_key=key, azure_endpoint=endpoint, api_version=version, **way(timeout))

    return Provider(connect, Keys((key,)), "AZURE_OPENAI_API_KEY")


def entra(endpoint: str, bearer: Callable[[], Awaitable[str]], version: str | None) -> Provider:
    """The same without a key: `bearer` gives the token for each request."""
    endpoint = endpoint.rstrip("/")
    way = _way(endpoint)

    def connect(timeout: Timeout) -> AsyncOpenAI:
        if _is_v1(version):
            return AsyncOpenAI(api_key=bearer, base_url=f"{endpoint}/openai/v1", **way(timeout))
        return AsyncAzureOpenAI(
            azure_ad_token_provider=bearer,
            azure_endpoint=endpoint,
            api_version=version,
            **way(timeout),
        )

    refusal = (
        "Azure OpenAI refuses the identity that Microsoft Entra ID has for this process: give it the role "
        '"Cognitive Services OpenAI User" on the resource, or set AZURE_OPENAI_API_KEY.'
    )
    return Provider(connect, Keys((NO_KEY,)), "Microsoft Entra ID", keyless=True, refusal=refusal)


def _is_v1(version: str | None) -> bool:
    return not version or version == "v1"
