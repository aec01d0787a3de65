"""Puts the files that configure a repository on top of each other, and knows where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, NamedTuple

from reviewer.core.config.parse import ConfigProblem, Layer
from reviewer.core.config.tree import Value
from reviewer.core.config.values import ADAPTER, Config
from reviewer.core.types import Severity

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Layered:
    """A configuration made of several files. `sources` has, by the name of a key, the file and line that set it."""

    config: Config = field(default_factory=Config)
    sources: dict[str, str] = field(default_factory=dict)  # "gate.fail_on" -> "octo/.github:.github/reviewer.yml:3"
    problems: tuple[ConfigProblem, ...] = ()


def layered(layers: Sequence[Layer]) -> Layered:
    """The defaults, then each layer in its order, the last one wins. A mapping adds to what is below it, key by key.

    A list takes the place of the whole list below it. What is empty says nothing.
    """
    values: dict[str, Value] = {}
    sources: dict[str, str] = {}
    for layer in layers:
        for section, said in layer.values.items():
            if isinstance(said, dict):
                below = values.get(section)
                spoken: dict[str, Value] = {key: value for key, value in said.items() if value is not None}
                values[section] = {**(below if isinstance(below, dict) else {}), **spoken}
                sources |= {f"{section}.{key}": f"{layer.name}:{layer.at(section, key)}" for key in spoken}
            elif said is not None:
                values[section] = said
                sources[section] = f"{layer.name}:{layer.at(section)}"
    config = ADAPTER.validate_json(json.dumps(values), strict=True)  # each layer was found good, key by key
    return Layered(config, sources, tuple(problem for layer in layers for problem in layer.problems))


class Shown(NamedTuple):
    """A key with its value, about as a file writes it, and where that comes from."""

    key: str
    value: str
    source: str


def settings_of(known: Layered) -> Iterator[Shown]:
    """Every key, in the order of the documentation."""
    config = known.config
    for section in fields(config):
        part: Any = getattr(config, section.name)
        inner = fields(part) if is_dataclass(part) else ()
        if not inner:
            yield Shown(section.name, _word(part), known.sources.get(section.name, DEFAULT))
        for each in inner:
            key = f"{section.name}.{each.name}"
            yield Shown(key, _word(getattr(part, each.name), key), known.sources.get(key, DEFAULT))


def _word(value: object, key: str = "") -> str:
    match value:
        case None:
            return "never" if key == "gate.fail_on" else "none"
        case bool():
            return str(value).lower()
        case Severity():
            return value.word
        case tuple():
            return f"[{', '.join(_word(each) for each in value)}]"
    plain: Any = value
    return _word(tuple(asdict(plain).values())) if is_dataclass(value) else str(value) or "empty"
