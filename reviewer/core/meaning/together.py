"""Tells how two findings stand to each other in the code, whatever they say."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from reviewer.core.meaning.known import Known, spot_of
from reviewer.core.meaning.words import identifiers

# The same lines; one begins within what the other quotes; the line was edited or moved; both are about a whole file.
Together = Literal["line", "range", "spot", "file"]

_TELLING = 6  # letters and digits of a line that is not everywhere
_KEPT = 0.5  # the part of an edited line's names that was there before


def together(a: Known, b: Known) -> Together | None:
    """None where no likeness of what they say would make them one. The same either way round."""
    if not a.code or not b.code:
        return _by_name(a, b)
    if a.path == b.path and a.code[0] == b.code[0] and _in_one_context(a, b):
        return "line" if a.code == b.code else "range"
    if _within(a, b) or _within(b, a):
        return "range"
    return "spot" if _one_line(a, b) or _edited(a, b) or _went_along(a, b) else None


def telling(line: str) -> bool:
    return sum(map(str.isalnum, line)) >= _TELLING


def is_spot_of(spot: str, was: str, b: Known) -> bool:
    """Whether the first part of a name is that of the line that `b` is about, in the file as it `was` called."""
    return spot == b.spot if was == b.was else spot == spot_of(was, b.code[0] if b.code else "")


def _by_name(a: Known, b: Known) -> Together | None:
    """The code of one is known by a digest only."""
    if a.path != b.path or not a.spot or not (is_spot_of(a.spot, a.was, b) or is_spot_of(b.spot, b.was, a)):
        return None
    if not _in_one_context(a, b):
        return None
    whole = not a.code and not b.code and a.spot == spot_of(a.was, "")
    return "file" if whole else "range"


def _in_one_context(a: Known, b: Known) -> bool:
    """Both are about one line of the file, wherever it stands now: by what is around it, or as the only such line."""
    return a.context == b.context or (a.alone and b.alone and _in_one_symbol(a, b))


def _in_one_symbol(a: Known, b: Known) -> bool:
    return not a.symbol or not b.symbol or a.symbol == b.symbol


def _within(a: Known, b: Known) -> bool:
    """One begins within what the other quotes."""
    near = a.path == b.path and _in_one_symbol(a, b) and a.code[0] != b.code[0]
    return near and a.code[0] in b.code and telling(a.code[0])


def _one_line(a: Known, b: Known) -> bool:
    """Whoever carried the line over to this head says that it is the same one. Some servers carry it to where another
    line stands by now, so of what it said before a good part must be there.
    """
    at_one = a.path == b.path and a.line == b.line > 0
    return at_one and (a.code[0] == b.code[0] or (_in_one_symbol(a, b) and _overlap(a.code[0], b.code[0])))


def _edited(a: Known, b: Known) -> bool:
    near = a.path == b.path and _in_one_symbol(a, b) and a.code[0] != b.code[0]
    return near and (a.gone or b.gone) and _grown(a.code[0], b.code[0])


def _went_along(a: Known, b: Known) -> bool:
    """The code moved to another file with what stood around it."""
    alike = a.path != b.path and a.code[0] == b.code[0] and a.context == b.context
    return alike and (a.gone or b.gone) and telling(a.code[0])


def _grown(a: str, b: str) -> bool:
    """One line is the other with something put in: what merely names something else may be another line of its kind."""
    first, second = sorted((words_of(a), words_of(b)), key=len)
    return first <= second and len(first) >= _KEPT * len(second) > 0


def _overlap(a: str, b: str) -> bool:
    first, second = words_of(a), words_of(b)
    return len(first & second) >= _KEPT * len(first | second) > 0


@lru_cache(maxsize=4_096)
def words_of(line: str) -> frozenset[str]:
    return identifiers(line)
