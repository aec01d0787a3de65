"""The Responses API: the request that a prompt becomes, and the reply that its body holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviewer.core.types import Prompt
from reviewer.model.loose import as_arguments, listing, mapping, words
from reviewer.model.reply import Call, Reply, judged
from reviewer.model.usage import usage_of


def request(prompt: Prompt, *, model: str, cache_key: str) -> dict[str, Any]:
    """The prompt's seed is left out: this API has none."""
    tool = prompt.tool
    body: dict[str, Any] = {
        "model": model,
        "instructions": prompt.system,
        "input": [{"role": "user", "content": prompt.user}],
        "tools": [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.schema,
                "strict": True,
            }
        ],
        "tool_choice": {"type": "function", "name": tool.name},
        "parallel_tool_calls": False,
        "max_output_tokens": prompt.max_output,
        "store": False,
    }
    if cache_key:
        body["prompt_cache_key"] = cache_key
    if prompt.effort is not None:
        body["reasoning"] = {"effort": prompt.effort}
    if prompt.temperature is not None and prompt.effort in {None, "none"}:
        body["temperature"] = prompt.temperature
    return body


def reply(body: Mapping[str, Any], prompt: Prompt, *, model: str) -> Reply:
    calls, said, refusals = [], [], []
    for item in map(mapping, listing(body.get("output"))):
        if item.get("type") == "function_call":
            calls.append(Call(str(item.get("name", "")), as_arguments(item.get("arguments"))))
        for part in map(mapping, listing(item.get("content")) if item.get("type") == "message" else []):
            refusals.append(words(part.get("refusal")))
            said.append(words(part.get("text")))
    incomplete = body.get("status") == "incomplete"
    filtered = incomplete and mapping(body.get("incomplete_details")).get("reason") == "content_filter"
    return judged(
        prompt.tool,
        calls=calls,
        text="".join(said),
        refusal="".join(refusals),
        cut_off=incomplete and not filtered,
        refused=filtered,
        usage=usage_of(body),
        model=words(body.get("model")) or model,
    )
