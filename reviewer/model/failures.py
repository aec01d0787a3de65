"""Sorts what can go wrong in a call by what helps: another key, a smaller request, patience, or a person.

By status and code only, for messages change; they are repeated to the operator, without anything like a key in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from openai import APIConnectionError, APIStatusError, APITimeoutError

from reviewer.core.errors import ModelError
from reviewer.core.types import Lost
from reviewer.model.keys import NO_KEY
from reviewer.model.loose import mapping, words
from reviewer.model.rates import reset_after
from reviewer.model.usage import usage_of
from reviewer.unreached import ASKS_FOR_A_NAME, asks_for_a_name, unreached

TIER = "service_tier"  # the field that asks for the cheaper tier
MESSAGE_LIMIT = 200  # characters of the provider's own words

# No retry mends these 429s (some providers send them as 402 or 403): the account wants a person.
_NO_MONEY = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_RATE = "rate_limit_exceeded"
_RETRYABLE = {408, 409, 429}
# The last but one is llama.cpp's, the last a proxy's.
_TOO_LONG = {"context_length_exceeded", "exceed_context_size_error", "request_too_large"}
# The second is what OpenAI's reasoning models say to a prompt that looks like a breach of its policy.
_FILTERED = {"content_filter", "invalid_prompt", "content_policy_violation"}
_NO_MODEL, _NO_DEPLOYMENT = {"model_not_found"}, "DeploymentNotFound"  # the latter is Azure's
# What a Responses body says when the work failed after the 200 was on its way.
_RETRYABLE_CODES = {"server_error", _RATE, "vector_store_timeout"}
# Causes of the SDK's connection errors (names, since they are its transport's) with which nothing has been sent.
_UNCONNECTED = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"}
_TURNED_AWAY = {503, 529}  # where they say when to come back
NOTHING, UNKNOWN = Lost(), Lost(1)  # the latter: sent, and nobody knows what became of it
_SECRET = re.compile(r"\b(?:sk|key|api)[-_][\w*.-]{4,}|\b[A-Za-z0-9_-]{32,}\b")


@dataclass(frozen=True, slots=True)
class Failure:
    """`wait` is what the server asks for, in seconds; `field` is the request field that it does not know.

    "tier": there is no room in the cheaper tier of service. `busy`: there is no room now, for any of us; `throttled`:
    because too much was asked for, which patience mends and which says nothing of the server's health.
    `lost`: what it may have cost all the same.
    """

    kind: Literal["key", "field", "tier", "retry", "final"]
    sentence: str
    code: str = ""
    wait: float | None = None
    field: str = ""
    remedy: Literal["", "smaller", "another"] = ""
    busy: bool = False
    throttled: bool = False
    lost: Lost = NOTHING

    def error(self) -> ModelError:
        passing = self.kind == "retry"
        return ModelError(
            self.sentence, retryable=passing, code=self.code, remedy="another" if passing else self.remedy
        )


def failure_of(error: Exception, *, model: str, variable: str, spare: Sequence[str], key: str = "") -> Failure:
    """What an exception of the SDK means. `variable` names the model; `spare` are the fields to do without.

    `key` is cut out of the server's words.
    """
    lost = NOTHING if type(error.__cause__).__name__ in _UNCONNECTED else UNKNOWN
    if isinstance(error, APITimeoutError | TimeoutError):
        return Failure("retry", f"The model {model} did not answer in time: try again later.", "timeout", lost=lost)
    if isinstance(error, APIConnectionError):
        mend = "check the network and OPENAI_BASE_URL (Azure's is AZURE_OPENAI_ENDPOINT)"
        why = unreached(error, str(error.request.url)) or mend
        sentence = f"The model server cannot be reached: {why}."
        return Failure("retry", sentence, "connection", lost=lost)
    if isinstance(error, APIStatusError) and error.status_code == ASKS_FOR_A_NAME:
        why = asks_for_a_name(str(error.response.request.url))
        return Failure("final", f"The model server cannot be reached: {why}.", str(ASKS_FOR_A_NAME))
    if isinstance(error, APIStatusError):
        return _status_failure(error, model, variable, spare, key)
    if isinstance(error, ValueError | RecursionError):  # json.JSONDecodeError, and bytes that are no UTF-8
        return malformed()
    sentence = f"The model could not be called ({type(error).__name__}): report this with the log."
    return Failure("final", sentence, lost=lost)


def too_heavy(model: str, limit: float) -> Failure:
    """More in one request than there is in a minute: no wait helps."""
    sentence = (
        f"The request is larger than all that the key may send to {model} in a minute ({limit:,.0f} tokens, with the "
        "room for an answer): ask the provider for a higher limit."
    )
    return Failure("final", sentence, "request_too_large", remedy="smaller")


def malformed() -> Failure:
    sentence = "The model server's answer is no valid JSON: try again later, or check OPENAI_BASE_URL."
    return Failure("retry", sentence, "malformed", lost=UNKNOWN)


def body_failure(body: object, model: str, variable: str, key: str = "") -> Failure | None:
    """What is wrong with the body of a 200; None when there is an answer in it. What it says it took was taken."""
    if not isinstance(body, dict):
        return malformed()
    failure, usage = _failed(body, model, variable, key), usage_of(body)
    return replace(failure, lost=Lost(0, usage)) if failure and (usage.input or usage.output) else failure


def _failed(body: Mapping[str, Any], model: str, variable: str, key: str) -> Failure | None:
    error = mapping(body.get("error"))
    failed = body.get("status") in {"failed", "cancelled"}
    if not error and not failed:
        has_answer = isinstance(body.get("output"), list) or bool(body.get("choices")) or bool(body.get("data"))
        return None if has_answer else malformed()
    code = _without(key, str(error.get("code") or "server_error"))
    status = int(code) if code.isdecimal() and len(code) == 3 else 0  # compatible servers put the status there
    if code in _NO_MONEY:
        return Failure("key", "", code)
    if known := _known_failure(code, {code}, model, variable, status):
        return known
    if code in _RETRYABLE_CODES or status in _RETRYABLE or status >= 500:
        throttled = code == _RATE or status == 429
        lost, sentence = NOTHING if throttled else UNKNOWN, f"The model {model} failed ({code}): try again later."
        return Failure("retry", sentence, code, busy=throttled, throttled=throttled, lost=lost)
    sentence = f"The model {model} failed ({code}{_said(words(error.get('message')), key)})."
    return Failure("final", sentence, code, lost=UNKNOWN)


def _status_failure(error: APIStatusError, model: str, variable: str, spare: Sequence[str], key: str) -> Failure:
    status = error.status_code
    code = _without(key, str(error.code or ""))  # some servers repeat the status there, as a number
    names = {code, str(error.type or "")}
    if status in {401, 402} or _NO_MONEY & names:
        return Failure("key", "", code or str(status))
    if known := _known_failure(code or str(status), names, model, variable, status):
        return known
    if status == 429 and TIER in spare and _RATE not in names:
        return Failure("tier", "There is no room in the flex tier now.", code or str(status), field=TIER)
    if status in _RETRYABLE or status >= 500:
        sentence = f"The model server answered {status}{f' ({code})' if code else ''}: try again later."
        wait = retry_after(error.response.headers)
        if wait is None and status == 429:
            wait = reset_after(error.response.headers)
        # A server that says when to come back is busy, whatever its status. Others may have done the work.
        busy = status == 429 or wait is not None
        lost = UNKNOWN if status == 408 or (status >= 500 and not (busy and status in _TURNED_AWAY)) else NOTHING
        return Failure("retry", sentence, code or str(status), wait, busy=busy, throttled=status == 429, lost=lost)
    field = _refused_field(error, spare)
    if field:
        return Failure("field", f"The model server does not take {field}.", code, field=field)
    said = f"{f' {code}' if code else ''}{_said(_message(error), key)}"
    sentence = f"The model server refused the request ({status}{said})."
    # What names the model or a setting that another one may take is no fault of what we ask about.
    other = error.param == "model" or code in {"unsupported_value", "unsupported_parameter"}
    return Failure("final", sentence, code or str(status), remedy="another" if other else "")


def _known_failure(code: str, names: set[str], model: str, variable: str, status: int) -> Failure | None:
    """What no wait and no key mends, with what does: less at once, or another model."""
    if names & _TOO_LONG or status == 413:
        sentence = f"The prompt is too long for {model}: set {variable} to a model with a larger context."
        return Failure("final", sentence, code, remedy="smaller")
    if names & _FILTERED:
        sentence = "The provider's content filter refused the prompt: change the filter's settings or the provider."
        return Failure("final", sentence, code, remedy="smaller")
    if _NO_DEPLOYMENT in names:
        sentence = f"Azure has no deployment {model} at AZURE_OPENAI_ENDPOINT: set {variable} to a deployment's name."
        return Failure("final", sentence, code, remedy="another")
    if status == 404 or names & _NO_MODEL:
        sentence = f"There is no model {model} at this server: set {variable} (and OPENAI_BASE_URL) to one that is."
        return Failure("final", sentence, code, remedy="another")
    if status == 403:
        sentence = f"The model server does not let this key use {model} (403): give the key's project access to it."
        return Failure("final", sentence, code, remedy="another")
    return None


def _message(error: APIStatusError) -> str:
    body = error.body
    return words(body.get("message")) if isinstance(body, dict) else ""


def _without(key: str, text: str) -> str:
    """The text without the key; what stands for none is a word like others."""
    return text.replace(key, "…") if key and key != NO_KEY else text


def _said(message: str, key: str) -> str:
    """The provider's own words in short; they may name the key, or a part of it."""
    text = " ".join(_SECRET.sub("…", _without(key, message)).split())[:MESSAGE_LIMIT]
    return f": {text}" if text else ""


def _refused_field(error: APIStatusError, spare: Sequence[str]) -> str:
    """The field of ours that this server does not know, when we can do without."""
    if error.status_code not in {400, 422} or not spare:
        return ""
    # OpenAI names it in `param`; servers built on pydantic name it somewhere in the body.
    named = error.param if isinstance(error.param, str) else str(error.body)
    return next((name for name in spare if re.search(rf"\b{name}\b", named)), "")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: milliseconds, seconds, or a date, which counts from the answer's own."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "")
        if re.fullmatch(r"\d{1,9}(\.\d+)?", value.strip()):
            return float(value) / unit
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, (until - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (ValueError, TypeError):
        return None
