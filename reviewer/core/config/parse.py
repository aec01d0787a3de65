"""Turns a configuration file's text into a Config, and each mistake in it into a sentence with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema

from reviewer.core.config.scanner import UnreadableError
from reviewer.core.config.sentences import dotted, sentence, shown
from reviewer.core.config.tree import Location, Tree, Value, read_tree
from reviewer.core.config.values import ADAPTER, Config, PathInstructions
from reviewer.core.types import Severity

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOST_PROBLEMS = 50  # told one by one; a file of another kind has a mistake on each line
_UNKNOWN = "unexpected_keyword_argument"
_ALL_DEFAULT = "All settings are at their defaults."
_PATH = re.compile(r"[^\s:]+")  # git keeps a symbolic link as a file with nothing but the path in it


@dataclass(frozen=True, slots=True, order=True)
class ConfigProblem:
    """Something wrong in a configuration file, told to whoever can mend it. `line` counts from 1."""

    line: int
    key: str  # "gate.fail_on", "review.ignore[1]", "" for the file as a whole
    sentence: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says, without what is wrong in it. Not `usable`: nothing of it could be read.

    `config` is what it says on top of the defaults alone. The last problem of a file that is not usable is why.
    """

    name: str
    config: Config = field(default_factory=Config)
    values: Mapping[str, Value] = field(default_factory=dict)
    lines: Mapping[Location, int] = field(default_factory=dict)
    problems: tuple[ConfigProblem, ...] = ()
    usable: bool = True

    def at(self, *where: str) -> int:
        """The line of a key that the file says something under, 0 where it does not."""
        holder: Any = self.values
        for step in where:
            holder = holder.get(step) if isinstance(holder, Mapping) else None
        return 0 if holder is None else self.lines.get(where, 1)

    def failed(self, end: str) -> Layer:
        """With what follows from a file that is not usable added to its problem."""
        if self.usable or not self.problems:
            return self
        *others, last = self.problems
        return replace(self, problems=(*others, replace(last, sentence=f"{last.sentence} {end}")))


class _SchemaInWords(GenerateJsonSchema):
    """Writes a default severity as the word that the file uses."""

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - pydantic's signature
        return dft.word if isinstance(dft, Severity) else super().encode_default(dft)


def parse_config(text: str, *, name: str) -> tuple[Config, tuple[ConfigProblem, ...]]:
    """The configuration in `text`, which is the file `name`, and its problems in the order of their lines.

    A key that is unknown or has a bad value stays at its default, the others apply.
    """
    layer = read_layer(text, name=name).failed(_ALL_DEFAULT)
    return layer.config, layer.problems


def read_layer(text: str | None, *, name: str, problem: str = "") -> Layer:
    """What the file `name` says. `text` is None where it has none that could be read, and `problem` what it is."""
    if text is None:
        return _unusable(name, 1, f"the file is {problem}, and is not read: a configuration is text, of 64 KB at most.")
    try:
        tree = read_tree(text)
    except UnreadableError as error:
        return _unusable(name, error.line, f"{error.sentence}.")
    problems = [ConfigProblem(line, dotted(where), f"{said}.", name) for where, line, said in tree.oddities]
    if tree.root is None:
        return Layer(name, problems=tuple(problems))
    if not isinstance(tree.root, dict):
        return _unusable(name, 1, _no_mapping(tree.root, text), *problems)
    config, wrong = _build(tree.root, tree)
    problems += [ConfigProblem(line, key, said, name) for line, key, said in wrong]
    problems.sort()
    if len(problems) > _MOST_PROBLEMS:
        more = f"and {len(problems) - _MOST_PROBLEMS:,} more problems below."
        problems[_MOST_PROBLEMS:] = [ConfigProblem(problems[_MOST_PROBLEMS].line, "", more, name)]
    return Layer(name, config, tree.root, tree.lines, tuple(problems))


def config_schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a configuration file, for editors."""
    schema = ADAPTER.json_schema(schema_generator=_SchemaInWords)
    for section in (schema, *(each for name, each in schema["$defs"].items() if name != PathInstructions.__name__)):
        section["properties"] = {key: _or_empty(said) for key, said in section["properties"].items()}
    return {"$schema": _DIALECT, **schema, "title": "Configuration of reviewer (.github/reviewer.yml)"}


def _or_empty(said: dict[str, Any]) -> dict[str, Any]:
    """`review:` with nothing under it says nothing, and is no mistake."""
    if "$ref" in said:
        return {"anyOf": [{"$ref": said["$ref"]}, {"type": "null"}], **{k: v for k, v in said.items() if k != "$ref"}}
    if "type" not in said:
        return said  # those that can be null anyway
    words = {"enum": [*said["enum"], None]} if "enum" in said else {}
    return {**said, "type": [said["type"], "null"], **words}


def _unusable(name: str, line: int, said: str, *others: ConfigProblem) -> Layer:
    return Layer(name, problems=(*others, ConfigProblem(line, "", said, name)), usable=False)


def _no_mapping(root: Value, text: str) -> str:
    if isinstance(root, str) and _PATH.fullmatch(text) and {".", "/"} & set(text):
        return f"this is a symbolic link to {shown(root)}, and links are not followed: put the file itself here."
    return f"expected keys such as `review:` and `gate:`, not {shown(root)}."


def _build(root: dict[str, Value], tree: Tree) -> tuple[Config, list[tuple[int, str, str]]]:
    """Take out what is wrong until the rest is right; each round takes out at least one key."""
    wrong: list[tuple[int, str, str]] = []
    while True:
        try:
            # As JSON: there strictness still takes a mapping for a dataclass and a list for a tuple.
            return ADAPTER.validate_json(json.dumps(root), strict=True), wrong
        except ValidationError as error:
            details = error.errors(include_url=False)
        for detail in details:
            unknown = detail["type"] == _UNKNOWN
            where = detail["loc"] if unknown else detail["loc"][:2]
            empty = detail["input"] is None and len(detail["loc"]) == len(where)  # `review:` alone is no mistake
            if unknown or not empty:
                wrong.append((_line(detail["loc"], tree), dotted(detail["loc"]), sentence(detail)))
            _take_out(root, where)


def _take_out(root: dict[str, Value], where: Location) -> None:
    holder: Any = root
    for step in where[:-1]:
        if not isinstance(holder, dict | list) or (isinstance(holder, dict) and step not in holder):
            return  # taken out whole, for another mistake
        holder = holder[step]  # type: ignore[index] # a str step on a dict, an int step on a list
    if isinstance(holder, dict):
        holder.pop(where[-1], None)


def _line(where: Location, tree: Tree) -> int:
    """The line of the innermost key or entry that is really written in the file."""
    written = (tree.lines[where[:length]] for length in range(len(where), 0, -1) if where[:length] in tree.lines)
    return next(written, 1)
