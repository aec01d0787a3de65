"""The model behind one provider, through openai: the Responses API, Chat Completions, or Azure."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Literal

from reviewer.core.errors import UsageError

if TYPE_CHECKING:
    from reviewer.model.client import OpenAIModel
    from reviewer.model.provider import Provider


def build_model(
    name: str,
    *,
    api: Literal["responses", "chat"] = "responses",
    keys: Sequence[str] = (),
    base_url: str | None = None,
    azure_endpoint: str | None = None,
    azure_key: str | None = None,
    azure_version: str | None = None,
    own: int = 0,
    connect_timeout: float = 10.0,
    read_timeout: float = 120.0,
    total_timeout: float = 600.0,
    tries: int = 3,
    patience: float = 300.0,
    flex: bool = False,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    chance: Callable[[], float] = random.random,
    clock: Callable[[], float] = time.monotonic,
) -> OpenAIModel:
    """A model that satisfies `ports.Model`; close it with `await model.aclose()`. Times are in seconds.

    Azure without a key asks Microsoft Entra ID. `own`: the installation whose own key this is, 0: the operator's.
    `patience` is for room within the rate limits, a fifth of it for what is urgent; `flex` asks for the cheaper tier
    where nobody waits; `chance` is in [0, 1). Raises UsageError when there is neither a key nor a server of one's own.
    """
    from reviewer.model import client, requests  # noqa: PLC0415 - openai takes half a second; `--help` needs none of it

    provider = _provider(keys, base_url, azure_endpoint, azure_key, azure_version, own=own, clock=clock)
    pace = requests.Pace(
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        total_timeout=total_timeout,
        tries=tries,
        patience=patience,
        sleep=sleep,
        chance=chance,
        clock=clock,
    )
    return client.OpenAIModel(name, api=api, provider=provider, pace=pace, flex=flex)


def _provider(
    keys: Sequence[str],
    base_url: str | None,
    azure_endpoint: str | None,
    azure_key: str | None,
    azure_version: str | None,
    *,
    own: int,
    clock: Callable[[], float],
) -> Provider:
    from reviewer.model.entra import bearer_of  # noqa: PLC0415 - as above
    from reviewer.model.provider import azure, compatible, entra, own_key  # noqa: PLC0415

    keys = _checked(keys)
    if own:
        return own_key(keys[0], base_url, installation=own, clock=clock)
    if azure_endpoint and azure_key:
        return azure(azure_endpoint, _checked([azure_key])[0], azure_version)
    if azure_endpoint:
        return entra(azure_endpoint, bearer_of(azure_endpoint), azure_version)
    if keys or base_url:
        return compatible(keys, base_url, clock=clock)
    raise UsageError(
        "There is no model to ask: set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server, "
        "or AZURE_OPENAI_ENDPOINT."
    )


def _checked(keys: Sequence[str]) -> list[str]:
    found = [key.strip() for key in keys if key.strip()]
    if all(re.fullmatch(r"[!-~]+", key) for key in found):
        return found
    raise UsageError("An API key holds a character that no key has: copy OPENAI_API_KEY (or Azure's) again.")


__all__ = ["build_model"]
