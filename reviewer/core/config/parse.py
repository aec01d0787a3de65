"""Turns a configuration file's text into a Config, and each mistake in it into a sentence with its line."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import ErrorDetails

from reviewer.core.config.tree import Location, Tree, UnreadableError, Value, read_tree
from reviewer.core.config.values import Config
from reviewer.core.types import Severity

_ADAPTER = TypeAdapter(Config)
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
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
    "string_pattern_mismatch": "`owner/name`",
}
_MOST_PROBLEMS = 50  # told one by one; a file of another kind has a mistake on each line
_UNKNOWN = "unexpected_keyword_argument"


@dataclass(frozen=True, slots=True, order=True)
class ConfigProblem:
    """Something wrong in a configuration file, told to whoever can mend it. `line` counts from 1."""

    line: int
    key: str  # "gate.fail_on", "review.ignore[1]", "" for the file as a whole
    sentence: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class _SchemaInWords(GenerateJsonSchema):
    """Writes a default severity as the word that the file uses."""

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - pydantic's signature
        return dft.word if isinstance(dft, Severity) else super().encode_default(dft)


def parse_config(text: str, *, name: str) -> tuple[Config, tuple[ConfigProblem, ...]]:
    """The configuration in `text`, which is the file `name`, and its problems in the order of their lines.

    A key that is unknown or has a bad value stays at its default, the others apply.
    """
    try:
        tree = read_tree(text)
    except UnreadableError as error:
        return Config(), (
            ConfigProblem(error.line, "", f"{error.sentence}. All settings are at their defaults.", name),
        )
    problems = [ConfigProblem(line, _dotted(where), f"{said}.", name) for where, line, said in tree.oddities]
    if tree.root is None:
        return Config(), tuple(problems)
    if not isinstance(tree.root, dict):
        said = (
            f"expected keys such as `review:` and `gate:`, not {_shown(tree.root)}. All settings are at their defaults."
        )
        return Config(), (*problems, ConfigProblem(1, "", said, name))
    config, wrong = _build(tree.root, tree)
    problems += [ConfigProblem(line, key, said, name) for line, key, said in wrong]
    problems.sort()
    if len(problems) > _MOST_PROBLEMS:
        more = f"and {len(problems) - _MOST_PROBLEMS:,} more problems below."
        problems[_MOST_PROBLEMS:] = [ConfigProblem(problems[_MOST_PROBLEMS].line, "", more, name)]
    return config, tuple(problems)


def config_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a configuration file, for editors."""
    schema = _ADAPTER.json_schema(schema_generator=_SchemaInWords)
    return {"$schema": _DIALECT, **schema, "title": "Configuration of reviewer (.github/reviewer.yml)"}


def _build(root: dict[str, Value], tree: Tree) -> tuple[Config, list[tuple[int, str, str]]]:
    """Take out what is wrong until the rest is right; each round takes out at least one key."""
    wrong: list[tuple[int, str, str]] = []
    while True:
        try:
            # As JSON: there strictness still takes a mapping for a dataclass and a list for a tuple.
            return _ADAPTER.validate_json(json.dumps(root), strict=True), wrong
        except ValidationError as error:
            details = error.errors(include_url=False)
        for detail in details:
            unknown = detail["type"] == _UNKNOWN
            where = detail["loc"] if unknown else detail["loc"][:2]
            empty = detail["input"] is None and len(detail["loc"]) == len(where)  # `review:` alone is no mistake
            if unknown or not empty:
                wrong.append((_line(detail["loc"], tree), _dotted(detail["loc"]), _sentence(detail)))
            _take_out(root, where)


def _take_out(root: dict[str, Value], where: Location) -> None:
    holder: Any = root
    for step in where[:-1]:
        if not isinstance(holder, dict | list) or (isinstance(holder, dict) and step not in holder):
            return  # taken out whole, for another mistake
        holder = holder[step]  # type: ignore[index] # a str step on a dict, an int step on a list
    if isinstance(holder, dict):
        holder.pop(where[-1], None)


def _sentence(detail: ErrorDetails) -> str:
    key, given = _dotted(detail["loc"]), detail["input"]
    match detail["type"]:
        case "unexpected_keyword_argument":
            return _unknown(detail["loc"])
        case "missing":
            return f"`{_dotted(detail['loc'][:-1])}` needs a `{detail['loc'][-1]}`."
        case "literal_error":
            words = [word.strip(" '") for word in detail["ctx"]["expected"].replace(" or ", ",").split(",")]
            return f"`{key}` is {_shown(given)}, expected {_listed(words)}{_nearest(str(given), words)}"
        case "value_error":
            return f"`{key}` is {_shown(given)}, expected {detail['ctx']['error']}."
    expected = _EXPECTED.get(detail["type"], detail["msg"]).format(**detail.get("ctx", {}))
    return f"`{key}` is {_shown(given)}, expected {expected}{_hint(detail['type'], given)}."


def _unknown(where: Location) -> str:
    *section, key = where
    known = _keys()
    here = known.get(_dotted(entry for entry in section if isinstance(entry, str)), ())
    elsewhere = [f"{name}.{key}".lstrip(".") for name, keys in known.items() if key in keys]
    if elsewhere:
        return f"`{_dotted(where)}` is not a key, did you mean `{elsewhere[0]}`?"
    near = get_close_matches(str(key).lower().replace("-", "_"), here, n=1)
    if near:
        return f"`{_dotted(where)}` is not a key, did you mean `{near[0]}`?"
    return f"`{_dotted(where)}` is not a key, expected {_listed(here)}."


@cache
def _keys() -> dict[str, tuple[str, ...]]:
    """The keys of each section: `""` -> extends, review, …; `"gate"` -> fail_on, on_error."""
    schema = _ADAPTER.json_schema()
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


def _shown(value: object) -> str:
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


def _listed(words: Iterable[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _dotted(where: Iterable[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where).lstrip(".")


def _line(where: Location, tree: Tree) -> int:
    """The line of the innermost key or entry that is really written in the file."""
    written = (tree.lines[where[:length]] for length in range(len(where), 0, -1) if where[:length] in tree.lines)
    return next(written, 1)
