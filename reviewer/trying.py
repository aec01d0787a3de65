"""One cheap call that finds out whether a model can be used: for `/setup`, before it is kept, and for `doctor`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

from reviewer.core.errors import ModelError
from reviewer.core.types import Prompt, Tool
from reviewer.model import build_model
from reviewer.ports import Model
from reviewer.settings import Settings

PROMPT = Prompt(
    system="You test a connection.",
    user="Call the function with ready = true.",
    tool=Tool(
        "report_ready",
        "Says that the connection works.",
        {
            "type": "object",
            "properties": {"ready": {"type": "boolean"}},
            "required": ["ready"],
            "additionalProperties": False,
        },
    ),
    version="trial",
    max_output=1_024,  # a model that thinks first needs some
    tokens=100,
    urgent=True,
)


async def try_model(settings: Settings, name: str, *, keys: Sequence[str], embeds: bool = False) -> float:
    """The seconds that it took, on these keys and no others. Raises UsageError or ModelError."""
    azure_key = settings.azure_openai_api_key
    model = build_model(
        name,
        api=settings.model_api,
        keys=keys,
        base_url=settings.openai_base_url,
        azure_endpoint=settings.azure_openai_endpoint,
        azure_key=azure_key.get_secret_value() if azure_key else None,
        azure_version=settings.openai_api_version or None,
        tries=1,
        patience=0,
    )
    begun = asyncio.get_running_loop().time()
    try:
        if embeds:
            await model.embeddings(name).embed(["ready"])
        else:
            await _call(model, name)
    except ModelError as error:
        if error.code != "keys_refused" or settings.azure_openai_endpoint:
            raise
        raise ModelError(_refused(keys), code=error.code) from None
    finally:
        with suppress(Exception):
            await model.aclose()
    return asyncio.get_running_loop().time() - begun


def _refused(keys: Sequence[str]) -> str:
    """No variable is named: on the page of `/setup` the key was typed."""
    if not keys:
        return "The model server wants a key: give one that it knows."
    which = "this key" if len(keys) == 1 else "these keys"
    return f"The model server refuses {which}: check that it was copied whole, and the account's quota and billing."


async def _call(model: Model, name: str) -> None:
    answer = await model.call(PROMPT)
    try:
        called = isinstance(json.loads(answer.arguments), dict)
    except ValueError:
        called = False
    if not called:
        raise ModelError(
            f"{name} answered with words instead of calling the function: set REVIEWER_MODEL to one that supports "
            "function calling, try the other kind of interface, or start its server with tool calls switched on",
            code="no_function",
        )
