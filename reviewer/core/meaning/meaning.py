"""A way to compare texts: what makes their vectors, what compares those, and the bars that were chosen for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from reviewer.core.meaning.shelf import Shelf
from reviewer.core.meaning.vectors import VERSION, likeness, vector

Alike = Callable[[bytes, bytes], float]

SAME_TEXT = 0.30  # text alone: the best on pairs of comments of real pull requests


@dataclass(frozen=True, slots=True)
class Bars:
    """How alike two texts must be at least, by place: for lexical vectors; `calibrated` finds those of others.

    A text about the very same lines needs the less likeness the more the two agree on the kind of defect.
    """

    agreed: float = 0.05  # the same lines, and both name one kind of defect
    line: float = 0.31  # the same lines, and one of them names no kind that we know
    contrary: float = 0.41  # they name different kinds
    around: float = 0.12  # one's line is among the lines that the other quotes, and both name one kind of defect
    range: float = 0.31  # the same, and one of them names no kind that we know
    spot: float = SAME_TEXT  # the line was edited, or went to another file
    file: float = 0.45  # both are about a file, with no line in it
    exchanged: float = 0.75  # so alike, they differ in little more than a name: one speaks of `tax`, one of `rebate`
    elsewhere: float = 0.70  # other code, of which a person has said that such a thing shall not be told


LEXICAL = Bars()


class Kept(Protocol):
    """Vectors that were kept, made once and asked often."""

    def like(self, vector: bytes, *, least: float) -> list[tuple[int, float]]:
        """(place, likeness) of all that are at least so much like it, the likest first."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """`vector` turns a text (`text_of`) into what is kept of it, `alike` compares two of those, mostly from 0 to 1.

    `name` says which vectors can be compared with each other: those of another name are made anew from the text.
    `keep` makes an index of many; without it each is compared.
    """

    name: str
    vector: Callable[[str], bytes]
    alike: Alike
    bars: Bars
    keep: Callable[[Iterable[bytes]], Kept] | None = None

    def kept(self, vectors: Iterable[bytes]) -> Kept:
        return self.keep(vectors) if self.keep else _Each(tuple(vectors), self.alike)


@dataclass(frozen=True, slots=True)
class _Each:
    """Compares with one after the other."""

    vectors: tuple[bytes, ...]
    alike: Alike

    def like(self, vector: bytes, *, least: float) -> list[tuple[int, float]]:
        found = [(place, self.alike(vector, other)) for place, other in enumerate(self.vectors)]
        return sorted((pair for pair in found if pair[1] >= least), key=lambda pair: (-pair[1], pair[0]))


LEXICAL_MEANING = Meaning(f"lexical-{VERSION}", vector, likeness, LEXICAL, Shelf)
