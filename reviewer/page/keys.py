"""Which keys the model servers refuse, and what the others have left of their rate limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewer.page import words
from reviewer.ports.keys import RefusedKey
from reviewer.ports.rates import KeyRates, ModelRates

MOST = 20  # rows of a table


def rows(refused: Sequence[RefusedKey], rates: Sequence[ModelRates], now: float) -> dict[str, Any]:
    """Both tables; those rows come first that want looking at, and `left` counts those that are not shown."""
    pairs = [(model, key) for model in rates for key in model.keys]
    pairs.sort(key=lambda pair: (-pair[0].waiting, -pair[1].held, pair[0].model))
    latest = sorted(refused, key=lambda key: -key.since)
    return {
        "refused": [_refused(key, now) for key in latest[:MOST]],
        "rates": [_rates(model, key) for model, key in pairs[:MOST]],
        "left": max(0, len(latest) - MOST) + max(0, len(pairs) - MOST),
    }


def _refused(key: RefusedKey, now: float) -> dict[str, str]:
    since = key.since
    return {
        "key": key.key,
        "whose": key.whose,
        "code": key.code.replace("_", " "),
        "age": words.span(now - since),
        "at": words.machine(since),
        "moment": words.moment(since),
    }


def _rates(model: ModelRates, key: KeyRates) -> dict[str, str]:
    return {
        "model": model.model,
        "key": key.key,
        "requests": _left(key.requests_left, key.requests),
        "tokens": _left(key.tokens_left, key.tokens),
        "waiting": words.count(model.waiting),
        "held": words.seconds(key.held) if key.held else "",
    }


def _left(left: float | None, limit: float | None) -> str:
    """`480 of 500`; `–` where the server says nothing of it."""
    if left is None or limit is None:
        return "–"
    return f"{words.count(max(0, int(left)))} of {words.count(int(limit))}"
