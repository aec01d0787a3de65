"""Finds among thousands of kept texts those that one text is like, without comparing it with each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from reviewer.core.meaning.vectors import cosine, dot, unpack

_CLOSE = 1e-9  # what rounding may take away; the cosine decides


class Shelf:
    """Kept vectors by dimension: only those are touched that share one. Made once, asked often."""

    __slots__ = ("_by_dimension", "_squares", "_texts")

    def __init__(self, vectors: Iterable[bytes]) -> None:
        """Raises ValueError for what `vector` did not make in this version."""
        self._by_dimension: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._squares: list[int] = []
        self._texts: list[bytes] = []
        for place, packed in enumerate(vectors):
            weights = unpack(packed)
            self._squares.append(dot(weights, weights))
            self._texts.append(packed)
            for key, weight in weights.items():
                self._by_dimension[key].append((place, weight))

    def __len__(self) -> int:
        return len(self._texts)

    def like(self, vector: bytes, *, least: float) -> list[tuple[int, float]]:
        """(place, likeness) of all that are at least so much like it (`least` > 0), the likest first."""
        asked = unpack(vector)
        shared = [0] * len(self._texts)
        for key, weight in asked.items():
            for place, other in self._by_dimension.get(key, ()):
                shared[place] += weight * other
        square = dot(asked, asked)
        enough = least * least * square * (1 - _CLOSE)  # of the square of what is shared: no root for each of them
        near = [
            (place, cosine(each, square, other))
            for place, (each, other) in enumerate(zip(shared, self._squares, strict=True))
            if each * each >= enough * other and each
        ]
        return sorted(((place, like) for place, like in near if like >= least), key=lambda pair: (-pair[1], pair[0]))
