"""Reads what a server says of its rate limits: how many requests and tokens there are, are left, and until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_TIME = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|us|s|m|h|d))+")  # "6m0s", "1s", "120ms", "4h43m36.314s"
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|s|m|h|d)")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a server says of requests or of tokens. `reset` is in seconds until all are there again; None: unsaid."""

    remaining: float
    limit: float | None = None
    reset: float | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer says; None where it says nothing (many compatible servers never do)."""

    requests: Gauge | None = None
    tokens: Gauge | None = None


def told(headers: Mapping[str, str]) -> Told:
    return Told(_gauge(headers, "requests"), _gauge(headers, "tokens"))


def _gauge(headers: Mapping[str, str], of: str) -> Gauge | None:
    """Azure gives `remaining` alone, or -1 for what it does not know; a limit of 0 is none at all."""
    remaining = _number(headers.get(f"x-ratelimit-remaining-{of}", ""))
    limit = _number(headers.get(f"x-ratelimit-limit-{of}", ""))
    if remaining is None or limit == 0:
        return None
    reset = seconds(headers.get(f"x-ratelimit-reset-{of}", ""))
    return Gauge(remaining if limit is None else min(remaining, limit), limit, reset)


def reset_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait where Azure refuses without a `retry-after`: the names are its own."""
    waits = [seconds(headers.get(f"x-rate-limit-reset-{of}", "")) for of in ("requests", "tokens")]
    return max((wait for wait in waits if wait is not None), default=None)


def seconds(text: str) -> float | None:
    """A number of seconds, or Go's form of a duration; None for anything else."""
    text = text.strip()
    if (plain := _number(text)) is not None:
        return plain
    if not _TIME.fullmatch(text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def _number(text: str) -> float | None:
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else None
