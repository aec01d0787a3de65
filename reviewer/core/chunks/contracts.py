"""Finds the contracts that a diff changes by its own lines alone, whatever else could be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.core.chunks.defines import LOOKED_AT, defined
from reviewer.core.types import Diff, FileDiff, Hunk

LONGEST_HEAD = 8  # lines over which a definition's head may go

# Prose, data and markup: what looks like a definition there is an example of one.
_NO_CODE = re.compile(
    r"\.(?:md|mdx|rst|txt|adoc|html?|xml|svg|css|scss|less|json|ya?ml|toml|ini|cfg|lock|csv|tsv|po|ipynb|diff|patch)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signature:
    """A definition; `line` is in the new file, or in the old one where it is `gone`. `method`: not at the top level."""

    path: str
    line: int
    text: str
    method: bool = False
    gone: bool = False


def contracts(diff: Diff) -> dict[str, list[Signature]]:
    """The definitions, by name, whose head the diff adds, changes or takes away.

    What only moved is none of them. Of a name that is defined anew the old definitions are left out.
    """
    made: dict[str, list[Signature]] = {}
    gone: dict[str, list[Signature]] = {}
    for file in diff.files:
        if _NO_CODE.search(file.path):
            continue
        new, old = _definitions(file, gone=False), _definitions(file, gone=True)
        for name in new.keys() | old.keys():
            before = {each.text for each in old.get(name, ())}
            after = {each.text for each in new.get(name, ())}
            made.setdefault(name, []).extend(each for each in new.get(name, ()) if each.text not in before)
            if not after:
                gone.setdefault(name, []).extend(old[name])
    return {name: found for name in made.keys() | gone.keys() if (found := made.get(name) or gone.get(name))}


def _definitions(file: FileDiff, *, gone: bool) -> dict[str, list[Signature]]:
    found: dict[str, list[Signature]] = {}
    for hunk in file.hunks:
        for name, number, text, method in _heads(hunk, "+" if gone else "-"):
            found.setdefault(name, []).append(Signature(file.path, number, text, method, gone))
    return found


def _heads(hunk: Hunk, left_out: str) -> Iterator[tuple[str, int, str, bool]]:
    """The heads of definitions on one side of a hunk: name, line, text on one line, whether it is indented."""
    lines = [line for line in hunk.lines if line.kind != left_out]
    texts = [line.text for line in lines]
    for at, text in enumerate(texts):
        name = defined(text, texts[at + 1] if at + 1 < len(texts) else "")
        if name:
            number = lines[at].new if left_out == "-" else lines[at].old
            yield name, number or 0, _folded(texts, at), text[:1].isspace()


def _folded(texts: list[str], at: int) -> str:
    """A head on one line, as far as its parentheses go."""
    parts: list[str] = []
    open_ = 0
    for text in texts[at : at + LONGEST_HEAD]:
        part = text[:LOOKED_AT]
        parts.append(part)
        open_ += part.count("(") - part.count(")")
        if open_ <= 0:
            break
    return " ".join(" ".join(parts).split()).replace("( ", "(").rstrip(" {:=")
