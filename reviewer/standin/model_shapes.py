"""The bodies that OpenAI's two APIs answer with, and the faults that servers are known for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FaultKind = Literal[
    "rate_limit",  # 429, mended by waiting
    "insufficient_quota",  # 429, mended by nobody but the account's owner
    "bad_key",  # 401
    "server_error",  # 500
    "overloaded",  # 503 with no JSON
    "context_length",  # 400
    "content_filter",  # 400, as Azure sends it
    "unknown_model",  # 404
    "failed",  # 200, and the body says that it failed
    "malformed",  # 200 with half a body
    "text",  # words instead of a function call
    "truncated",  # the output limit cut the arguments
    "refusal",
    "json_in_text",  # the right object, but in the message
    "dict_arguments",  # the right object, but not as text
    "bad_arguments",  # not quite JSON, and the server takes it for complete
    "no_usage",
    "slow",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """What to do wrong with one request. `seconds`: how slow, or what retry-after says."""

    kind: FaultKind
    seconds: float = 0.0


# kind -> status, type, code, message
ERRORS: dict[str, tuple[int, str, str | None, str]] = {
    "rate_limit": (429, "requests", "rate_limit_exceeded", "Rate limit reached for requests."),
    "insufficient_quota": (429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota."),
    "bad_key": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-w*****ng."),
    "server_error": (500, "server_error", None, "The server had an error while processing your request."),
    "context_length": (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "Your input exceeds the context window of this model.",
    ),
    "content_filter": (400, "invalid_request_error", "content_filter", "The response was filtered."),
    "unknown_model": (404, "invalid_request_error", "model_not_found", "The model does not exist."),
}


def error_body(
    message: str, *, kind: str = "invalid_request_error", param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer before it has a shape. `arguments` None: there is no call."""

    number: int
    model: str
    function: str
    arguments: str | dict[str, Any] | None
    text: str = ""
    refusal: str = ""
    cut_off: bool = False
    input_tokens: int = 0
    output_tokens: int = 0


def responses_body(spoken: Spoken) -> dict[str, Any]:
    status = "incomplete" if spoken.cut_off else "completed"
    output: list[dict[str, Any]] = []
    if spoken.text or spoken.refusal:
        part = (
            {"type": "refusal", "refusal": spoken.refusal}
            if spoken.refusal
            else {"type": "output_text", "text": spoken.text, "annotations": []}
        )
        message = {"type": "message", "id": f"msg_{spoken.number}", "role": "assistant"}
        output.append({**message, "status": status, "content": [part]})
    if spoken.arguments is not None:
        call = {"type": "function_call", "id": f"fc_{spoken.number}", "call_id": f"call_{spoken.number}"}
        output.append({**call, "name": spoken.function, "arguments": spoken.arguments, "status": status})
    return {
        "id": f"resp_{spoken.number}",
        "object": "response",
        "created_at": 0,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if spoken.cut_off else None,
        "model": spoken.model,
        "output": output,
        "parallel_tool_calls": False,
        "usage": {
            "input_tokens": spoken.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": spoken.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": spoken.input_tokens + spoken.output_tokens,
        },
    }


def chat_body(spoken: Spoken) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": spoken.text or None,
        "refusal": spoken.refusal or None,
    }
    if spoken.arguments is not None:
        function = {"name": spoken.function, "arguments": spoken.arguments}
        message["tool_calls"] = [{"id": f"call_{spoken.number}", "type": "function", "function": function}]
    finish = "length" if spoken.cut_off else "stop"  # "stop" also for a forced function: OpenAI's own oddity
    return {
        "id": f"chatcmpl-{spoken.number}",
        "object": "chat.completion",
        "created": 0,
        "model": spoken.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {
            "prompt_tokens": spoken.input_tokens,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens": spoken.output_tokens,
            "completion_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": spoken.input_tokens + spoken.output_tokens,
        },
    }
