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
    connect_timeout: float = 10.0,
    read_timeout: float = 120.0,
    total_timeout: float = 600.0,
    tries: int = 3,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    chance: Callable[[], float] = random.random,
    clock: Callable[[], float] = time.monotonic,
) -> OpenAIModel:
    """A model that satisfies `ports.Model`; close it with `await model.aclose()`. Times are in seconds.

    `chance` gives numbers in [0, 1). Raises UsageError when there is neither a key nor a server of one's own.
    """
    # Late: openai takes half a second to import, and `reviewer --help` needs none of it.
    from reviewer.model.client import OpenAIModel  # noqa: PLC0415
    from reviewer.model.requests import Pace  # noqa: PLC0415

    provider = _provider(keys, base_url, azure_endpoint, azure_key, azure_version)
    pace = Pace(
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        total_timeout=total_timeout,
        tries=tries,
        sleep=sleep,
        chance=chance,
        clock=clock,
    )
    return OpenAIModel(name, api=api, provider=provider, pace=pace)


def _provider(
    keys: Sequence[str],
    base_url: str | None,
    azure_endpoint: str | None,
    azure_key: str | None,
    azure_version: str | None,
) -> Provider:
    from reviewer.model.provider import azure, compatible  # noqa: PLC0415 - as above

    keys = tuple(key.strip() for key in keys if key.strip())
    if any(not re.fullmatch(r"[!-~]+", key) for key in (*keys, azure_key or "-")):
        raise UsageError("An API key holds a character that no key has: copy OPENAI_API_KEY (or Azure's) again.")
    if azure_endpoint and azure_key:
        return azure(azure_endpoint, azure_key, azure_version)
    if keys or base_url:
        return compatible(keys, base_url)
    raise UsageError(
        "There is no model to ask: set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server, "
        "or AZURE_OPENAI_ENDPOINT with AZURE_OPENAI_API_KEY."
    )


__all__ = ["build_model"]
