"""Tokens as a server counts them, in the words of either API, and so that they can be true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviewer.core.types import Usage
from reviewer.model.loose import mapping, whole


def usage_of(body: Mapping[str, Any]) -> Usage:
    """Of one call; what the server does not say is 0. What is in the total and nowhere else was thought."""
    said = mapping(body.get("usage"))
    into, out = _first(said, "input_tokens", "prompt_tokens"), _first(said, "output_tokens", "completion_tokens")
    about_input = mapping(said.get("input_tokens_details") or said.get("prompt_tokens_details"))
    about_output = mapping(said.get("output_tokens_details") or said.get("completion_tokens_details"))
    if into:
        out = max(out, whole(said.get("total_tokens")) - into)
    return Usage(
        input=into,
        cached=min(into, whole(about_input.get("cached_tokens"))),
        output=out,
        reasoning=min(out, whole(about_output.get("reasoning_tokens"))),
        calls=1,
    )


def _first(said: Mapping[str, Any], *names: str) -> int:
    return next((value for name in names if (value := whole(said.get(name)))), 0)
