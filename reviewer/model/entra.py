"""Azure OpenAI without a key: the bearer tokens that Microsoft Entra ID gives to whoever this process runs as."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from reviewer.core.errors import ModelError
from reviewer.unreached import MEND, distrusts

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

# Whom a token is for, by the end of the host's name: the clouds of governments and China are others.
_CLOUDS = {".azure.us": "azure.us", ".azure.cn": "azure.cn"}

REASON_LIMIT = 4_000  # characters: each way to an identity says why it is none

_log = structlog.stdlib.get_logger(__name__)


def bearer_of(endpoint: str, credential: TokenCredential | None = None) -> Callable[[], Coroutine[Any, Any, str]]:
    """Gives the token for a request. By default the credential is looked for as Azure's own tools do it: in the
    environment, a workload's or a managed identity, who is signed in on this machine.

    The function raises ModelError where there is none. A token is kept until shortly before it ends.
    """
    provide: Callable[[], str] | None = None

    def token() -> str:
        nonlocal provide
        if provide is None:
            # Late: they take a third of a second, and most have a key.
            from azure.identity import DefaultAzureCredential, get_bearer_token_provider  # noqa: PLC0415

            logging.getLogger("azure.identity").setLevel(logging.ERROR)  # a dozen lines for what is told below
            provide = get_bearer_token_provider(credential or DefaultAzureCredential(), _scope(endpoint))
        return provide()

    async def bearer() -> str:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - as above

        try:
            # In a thread: azure-identity's own asynchronous half needs a second library for HTTP.
            return await asyncio.to_thread(token)
        except AzureError as error:
            _log.info("model.no_token", reason=str(error)[:REASON_LIMIT])
            mend = "set AZURE_OPENAI_API_KEY, or let this process run with an identity that Azure knows"
            raise ModelError(
                f"Microsoft Entra ID gives no token for Azure OpenAI: {MEND if distrusts(str(error)) else mend} "
                f"({type(error).__name__}).",
                code="entra",
            ) from error

    return bearer


def _scope(endpoint: str) -> str:
    host = urlsplit(endpoint).hostname or ""
    cloud = next((name for end, name in _CLOUDS.items() if host.endswith(end)), "azure.com")
    return f"https://cognitiveservices.{cloud}/.default"
