"""Finds which of many findings repeat what was said, without comparing each with each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from reviewer.core.meaning.known import Known, spot_of
from reviewer.core.meaning.meaning import LEXICAL_MEANING, Meaning
from reviewer.core.meaning.same import likeness_if_same
from reviewer.core.meaning.together import words_of


def repeats(findings: Sequence[Known], said: Sequence[Known], *, meaning: Meaning = LEXICAL_MEANING) -> dict[int, int]:
    """Which of `said` each finding repeats, by their places in the two lists; who repeats nothing is not in it.

    What was said once stands for one finding, the one that is most like it.
    """
    near = _Near(said)
    pairs = [
        (-like, here, there)
        for here, finding in enumerate(findings)
        for there in near.to(finding)
        if (like := likeness_if_same(finding, said[there], meaning=meaning)) is not None
    ]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, here, there in sorted(pairs):
        if here not in found and there not in taken:
            found[here] = there
            taken.add(there)
    return found


class _Near:
    """What was said, by all that `together` goes by: it finds at least every pair that stands together."""

    def __init__(self, said: Sequence[Known]) -> None:
        self._by: defaultdict[object, list[int]] = defaultdict(list)
        self._sizes = [len(words_of(each.code[0])) if each.code else 0 for each in said]
        self._was: defaultdict[str, set[str]] = defaultdict(set)
        for place, each in enumerate(said):
            for key in self._keys(each):
                self._by[key].append(place)
            if each.gone and each.code:
                self._by["moved", each.code[0]].append(place)
            for word in words_of(each.code[0]) if each.gone and each.code else ():
                self._by["word", each.path, word].append(place)
            self._was[each.path].add(each.was)

    def to(self, finding: Known) -> list[int]:
        found = {place for key in self._keys(finding) for place in self._by.get(key, ())}
        if finding.code:
            found.update(self._by.get(("moved", finding.code[0]), ()))
            found.update(self._edited(finding))
        for was in self._was.get(finding.path, ()):
            spot = spot_of(was, finding.code[0] if finding.code else "")
            found.update(self._by.get(("spot", finding.path, spot), ()))
        return sorted(found)

    def _edited(self, finding: Known) -> Iterable[int]:
        """Those that are gone and have all the words of the line, or whose words the line all has."""
        words = words_of(finding.code[0])
        shared = Counter(place for word in words for place in self._by.get(("word", finding.path, word), ()))
        return [place for place, count in shared.items() if count == min(len(words), self._sizes[place])]

    @staticmethod
    def _keys(known: Known) -> Iterable[object]:
        yield "spot", known.path, known.spot
        for line in known.code:
            yield "line", known.path, line
        if known.line:
            yield "number", known.path, known.line
