"""What either API's body comes down to, and the one judgement of what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.core.types import Tool, Usage
from reviewer.model.loose import begun_in_text, object_in_text

TEXT_LIMIT = 2_000  # characters of a model's own words that are kept for the log
CACHE_KEY_LIMIT = 64  # OpenAI refuses a longer prompt_cache_key


@dataclass(frozen=True, slots=True)
class Call:
    """A function call as the server gave it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer without the circumstances of its call."""

    arguments: str
    fault: Literal["", "text", "truncated", "refused"]
    text: str
    usage: Usage
    model: str


def judged(
    tool: Tool,
    *,
    calls: Sequence[Call],
    text: str,
    refusal: str,
    cut_off: bool,
    refused: bool,
    usage: Usage,
    model: str,
) -> Reply:
    """The forced call's arguments, or what came instead."""
    # Names differ on some servers ("functions.report_findings"): what counts is the right call, else any call.
    wanted = [call for call in calls if call.name == tool.name] or list(calls)
    # Several calls in spite of parallel_tool_calls=false: the reader of the arguments takes objects in a row.
    arguments = "\n".join(call.arguments for call in wanted).strip()
    if not arguments:
        arguments = object_in_text(text, tool) or (begun_in_text(text, tool) if cut_off else "")
    fault: Literal["", "text", "truncated", "refused"] = ""
    if cut_off:
        fault = "truncated"
    elif refused or refusal:
        fault = "refused"
    elif not arguments:
        fault = "text"
    return Reply(arguments, fault, (refusal or text)[:TEXT_LIMIT], usage, model)
