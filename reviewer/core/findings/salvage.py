"""Gets the complete entries of a list out of JSON that a model wrote: fenced, double-encoded, malformed or cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TEXT_LIMIT = 4_000_000  # characters; no model answers this much, and reading must stay cheap
_ATTEMPTS = 2_000  # places at which a malformed text is tried

_DECODER = json.JSONDecoder(strict=False)  # raw newlines and tabs inside strings are common and harmless
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)  # a string is passed over whole
_BRACKET = re.compile(r'[{\[]|"(?=\s*\{\s*\\")')  # the last: JSON inside a JSON string
_LOOKS_LIKE_JSON = re.compile(r'[{\[]\s*["{\[]|"')
_GAP = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Entries:
    """What was found under the key. `whole` is False when more may have been meant than could be read."""

    entries: tuple[object, ...]
    whole: bool


def entries_of(text: str, key: str) -> Entries:
    """The list under `key` in a JSON object, in several objects one after the other, or a bare list. Never raises."""
    text = text[:_TEXT_LIMIT]
    entries = _read_well_formed(text, key)
    if entries is None:
        text = _TRAILING_COMMA.sub(lambda match: match[1] or "", text)
        entries = _read_well_formed(text, key)
    if entries is not None:
        return Entries(tuple(entries), whole=True)
    return Entries(tuple(_complete_entries(text, key)), whole=False)


def _read_well_formed(text: str, key: str) -> list[object] | None:
    """The entries when all the JSON in the text is readable; None when some is broken or none holds the key."""
    found: list[object] | None = None
    at = _first_bracket(text, 0)
    while at >= 0:
        decoded = _decode(text, at)
        if decoded is None and _LOOKS_LIKE_JSON.match(text, at):
            return None
        value, end = decoded or (None, at + 1)
        listed = _listed(value, key)
        if listed is not None:
            found = (found or []) + listed
        at = _first_bracket(text, end)
    return found


def _first_bracket(text: str, start: int) -> int:
    match = _BRACKET.search(text, start)
    return match.start() if match else -1


def _decode(text: str, at: int) -> tuple[object, int] | None:
    """One JSON value at `at` and where it ends. A number of 5,000 digits or 1,000 levels also count as unreadable."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return value, end


def _listed(value: object, key: str) -> list[object] | None:
    """The entries that `value` holds; None when it is something else, such as a bracket in the text around."""
    if isinstance(value, str):
        inner = _decode(value.strip(), 0)
        return None if inner is None or isinstance(inner[0], str) else _listed(inner[0], key)
    if isinstance(value, dict):
        if key not in value:
            return None
        value = value[key]
        if isinstance(value, dict):
            return [value]
        return value if isinstance(value, list) else None  # null or a text under the key is no answer
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        return value
    return None


def _complete_entries(text: str, key: str) -> Iterator[object]:
    """Every object of the list that can be read to its end; what is cut off or broken is passed over."""
    list_opens = rf'"{re.escape(key)}"\s*:\s*\['
    next_entry = re.compile(rf"\}}\s*,\s*(?=\{{)|{list_opens}")
    opening = re.search(list_opens, text)
    at = opening.end() if opening else text.find("[") + 1
    for _ in range(_ATTEMPTS):
        at = _GAP.match(text, at).end()  # type: ignore[union-attr]  # matches the empty string everywhere
        decoded = _decode(text, at) if text.startswith("{", at) else None
        if decoded is not None:
            entry, at = decoded
            yield entry
        elif following := next_entry.search(text, at):
            at = following.end()
        else:
            return


def object_of(text: str, key: str) -> dict[str, object] | None:
    """The first JSON object in the text that has the key, also as JSON inside a JSON string. Never raises."""
    text = text[:_TEXT_LIMIT]
    at = _first_bracket(text, 0)
    for _ in range(_ATTEMPTS):
        if at < 0:
            break
        value, end = _decode(text, at) or (None, at + 1)
        if isinstance(value, str):
            value = (_decode(value.strip(), 0) or (None, 0))[0]
        if isinstance(value, dict) and key in value:
            return value
        at = _first_bracket(text, end)
    return None
