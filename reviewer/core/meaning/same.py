"""Decides whether two findings say the same: only where they stand together, and by what they mean there.

A wrong yes loses a finding, a wrong no repeats one: in doubt they are two. The bars are for likeness of title and body
as the lexical vectors have it; the closer the place, the less the words must agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reviewer.core.meaning.known import Known
from reviewer.core.meaning.vectors import likeness
from reviewer.core.meaning.words import identifiers

Alike = Callable[[bytes, bytes], float]

SAME_TEXT = 0.30  # text alone: the best on pairs of comments of real pull requests


@dataclass(frozen=True, slots=True)
class Bars:
    """How alike two texts must be at least, by place. These are for lexical vectors; others need their own."""

    line: float = 0.25  # the same lines, one category
    category: float = SAME_TEXT  # the same lines, two categories
    range: float = SAME_TEXT  # one's line is among the lines that the other quotes
    spot: float = SAME_TEXT  # the line was edited, or went to another file
    file: float = 0.45  # both are about a file, with no line in it
    exchanged: float = 0.75  # so alike, they differ in little more than a name: one speaks of `tax`, one of `rebate`


LEXICAL = Bars()

_TELLING = 6  # letters and digits of a line that is not everywhere
_KEPT = 0.5  # the part of an edited line's names that was there before


def same_issue(a: Known, b: Known, *, bars: Bars = LEXICAL, alike: Alike = likeness) -> bool:
    """Whether whoever read one of them needs not read the other. The same either way round.

    `alike` compares the `words` of the two; `bars` go with it.
    """
    bar = _bar(a, b, bars)
    if bar is None or _of_another(a, b):
        return False
    like = alike(a.words, b.words)
    return like >= bar and not (like >= bars.exchanged and _mostly_of_others(a.names, b.names))


def repeats(
    findings: Sequence[Known], said: Sequence[Known], *, bars: Bars = LEXICAL, alike: Alike = likeness
) -> dict[int, int]:
    """Which of `said` each finding repeats, by their places in the two lists; who repeats nothing is not in it.

    What was said once stands for one finding, the one that is most like it.
    """
    by_path: defaultdict[str, list[int]] = defaultdict(list)
    by_line: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, each in enumerate(said):
        by_path[each.path].append(place)
        if each.gone:
            by_line[each.code[:1]].append(place)
    pairs = [
        (-alike(finding.words, said[there].words), here, there)
        for here, finding in enumerate(findings)
        for there in sorted({*by_path.get(finding.path, ()), *by_line.get(finding.code[:1], ())})
        if same_issue(finding, said[there], bars=bars, alike=alike)
    ]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, here, there in sorted(pairs):
        if here not in found and there not in taken:
            found[here] = there
            taken.add(there)
    return found


def _bar(a: Known, b: Known, bars: Bars) -> float | None:
    """How alike the texts must be at least for these two places; None where no likeness would do."""
    if not a.code or not b.code:
        together = (a.path, a.symbol, a.code) == (b.path, b.symbol, b.code)
        return bars.file if together else None
    if _same_lines(a, b):
        return bars.line if a.category == b.category else bars.category
    if _within(a, b) or _within(b, a):
        return bars.range
    return bars.spot if _one_line(a, b) or _edited(a, b) or _went_along(a, b) else None


def _of_another(a: Known, b: Known) -> bool:
    """Whether they speak of other names from the code: of the same lines one name in common is enough."""
    if a.names <= b.names or b.names <= a.names:
        return False
    return not a.names & b.names if a.code == b.code else _mostly_of_others(a.names, b.names)


def _mostly_of_others(a: frozenset[str], b: frozenset[str]) -> bool:
    return not (a <= b or b <= a or 2 * len(a & b) >= len(a | b))


def _reads_alike(a: Known, b: Known) -> bool:
    """Both are about one line of the file, wherever it stands now: by what is around it, or as the only such line."""
    if a.path != b.path or a.code[0] != b.code[0]:
        return False
    in_one = not a.symbol or not b.symbol or a.symbol == b.symbol
    return a.context == b.context or (a.alone and b.alone and in_one)


def _same_lines(a: Known, b: Known) -> bool:
    return a.code == b.code and _reads_alike(a, b)


def _within(a: Known, b: Known) -> bool:
    """They begin at one line, or one begins within what the other quotes."""
    if _reads_alike(a, b):
        return True
    together = a.path == b.path and a.symbol == b.symbol and a.code[0] != b.code[0]
    return together and a.code[0] in b.code and _telling(a.code[0])


def _one_line(a: Known, b: Known) -> bool:
    """Whoever carried the line over to this head has seen that it is the same one."""
    return a.path == b.path and a.line == b.line > 0 and (a.code[0] == b.code[0] or a.symbol == b.symbol)


def _edited(a: Known, b: Known) -> bool:
    together = a.path == b.path and a.symbol == b.symbol and a.code[0] != b.code[0]
    return together and (a.gone or b.gone) and _grown(a.code[0], b.code[0])


def _went_along(a: Known, b: Known) -> bool:
    """The code moved to another file with what stood around it."""
    alike = a.path != b.path and a.code[0] == b.code[0] and a.context == b.context
    return alike and (a.gone or b.gone) and _telling(a.code[0])


def _grown(a: str, b: str) -> bool:
    """One line is the other with something put in: what merely names something else may be another line of its kind."""
    first, second = sorted((identifiers(a), identifiers(b)), key=len)
    return first <= second and len(first) >= _KEPT * len(second) > 0


def _telling(line: str) -> bool:
    return sum(map(str.isalnum, line)) >= _TELLING
