"""Labelled cases, made of scenes: pieces of code with their defects, each said in several wordings.

A scene is a JSON object: `path`, `code` (a list of lines) and `issues`, by name; an issue has `quote` (its line),
`category`, and `said`, a list of wordings `[title, body]` or `[title, body, category]`. Two wordings of one issue are
the same, two of different issues are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from reviewer.core.errors import UsageError

# Said of the same lines; one of them with the line above, too; of other code.
Relation = Literal["line", "range", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of some lines. `text` is what `text_of` gives of a finding with this title and body."""

    text: str
    code: tuple[str, ...]
    category: str


@dataclass(frozen=True, slots=True)
class Case:
    """Two wordings, how their places relate, and whether they are the same issue."""

    name: str
    first: Wording
    second: Wording
    relation: Relation
    same: bool


def cases_of(scenes: Iterable[Mapping[str, Any]]) -> tuple[Case, ...]:
    """All pairs within each scene. Raises UsageError that names the scene that is not of this form."""
    found: list[Case] = []
    for scene in scenes:
        try:
            found += _cases(scene)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            name = scene.get("name", "?") if isinstance(scene, Mapping) else "?"
            message = f"the scene {name!r} is not as it should be ({error!r}): see core/meaning/cases.py for the form"
            raise UsageError(message) from None
    return tuple(found)


def texts_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """Each text once: what must be embedded before `calibrated` can compare them."""
    return tuple(dict.fromkeys(each.text for case in cases for each in (case.first, case.second)))


def _cases(scene: Mapping[str, Any]) -> Iterator[Case]:
    code = scene["code"]
    said = [(name, issue["quote"], each) for name, issue in scene["issues"].items() for each in _wordings(issue)]
    for (name, quote, one), (other, line, two) in combinations(said, 2):
        title, same = f"{scene['name']}: {name} / {other}", name == other
        if quote == line:
            yield Case(title, one, two, "line", same)
        elif not same:
            yield Case(title, one, two, "elsewhere", same)
        for first, second, at, there in ((one, two, quote, line), (two, one, line, quote)):
            wide = _wider(second, code, there)
            if wide is not None and " ".join(at.split()) in wide.code:
                yield Case(title, first, wide, "range", same)


def _wordings(issue: Mapping[str, Any]) -> Iterator[Wording]:
    line = " ".join(issue["quote"].split())
    for said in issue["said"]:
        yield Wording(f"{said[0]}\n{said[1]}", (line,), (*said, issue["category"])[2])


def _wider(said: Wording, code: Sequence[str], line: str) -> Wording | None:
    """The same, said of the line above as well."""
    at = code.index(line)
    above = " ".join(code[at - 1].split()) if at else ""
    return Wording(said.text, (above, *said.code), said.category) if above else None
