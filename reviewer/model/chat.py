"""Chat Completions, for compatible servers: the request that a prompt becomes, and the reply that its body holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviewer.core.types import Prompt
from reviewer.model.loose import as_arguments, listing, mapping, words
from reviewer.model.reply import Call, Reply, judged
from reviewer.model.usage import usage_of

# Fields that some servers refuse, and what to send in their place (None: nothing). OpenAI's reasoning models refuse
# `max_tokens`; many compatible servers know nothing else, and a few ignore what they do not know: no limit at all.
REPLACEABLE: dict[str, str | None] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
    "prompt_cache_key": None,
    "parallel_tool_calls": None,
    "seed": None,
}
# What they do not know within others: LM Studio takes no function's name for the choice, only "required", which comes
# to the same with one function.
CHOICE, STRICT = "tool_choice", "strict"
CUT_OFF = {"length", "max_tokens"}


def request(prompt: Prompt, *, model: str, cache_key: str, own_server: bool) -> dict[str, Any]:
    tool = prompt.tool
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema, "strict": True}
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": tool.name}},
        "parallel_tool_calls": False,
        "max_tokens" if own_server else "max_completion_tokens": prompt.max_output,
    }
    if cache_key:
        body["prompt_cache_key"] = cache_key
    if prompt.effort is not None:
        body["reasoning_effort"] = prompt.effort
    if prompt.temperature is not None and prompt.effort in {None, "none"}:
        body["temperature"] = prompt.temperature
    if prompt.seed is not None:
        body["seed"] = prompt.seed
    return body


def adapted(body: dict[str, Any], refused: frozenset[str]) -> dict[str, Any]:
    """`body` without the fields that this server has refused before."""
    if CHOICE in refused:
        body[CHOICE] = "required"
    if STRICT in refused:
        body["tools"][0]["function"].pop(STRICT)
    for name in refused & REPLACEABLE.keys() & body.keys():
        value = body.pop(name)
        other = REPLACEABLE[name]
        if other and other not in refused:
            body[other] = value
    return body


def spare(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of `body` that can be left out or said otherwise."""
    found = [name for name in REPLACEABLE if name in body]
    if STRICT in body["tools"][0]["function"]:
        found.append(STRICT)
    if not isinstance(body[CHOICE], str):
        found.append(CHOICE)
    return tuple(found)


def reply(body: Mapping[str, Any], prompt: Prompt, *, model: str) -> Reply:
    choice = mapping(next(iter(listing(body.get("choices"))), None))
    message = mapping(choice.get("message"))
    functions = [mapping(mapping(call).get("function")) for call in listing(message.get("tool_calls"))]
    functions.append(mapping(message.get("function_call")))  # the form before tools
    finish = choice.get("finish_reason")
    return judged(
        prompt.tool,
        calls=[Call(str(f.get("name", "")), as_arguments(f.get("arguments"))) for f in functions if f],
        text=words(message.get("content")),
        refusal=words(message.get("refusal")),
        cut_off=finish in CUT_OFF,
        refused=finish == "content_filter",
        usage=usage_of(body),
        model=words(body.get("model")) or model,
    )
