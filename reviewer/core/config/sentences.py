"""What is said of each mistake in a configuration: what stands there, what was expected, and what is nearest to it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from pydantic_core import ErrorDetails

from reviewer.core.config.tree import Location
from reviewer.core.config.values import ADAPTER, Config

_EXPECTED = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "string_type": "text",
    "tuple_type": "a list",
    "dataclass_type": "keys with values",
    "greater_than_equal": "a number of {ge:g} or more",
    "less_than_equal": "a number of {le:g} or less",
    "string_too_short": "longer text, of {min_length} characters at least",
    "string_too_long": "text of at most {max_length} characters",
    "too_long": "a list of at most {max_length} entries",
    "string_pattern_mismatch": "`owner/name`",
}


def sentence(detail: ErrorDetails) -> str:
    key, given = dotted(detail["loc"]), detail["input"]
    match detail["type"]:
        case "unexpected_keyword_argument":
            return _unknown(detail["loc"])
        case "missing":
            return f"`{dotted(detail['loc'][:-1])}` needs a `{detail['loc'][-1]}`."
        case "literal_error":
            words = [word.strip(" '") for word in detail["ctx"]["expected"].replace(" or ", ",").split(",")]
            return f"`{key}` is {shown(given)}, expected {listed(words)}{_nearest(str(given), words)}"
        case "value_error":
            return f"`{key}` is {shown(given)}, expected {detail['ctx']['error']}."
    expected = _EXPECTED.get(detail["type"], detail["msg"]).format(**detail.get("ctx", {}))
    return f"`{key}` is {shown(given)}, expected {expected}{_hint(detail['type'], given)}."


def _unknown(where: Location) -> str:
    *section, key = where
    known = _keys()
    here = known.get(dotted(entry for entry in section if isinstance(entry, str)), ())
    elsewhere = [f"{name}.{key}".lstrip(".") for name, keys in known.items() if key in keys]
    if elsewhere:
        return f"`{dotted(where)}` is not a key, did you mean `{elsewhere[0]}`?"
    near = get_close_matches(str(key).lower().replace("-", "_"), here, n=1)
    if near:
        return f"`{dotted(where)}` is not a key, did you mean `{near[0]}`?"
    return f"`{dotted(where)}` is not a key, expected {listed(here)}."


@cache
def _keys() -> dict[str, tuple[str, ...]]:
    """The keys of each section: `""` -> extends, review, …; `"gate"` -> fail_on, on_error."""
    schema = ADAPTER.json_schema()
    sections = {"": tuple(schema["properties"])}
    for part in dataclasses.fields(Config):
        definition = schema["$defs"].get(str(schema["properties"][part.name].get("$ref")).rpartition("/")[2])
        if definition:
            sections[part.name] = tuple(definition["properties"])
    return sections | {"review.path_instructions": tuple(schema["$defs"]["PathInstructions"]["properties"])}


def _hint(kind: str, given: object) -> str:
    if kind == "bool_type" and isinstance(given, str) and given.lower() in {"yes", "no", "on", "off", "y", "n"}:
        right = "true" if given.lower() in {"yes", "on", "y"} else "false"
        return f"; in YAML 1.2 `{given}` is text, write `{right}`"
    if kind == "bool_type" and isinstance(given, str) and given.lower() in {"true", "false"}:
        return "; leave out the quotes"
    if kind == "string_type" and isinstance(given, bool | int | float):
        return "; put it in quotes"
    if kind == "tuple_type" and isinstance(given, str):
        return f"; write `[{json.dumps(given[:60], ensure_ascii=False)}]`"
    return ""


def _nearest(given: str, words: list[str]) -> str:
    near = get_close_matches(given.lower(), words, n=1)
    return f"; did you mean `{near[0]}`?" if near else "."


def shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            line = " ".join(value.split())
            return f"`{line if len(line) <= 60 else line[:59] + '…'}`" if line else "empty text"
    return f"`{json.dumps(value)[:60]}`"


def listed(words: Iterable[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def dotted(where: Iterable[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")
