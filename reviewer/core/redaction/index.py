"""Finds which of very many values stand in a text, in time that grows with the text and not with the values."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

_FEW = 50  # values that are searched one by one
_FULL = 50  # places and lengths of values about one word; more are a stranger's doing, who wants us to take long
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"(?:[^\w\s]|_){3,}")


class Index:
    """Over values of one line each. Where it cannot be quick and exact it says too much, never too little."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = frozenset(values)
        # By a word of theirs: where in the value it stands, and how long the value is.
        self._shapes: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
        self._wordless: list[str] = []
        self._crowded = False
        if len(self._values) > _FEW:
            self._fill()

    def found(self, text: str) -> Iterator[tuple[int, str]]:
        """Where values stand in a text: their starts and they themselves, in no order."""
        for value in self._values if len(self._values) <= _FEW else self._wordless[:_FEW]:
            start = text.find(value)
            while start >= 0:
                yield start, value
                start = text.find(value, start + 1)
        hits = self._hits(text)
        for at, word in _words(text) if hits else ():
            for before, size in self._shapes[word] if word in hits else ():
                value = text[max(0, at - before) : at - before + size]
                if value in self._values:
                    yield at - before, value

    def overfull(self, text: str) -> bool:
        """Whether so many values look like something in this text that they are not searched in it: all of it goes."""
        if len(self._wordless) > _FEW and _MARKS.search(text):
            return True
        return self._crowded and any(len(self._shapes[word]) > _FULL for word in self._hits(text))

    def _hits(self, text: str) -> set[str]:
        """The words of values that are words of the text, all at once: nearly always there are none."""
        if not self._shapes:
            return set()
        words = set(_WORD.findall(text))
        words |= {word[1:] for word in words if word[0] in "nrt"}
        return words & self._shapes.keys()

    def _fill(self) -> None:
        often = Counter(word for value in self._values for _, word in _words(value))
        for value in self._values:
            words = list(_WORD.finditer(value))
            if words:
                rarest = min(words, key=lambda word: (often[word.group()], -len(word.group())))
                self._shapes[rarest.group()].add((rarest.start(), len(value)))
            else:
                self._wordless.append(value)
        self._crowded = any(len(shapes) > _FULL for shapes in self._shapes.values())


def _words(text: str) -> Iterator[tuple[int, str]]:
    """The words and where they begin, behind an escape's letter too."""
    for match in _WORD.finditer(text):
        word = match.group()
        yield match.start(), word
        if word[0] in "nrt":
            yield match.start() + 1, word[1:]
