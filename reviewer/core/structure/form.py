"""Makes the form of a chunk: the tokens of its new and of its old side."""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise

from reviewer.core.structure.comments import in_comments
from reviewer.core.structure.languages import kind_of, language_of
from reviewer.core.structure.side import Read, read
from reviewer.core.types import Form, Line

LONGEST_LINE = 2_000  # characters; a longer line is not shown to the model as it is
LARGEST = 100_000  # characters of a chunk; one of 4,000 tokens has some 16,000

# Enters every digest: change it with anything here that changes what is the same.
_VERSION = 2

# Markup in code, where blanks are content: a tag that closes, or that opens (no type parameter looks like it).
_TAG = re.compile(r"</[\w.]*\s*>|/>|(?<![\w)\]?])<(?:>|[A-Za-z][\w.:-]*(?:>|\s|$))")


# What ends a line, and so a comment, for some compilers, and for git does not; and what shows text in another order
# than a compiler reads it.
_ODD = re.compile("\r(?!\\Z)|[\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def form(path: str, lines: Sequence[Line]) -> Form | None:
    """The form of the chunk of these lines, which are rows of a file's diff without gaps.

    The path itself is not in it, what its name says of the language and of tests is. None when not all of the lines is
    known: something was cut out of them, or some are not there or too long to be shown whole.
    """
    if not lines or not _whole(lines):
        return None
    news = [at for at, line in enumerate(lines) if line.kind != "-"]
    olds = [at for at, line in enumerate(lines) if line.kind != "+"]
    sides = _tokens(path, [[lines[at].text for at in rows] for rows in (news, olds)])
    level, new, old = sides or ("rows", _rows(lines, news), _rows(lines, olds))
    said = json.dumps([_VERSION, level, kind_of(path), [text for text, _ in new], [text for text, _ in old]])
    rows = [*(news[row] for _, row in new if row >= 0), *(olds[row] for _, row in old if row >= 0)]
    return Form(hashlib.blake2b(said.encode(), digest_size=16).hexdigest(), tuple(rows))


def _whole(lines: Sequence[Line]) -> bool:
    if any(line.secrets or len(line.text) > LONGEST_LINE or "\n" in line.text for line in lines):
        return False
    if sum(len(line.text) for line in lines) > LARGEST:
        return False
    numbers = (
        [line.old for line in lines if line.old is not None],
        [line.new for line in lines if line.new is not None],
    )
    return all(after == before + 1 for side in numbers for before, after in pairwise(side))


def _rows(lines: Sequence[Line], places: Sequence[int]) -> list[tuple[str, int]]:
    return [(lines[at].text, row) for row, at in enumerate(places)]


def _tokens(path: str, sides: Sequence[list[str]]) -> tuple[str, Read, Read] | None:
    """How they were read, and both sides as (text, row or -1 for what is no token of the text)."""
    language = language_of(path)
    if language is None:
        return None
    if language.tags and any(_TAG.search(text) for texts in sides for text in texts):
        return _marked_up(sides)
    if any(_ODD.search(text) for texts in sides for text in texts):
        return None
    found: list[tuple[Read, list[int]]] = []
    for texts in sides:
        hidden = in_comments(texts) if language.blocks else (0, 0)
        if hidden is None:
            return None
        top, bottom = hidden
        shown = [
            "" if at < top or at >= len(texts) - bottom else text.removesuffix("\r") for at, text in enumerate(texts)
        ]
        text = "\n".join(shown)
        made = read(path, text, language)
        if made is None:
            return None
        found.append((made, [0, *accumulate(len(each) + 1 for each in shown)]))
    new, old = ([(said, -1 if at < 0 else bisect_right(starts, at) - 1) for said, at in made] for made, starts in found)
    return "tokens", new, old


def _marked_up(sides: Sequence[list[str]]) -> tuple[str, Read, Read] | None:
    """Rows without the blanks around them, which markup does not count either; None where a template may."""
    if any(
        "`" in text or _ODD.search(text) or text.count('"') % 2 or text.count("'") % 2
        for texts in sides
        for text in texts
    ):
        return None
    new, old = ([(text.strip(" \t\r"), at) for at, text in enumerate(texts) if text.strip(" \t\r")] for texts in sides)
    return "markup", new, old
