"""Reads the operator's limits: `everything $50/day, repository $5/day, person 2000000/hour, installation 10M/month`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar, get_args

from reviewer.core.errors import UsageError
from reviewer.core.types import Level, Limit, Window

Word = TypeVar("Word", bound=str)
FORM = "write LEVEL AMOUNT/WINDOW, like repository $5/day or person 2M/hour"
LEVELS: tuple[Level, ...] = get_args(Level)
WINDOWS: tuple[Window, ...] = get_args(Window)
MOST_TOKENS, MOST_DOLLARS = 10**15, 10**9  # in billionths of a dollar it still fits into 63 bits
LONGEST = 80  # characters of an entry that are repeated

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
_AMOUNT = re.compile(r"(\$?) ?([0-9][0-9_]{0,24})(\.[0-9]{1,9})?([kKmM]?)")
_SYNONYMS = {
    **dict.fromkeys(("all", "total", "service", "global"), "everything"),
    **dict.fromkeys(("org", "organization", "organisation", "account"), "installation"),
    **dict.fromkeys(("repo", "project"), "repository"),
    **dict.fromkeys(("user", "author", "login"), "person"),
    **dict.fromkeys(("h", "hourly"), "hour"),
    **dict.fromkeys(("d", "daily"), "day"),
    "monthly": "month",
}


def parse_limits(text: str) -> tuple[Limit, ...]:
    """The limits in the order in which they are written; nothing for an empty text.

    Tokens are plain, with `_`, k or M; dollars begin with `$`. Raises UsageError, a sentence that names the bad entry.
    """
    limits: list[Limit] = []
    for entry in text.split(","):
        if entry.strip():
            limit = _limit(entry.strip())
            if any(_same(limit, other) for other in limits):
                raise _wrong(entry, "is the second one of its level, window and unit", "leave one of them out")
            limits.append(limit)
    return tuple(limits)


def _limit(entry: str) -> Limit:
    head, slash, after = entry.partition("/")
    level, _, amount = head.strip().partition(" ")
    if not amount.strip() and level[:1] in {"$", *"0123456789"}:
        raise _wrong(entry, "names no level", f"{FORM} (thousands without commas: 2_000_000)")
    known = _one_of(level, LEVELS, entry, "level")
    if not slash:
        raise _wrong(entry, "names no window", f"{FORM} (thousands without commas: 2_000_000)")
    return _valued(amount.strip(), Limit(known, _one_of(after.strip(), WINDOWS, entry, "window")), entry)


def _valued(amount: str, limit: Limit, entry: str) -> Limit:
    match = _AMOUNT.fullmatch(amount)
    if match is None:
        raise _wrong(entry, "has no amount that can be read", "write tokens like 500_000, 500k or 2M, dollars like $5")
    dollar, whole, part, unit = match.groups(default="")
    value = Decimal(whole.replace("_", "") + part) * _UNITS[unit.lower()]
    if not value:
        raise _wrong(entry, "allows nothing", "write an amount above 0, or leave the entry out for no limit")
    if value > (MOST_DOLLARS if dollar else MOST_TOKENS):
        raise _wrong(entry, "is more than can be counted", "write less, or leave the entry out for no limit")
    if dollar:
        return replace(limit, dollars=value.normalize() + 0)
    if value != int(value):
        raise _wrong(entry, "is no whole number of tokens", "leave the part behind the point out, or put $ before it")
    return replace(limit, tokens=int(value))


def _one_of(given: str, words: Sequence[Word], entry: str, kind: str) -> Word:
    lower = given.lower()
    for word in words:
        if lower in {word, f"{word}s"}:
            return word
    near = [_SYNONYMS[lower]] if _SYNONYMS.get(lower) in words else get_close_matches(lower, words, n=1)
    listed = f"{', '.join(words[:-1])} or {words[-1]}"
    cure = f"did you mean {near[0]}?" if near else f"write {listed}"
    raise _wrong(entry, f"has no {kind} that is known", cure)


def _same(one: Limit, other: Limit) -> bool:
    first, second = ((limit.level, limit.window, limit.tokens is None) for limit in (one, other))
    return first == second


def _wrong(entry: str, what: str, cure: str) -> UsageError:
    text = entry.strip()
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return UsageError(f"{shown!r} {what}: {cure}{'' if cure.endswith('?') else '.'}")
