"""Finds what people have dismissed in a repository that says the same as a new finding, there or elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.core.meaning.known import Known
from reviewer.core.meaning.meaning import LEXICAL_MEANING, Kept, Meaning
from reviewer.core.meaning.same import contrary, exchange_names, likeness_if_same, of_another

Why = Literal["same place", "alike"]
SAME_PLACE: Why = "same place"
ALIKE: Why = "alike"


@dataclass(frozen=True, slots=True)
class Dismissed:
    """Which of those that were given it is like, by its place among them, how alike, and why that is enough."""

    at: int
    why: Why
    like: float


class Unwanted:
    """What was dismissed in a repository: made once, asked for each finding."""

    def __init__(self, dismissed: Sequence[Known], *, meaning: Meaning = LEXICAL_MEANING) -> None:
        self._all, self._meaning = dismissed, meaning
        self._by_path: defaultdict[str, list[int]] = defaultdict(list)
        by_category: defaultdict[str, list[int]] = defaultdict(list)
        for at, each in enumerate(dismissed):
            self._by_path[each.path].append(at)
            by_category[each.category].append(at)
        self._kept: dict[str, tuple[list[int], Kept]] = {
            category: (places, meaning.kept(dismissed[at].words for at in places))
            for category, places in by_category.items()
        }

    def like(self, finding: Known) -> Dismissed | None:
        """The same finding where it is there; else the likest of the same category, if it is very much alike."""
        here = [
            (like, -at)
            for at in self._by_path.get(finding.path, ())
            if (like := likeness_if_same(finding, self._all[at], meaning=self._meaning)) is not None
        ]
        if here:
            like, at = max(here)
            return Dismissed(-at, SAME_PLACE, like)
        places, kept = self._kept.get(finding.category, ([], None))
        for at, like in kept.like(finding.words, least=self._meaning.bars.elsewhere) if kept else ():
            if not _of_another(finding, self._all[places[at]]):
                return Dismissed(places[at], ALIKE, like)
        return None


def _of_another(a: Known, b: Known) -> bool:
    return contrary(a.kinds, b.kinds) or of_another(a.names, b.names) or exchange_names(a, b)
