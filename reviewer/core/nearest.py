"""Chooses the chunks that a question is nearest to, by its place and the names in it; and lines around a place."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from reviewer.core.types import Chunk

_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_PART = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}")
AROUND, LONGEST_ROW = 30, 300  # lines on each side; characters of one
_PATH, _FILE = 40.0, 20.0  # what naming the file is worth, against some 3 for a rare word


def nearest(chunks: Sequence[Chunk], said: str, *, room: int, line: int = 0) -> tuple[Chunk, ...]:
    """As many as `room` tokens hold, in the order of the diff.

    Where nothing in `said` points anywhere, the first ones. `line` of the new file: the chunk that holds it comes
    first.
    """
    scores = _scores(chunks, said)
    here = [bool(line) and any(each.new == line for each in chunk.lines) for chunk in chunks]
    order = sorted(range(len(chunks)), key=lambda at: (not here[at], -scores[at], at))
    pointed = [at for at in order if here[at] or scores[at]] or order
    chosen = []
    for at in pointed:
        if chunks[at].tokens <= room:
            chosen.append(at)
            room -= chunks[at].tokens
    return tuple(chunks[at] for at in sorted(chosen))


def around(text: str, line: int, *, most: int) -> str:
    """The lines of a file around one of them, each with its number, in up to `most` characters; "" outside of it."""
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return ""
    rows: dict[int, str] = {}
    for step in range(AROUND + 1):
        for at in dict.fromkeys((line - step, line + step)):
            row = f"{at} {lines[at - 1][:LONGEST_ROW]}" if 1 <= at <= len(lines) else ""
            if len(row) >= most:
                return _joined(rows)
            if row:
                rows[at] = row
                most -= len(row) + 1
    return _joined(rows)


def line_of(text: str, code: str) -> int:
    """The line of a file that reads like the first of `code`, 0 where none or more than one does."""
    wanted = next((line.strip() for line in code.splitlines() if line.strip()), "")
    found = [at for at, line in enumerate(text.split("\n"), 1) if wanted and line.strip() == wanted]
    return found[0] if len(found) == 1 else 0


def _joined(rows: Mapping[int, str]) -> str:
    return "\n".join(rows[at] for at in sorted(rows))


def _scores(chunks: Sequence[Chunk], said: str) -> list[float]:
    """The rarer a word among the chunks, the more it says; what is in all of them says nothing."""
    asked = _words(said)
    shared = [asked & _words(chunk.text) for chunk in chunks]
    common = Counter(word for words in shared for word in words)
    weights = {word: math.log(len(chunks) / count) for word, count in common.items()}
    return [
        sum(weights[word] for word in words) + _named(chunk.path, said)
        for chunk, words in zip(chunks, shared, strict=True)
    ]


def _named(path: str, said: str) -> float:
    if path in said:
        return _PATH
    name = path.rpartition("/")[2]
    return _FILE if "." in name and name in said else 0.0


def _words(text: str) -> set[str]:
    """Names, and the words in them, in small letters; what two texts share of them is no more than words."""
    found = set(_WORD.findall(text))
    parts = {part.lower() for word in found for part in _PART.findall(word)}
    return {word.lower() for word in found} | parts
