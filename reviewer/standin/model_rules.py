"""What OpenAI refuses with 400: schemas that are not strict, functions that are not declared, fields that clash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# OpenAI, structured outputs: "unsupported" keywords in strict schemas.
_FORBIDDEN = {
    "default", "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
    "maxLength", "minLength", "patternProperties", "propertyNames", "unevaluatedProperties", "contains", "uniqueItems",
}  # fmt: skip
_COMMON = {"model", "tools", "tool_choice", "parallel_tool_calls", "temperature", "top_p", "store", "prompt_cache_key"}
_KNOWN = {
    "responses": _COMMON | {"instructions", "input", "max_output_tokens", "reasoning", "service_tier"},
    "chat": _COMMON | {"messages", "max_tokens", "max_completion_tokens", "reasoning_effort", "seed", "service_tier"},
}
_CACHE_KEY_LIMIT = 64
_LEAST_OUTPUT = 16


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error body's fields."""

    message: str
    param: str | None = None
    code: str | None = None


def refusal_of(body: Mapping[str, Any], *, api: str, demand_store_false: bool) -> Refusal | None:
    """The first thing wrong with a request; None when it would be accepted."""
    return next(_refusals(body, api, demand_store_false), None)


def _refusals(body: Mapping[str, Any], api: str, demand_store_false: bool) -> Iterator[Refusal]:
    for name in body.keys() - _KNOWN[api]:
        yield Refusal(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    for name in ("model", "input" if api == "responses" else "messages"):
        if not body.get(name):
            yield Refusal(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    yield from _tool_refusals(body, api)
    yield from _limit_refusals(body)
    effort = (body.get("reasoning") or {}).get("effort") if api == "responses" else body.get("reasoning_effort")
    if effort not in {None, "none"} and "temperature" in body:
        message = "Unsupported parameter: 'temperature' is not supported with this model."
        yield Refusal(message, "temperature", "unsupported_parameter")
    if demand_store_false and api == "responses" and body.get("store") is not False:
        yield Refusal("This stand-in wants 'store' to be false.", "store", "invalid_value")


def _limit_refusals(body: Mapping[str, Any]) -> Iterator[Refusal]:
    if {"max_tokens", "max_completion_tokens"} <= body.keys():
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        yield Refusal(message, "max_tokens", "invalid_parameter_combination")
    if body.get("max_output_tokens", _LEAST_OUTPUT) < _LEAST_OUTPUT:
        yield Refusal("Invalid 'max_output_tokens': too small.", "max_output_tokens", "integer_below_min_value")
    if len(body.get("prompt_cache_key", "")) > _CACHE_KEY_LIMIT:
        yield Refusal("Invalid 'prompt_cache_key': too long.", "prompt_cache_key", "string_above_max_length")


def _tool_refusals(body: Mapping[str, Any], api: str) -> Iterator[Refusal]:
    tools = [tool if api == "responses" else tool.get("function", {}) for tool in body.get("tools", [])]
    choice = body.get("tool_choice")
    forced = forced_function(body, api)
    if not forced and isinstance(choice, dict):
        yield Refusal("Missing required parameter: 'tool_choice.name'.", "tool_choice", "missing_required_parameter")
    if forced and forced not in {tool.get("name") for tool in tools}:
        yield Refusal(f"Tool choice '{forced}' not found in 'tools' parameter.", "tool_choice")
    for number, tool in enumerate(tools):
        if not tool.get("name"):
            yield Refusal(f"Missing required parameter: 'tools[{number}].name'.", f"tools[{number}].name")
        for problem in strict_problems(tool.get("parameters")) if tool.get("strict") else ():
            message = f"Invalid schema for function '{tool.get('name')}': {problem}"
            yield Refusal(message, f"tools[{number}].parameters", "invalid_function_parameters")


def forced_function(body: Mapping[str, Any], api: str) -> str:
    """The name in `tool_choice`; "" when none is forced."""
    choice = body.get("tool_choice")
    if not isinstance(choice, dict):
        return ""
    holder = choice if api == "responses" else choice.get("function") or {}
    return str(holder.get("name") or "")


def strict_problems(schema: object, at: str = "root") -> Iterator[str]:
    """Every breach of the rules for strict schemas, each with its place."""
    if not isinstance(schema, dict):
        yield f"{at} is no schema"
        return
    if at == "root" and schema.get("type") != "object":
        yield "the root must be an object"
    yield from (f"{at}: '{name}' is not permitted" for name in schema.keys() & _FORBIDDEN)
    fields = schema.get("properties", {})
    if "object" in _types(schema):
        if schema.get("additionalProperties") is not False:
            yield f"{at}: 'additionalProperties' is required to be supplied and to be false"
        if set(schema.get("required", [])) != set(fields):
            yield f"{at}: 'required' must include every key in properties"
    if "array" in _types(schema):
        yield from strict_problems(schema.get("items"), f"{at}.items")
    for name, field in fields.items():
        yield from strict_problems(field, f"{at}.{name}")
    for number, option in enumerate(schema.get("anyOf", [])):
        yield from strict_problems(option, f"{at}.anyOf[{number}]")


def _types(schema: Mapping[str, Any]) -> list[str]:
    kind = schema.get("type", [])
    return kind if isinstance(kind, list) else [kind]
