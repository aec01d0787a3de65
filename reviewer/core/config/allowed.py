"""Which models a configuration may name: the operator pays for them, whoever can write to a branch names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.config.parse import ConfigProblem, Layer
from reviewer.core.config.sentences import listed, shown

KEY = "model.name"
_MOST_SHOWN = 12  # of those that are allowed


def only_allowed(layer: Layer, allowed: Sequence[str]) -> Layer:
    """Without a model's name that is none of `allowed`, as with any bad value; where that is empty, as it is.

    They are names, in which `*` stands for any characters, or for none.
    """
    name = layer.config.model.name
    if not allowed or name is None or any(_fits(name, each) for each in allowed):
        return layer
    more = f" ({len(allowed) - _MOST_SHOWN} more)" if len(allowed) > _MOST_SHOWN else ""
    said = (
        f"`{KEY}` is {shown(name)}, expected one that the operator of this server allows: "
        f"{listed(allowed[:_MOST_SHOWN])}{more}."
    )
    config = replace(layer.config, model=replace(layer.config.model, name=None))
    section = layer.values.get("model")
    left = {key: value for key, value in section.items() if key != "name"} if isinstance(section, dict) else section
    problem = ConfigProblem(layer.at("model", "name"), KEY, said, layer.name)
    problems = tuple(sorted((*layer.problems, problem)))
    return replace(layer, config=config, values={**layer.values, "model": left}, problems=problems)


def _fits(name: str, glob: str) -> bool:
    """In one go, whatever the name: it is a stranger's."""
    first, *rest = glob.split("*")
    if not rest:
        return name == glob
    if not name.startswith(first):
        return False
    at, last = len(first), rest.pop()
    for part in rest:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return name.endswith(last) and len(name) - len(last) >= at
