"""Finds orders to whoever reviews the change: to set its instructions aside, or to come to a verdict.

Ordinary code and prose speak of rules, prompts and reviews too. So each pattern wants a verb that commands, and what
it commands about: the reviewer's instructions, or this very review.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from reviewer.core.hostile.folding import folded, latin
from reviewer.core.hostile.languages import LANGUAGES, TOKENS
from reviewer.core.hostile.phrases import RULES, SOFT


@dataclass(frozen=True, slots=True)
class _Text:
    """Folded lines as one text, and where each begins."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, lines: Sequence[str]) -> _Text:
        return cls("\n".join(lines), tuple(accumulate((len(line) + 1 for line in lines), initial=0)))

    def span(self, match: re.Match[str]) -> tuple[int, int]:
        """The first and the last line of a match, from 0."""
        return bisect_right(self.starts, match.start()) - 1, bisect_right(self.starts, match.end() - 1) - 1


def orders(lines: Sequence[str], *, said: bool = False) -> list[tuple[int, int]]:
    """Where the lines, which follow one another, give orders to a reviewer: first and last index of each place.

    `said`: a person says them about the change (a title, a description), where to ask for approval is ordinary.
    An order may go over the end of one line.
    """
    folds = [folded(line) for line in lines]
    found = {(at, at) for at, line in enumerate(lines) if _may(line) and any(token.search(line) for token in TOKENS)}
    plain = _Text.of(folds)
    found |= set(_spans(plain, said=said))
    if (seen := latin(plain.text)) != plain.text:
        found |= set(_spans(_Text(seen, plain.starts), said=said))
    return sorted(found)


def _may(line: str) -> bool:
    return "<" in line or "[" in line


def _spans(text: _Text, *, said: bool) -> Iterator[tuple[int, int]]:
    for rule in (*RULES, *LANGUAGES):
        if said and not rule.said:
            continue
        if any(trigger in text.text for trigger in rule.triggers):
            for match in rule.pattern.finditer(text.text):
                first, last = text.span(match)
                if last - first <= 1 and not SOFT.search(text.text, max(0, match.start() - 40), match.start()):
                    yield first, last
