"""Labelled cases for dedupe, made from the scenes in fixtures/dedupe: pieces of code, and what was said of each defect.

Each scene holds defects with several wordings each. Two wordings of one defect are the same issue, at the same place,
after the code moved, after an edit nearby, and with a wider quote; wordings of two defects never are, nor is a wording
that is said of another line (`also`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import combinations, permutations, product
from pathlib import Path
from typing import Any

from reviewer.core.anchors import Places, place
from reviewer.core.meaning import Known, known
from reviewer.core.symbols import outline
from reviewer.core.types import Diff, FileDiff, Finding, Hunk, Line, Severity

FOLDER = Path(__file__).parent.parent / "fixtures" / "dedupe"


@dataclass(frozen=True)
class Case:
    """Two findings, the second perhaps on a later version of the code, and whether they are the same issue."""

    kind: str
    name: str
    first: Known
    second: Known
    same: bool


class Version:
    """One version of a scene's file: says what a finding on one of its lines is known by."""

    def __init__(self, path: str, code: Sequence[str]) -> None:
        lines = tuple(Line("+", text, None, number) for number, text in enumerate(code, 1))
        hunk = Hunk(0, 0, 1, len(lines), "", lines)
        self.path, self.code = path, list(code)
        self.places = Places(Diff((FileDiff(path, path, "added", (hunk,)),)))
        found = outline(path, "\n".join(code))
        self.symbols = found.symbols if found else ()

    def found(self, quote: str, said: Sequence[str], category: str, *, before: int = 0) -> Known:
        """`before`: how many lines above its own the quote begins."""
        at = self.code.index(quote)
        start = max(at - before, 0)
        title, body, named = (*said, category)[:3]
        finding = Finding(
            path=self.path,
            line=start + 1,
            end_line=at + 1 if before else None,
            quote="\n".join(self.code[start : at + 1]),
            severity=Severity.HIGH,
            category=named,
            confidence=0.9,
            title=title,
            body=body,
        )
        placed = place(finding, self.places)
        assert placed.anchor, f"{quote} has no place: {placed.problem}"
        return known(placed, symbol=self._symbol(at + 1))

    def stored(self, finding: Known) -> Known:
        """A finding of an older version as it is compared with those of this one: its line is not carried over."""
        there = {
            (" ".join(text.split()), sha256(self._context(text, at).encode()).hexdigest()[:8])
            for at, text in enumerate(self.code)
        }
        return replace(finding, line=0, gone=(finding.code[0], finding.context) not in there)

    def _context(self, text: str, at: int) -> str:
        rows = self.places.rows(self.path)
        assert rows is not None
        return rows.context(rows.rows[at])

    def _symbol(self, line: int) -> str:
        around = [symbol for symbol in self.symbols if symbol.start <= line <= symbol.end]
        return max(around, key=lambda symbol: symbol.depth).name if around else ""


def cases() -> list[Case]:
    return [
        case for file in sorted(FOLDER.glob("*.json")) for scene in json.loads(file.read_text()) for case in of(scene)
    ]


def of(scene: Mapping[str, Any]) -> Iterator[Case]:
    yield from _rewordings(scene)
    yield from _near(scene)
    yield from _elsewhere(scene)


def _rewordings(scene: Mapping[str, Any]) -> Iterator[Case]:
    """Each pair of wordings once at the same place, and in both directions after each change."""
    now = Version(scene["path"], scene["code"])
    for name, issue in scene["issues"].items():
        quote, category, title = issue["quote"], issue["category"], f"{scene['name']}: {name}"
        for one, two in combinations(issue["said"], 2):
            yield Case("reworded", title, now.found(quote, one, category), now.found(quote, two, category), same=True)
        for one, two in permutations(issue["said"], 2):
            first = now.found(quote, one, category)
            for kind, later in (("moved", _moved(scene)), ("edited nearby", _edited(scene, quote))):
                yield Case(kind, title, later.stored(first), later.found(quote, two, category), same=True)
            if scene["code"].index(quote):
                yield Case("wider", title, first, now.found(quote, two, category, before=1), same=True)


def _near(scene: Mapping[str, Any]) -> Iterator[Case]:
    """Every wording of one defect with every wording of another: at once, after changes, and after a fix."""
    now = Version(scene["path"], scene["code"])
    for (name, one), (other, two) in permutations(scene["issues"].items(), 2):
        title = f"{scene['name']}: {name} / {other}"
        fixed = _without(scene, one["quote"])
        for said, then in product(one["said"], two["said"]):
            first = now.found(one["quote"], said, one["category"])
            if name < other:
                yield Case("near", title, first, now.found(two["quote"], then, two["category"]), same=False)
            for kind, later in (("near, moved", _moved(scene)), ("near, edited", _edited(scene, one["quote"]))):
                second = later.found(two["quote"], then, two["category"])
                yield Case(kind, title, later.stored(first), second, same=False)
            if two["quote"] in fixed.code:
                second = fixed.found(two["quote"], then, two["category"])
                yield Case("near, fixed", title, fixed.stored(first), second, same=False)
            if scene["code"].index(two["quote"]):
                wider = now.found(two["quote"], then, two["category"], before=1)
                yield Case("near, wider", title, first, wider, same=False)


def _elsewhere(scene: Mapping[str, Any]) -> Iterator[Case]:
    """The very same text, said of another line: while the first line stands, and when it is gone."""
    now = Version(scene["path"], scene["code"])
    copy = Version(f"other/{scene['path']}", scene["code"])
    for name, issue in scene["issues"].items():
        title, category = f"{scene['name']}: {name}", issue["category"]
        for said in issue["said"]:
            first = now.found(issue["quote"], said, category)
            yield Case("other file", title, first, copy.found(issue["quote"], said, category), same=False)
            if also := issue.get("also"):
                yield Case("elsewhere", title, first, now.found(also, said, category), same=False)
                later = _without(scene, issue["quote"])
                yield Case(
                    "elsewhere, fixed", title, later.stored(first), later.found(also, said, category), same=False
                )


def _moved(scene: Mapping[str, Any]) -> Version:
    """Below other code."""
    return Version(scene["path"], [*scene["other"], *scene["code"]])


def _edited(scene: Mapping[str, Any], quote: str) -> Version:
    """With other lines right above and right below."""
    at = scene["code"].index(quote)
    above, below = scene["code"][:at], scene["code"][at + 1 :]
    return Version(scene["path"], [*above, scene["between"], quote, scene["between"], *below])


def _without(scene: Mapping[str, Any], quote: str) -> Version:
    return Version(scene["path"], [line for line in scene["code"] if line != quote])
