"""Finds the forced function's object where a compatible server put it: in a dict, or in the text of the message."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from reviewer.core.types import Tool

_DECODER = json.JSONDecoder(strict=False)
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)  # reasoning that some servers leave in the text
_OBJECT = re.compile(r'\{\s*"')
_TEXT_LIMIT = 1_000_000  # characters
_ATTEMPTS = 200


def mapping(value: object) -> Mapping[str, Any]:
    """`value` when it is an object, else an empty one: a field of the wrong kind counts as absent."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def words(value: object) -> str:
    """The text of a message's content: a string, or a list of parts with a `text` each."""
    if isinstance(value, list):
        return "".join(words(mapping(part).get("text")) for part in value)
    return value if isinstance(value, str) else ""


def whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def as_arguments(value: object) -> str:
    """Arguments as JSON text, also from a server that sends the object itself, or only the list in it."""
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else ""


def object_in_text(text: str, tool: Tool) -> str:
    """The last object in `text` that has the function's own keys, alone or as a written-out call; "" without one."""
    text = _THOUGHTS.sub("", text[:_TEXT_LIMIT])
    found, at = "", 0
    for _ in range(_ATTEMPTS):
        match = _OBJECT.search(text, at)
        if match is None:
            break
        try:
            value, at = _DECODER.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            at = match.end()
            continue
        found = _fitting(value, tool) or found
    return found


def _fitting(value: dict[str, Any], tool: Tool) -> str:
    if set(tool.schema["required"]) <= value.keys():
        return json.dumps(value)
    if mapping(value).get("name") != tool.name:
        return ""
    inner = as_arguments(value.get("arguments", value.get("parameters")))
    return object_in_text(inner, tool) if inner else ""


def begun_in_text(text: str, tool: Tool) -> str:
    """Text that was cut off and begins as the function's object: its complete entries can still be read."""
    text = _THOUGHTS.sub("", text[:_TEXT_LIMIT])
    begin = text.find("{")
    return text[begin:] if begin >= 0 and any(f'"{key}"' in text for key in tool.schema["required"]) else ""
