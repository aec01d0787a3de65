"""Turns a text into a small vector that can be kept, and says how alike two texts are by their vectors.

No model and nothing learned from anybody's text: each word is a dimension by its checksum, its weight grows slowly with
how often it occurs, and likeness is the cosine. `.github/DEDUPE.md` has the measurements behind the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from reviewer.core.meaning.words import Words, read

VERSION = 1  # the first byte of every vector: raise it with every change here, in `words` or in `stems`

_MOST = 255  # dimensions; the lightest fall away
_UNIT = 32  # steps of weight; a byte holds 0 to 7.97
_SIZE = 5  # bytes of a dimension: 4 of its checksum, 1 of its weight


@dataclass(frozen=True, slots=True)
class Weights:
    """What a part of a name and a whole name weigh against a plain word, which weighs 1."""

    part: float = 0.5
    name: float = 0.8


WEIGHTS = Weights()


def vector(text: str, weights: Weights = WEIGHTS) -> bytes:
    """A text about code as at most 1,276 bytes, some 180 for a finding. The same text gives the same bytes anywhere."""
    return _pack(_weigh(read(text), weights))


def likeness(a: bytes, b: bytes) -> float:
    """How alike two texts are, from 0 to 1. Raises ValueError for what `vector` did not make in this version."""
    first, second = unpack(a), unpack(b)
    return 1.0 if a == b else cosine(dot(first, second), dot(first, first), dot(second, second))


def dot(a: Mapping[int, int], b: Mapping[int, int]) -> int:
    if len(a) > len(b):
        a, b = b, a
    return sum(weight * b[key] for key, weight in a.items() if key in b)


def cosine(shared: int, square: int, other: int) -> float:
    """Whole numbers under 2^53 throughout, so that it is exact where both are one."""
    return shared / math.sqrt(square * other) if shared else 0.0


def unpack(packed: bytes) -> dict[int, int]:
    """Dimension to weight."""
    if not packed or packed[0] != VERSION or len(packed) % _SIZE != 1:
        raise ValueError("this is no vector of this version: make it anew from the text")
    return {int.from_bytes(packed[at : at + 4], "big"): packed[at + 4] for at in range(1, len(packed), _SIZE)}


def _weigh(words: Words, weights: Weights) -> dict[int, int]:
    found: dict[int, int] = {}
    for kind, weight, counts in (
        ("", 1.0, words.plain),
        ("", weights.part, words.parts),
        ("name ", weights.name, words.names),
    ):
        for word, count in counts.items():
            key = crc32(f"{kind}{word}".encode("utf-8", "surrogatepass"))
            steps = round(_UNIT * weight * (1.0 if kind else 1 + math.log(count)))
            found[key] = min(max(found.get(key, 0), steps), 255)
    return {key: steps for key, steps in found.items() if steps}


def _pack(found: Mapping[int, int]) -> bytes:
    kept = sorted(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_MOST])
    return bytes([VERSION]) + b"".join(key.to_bytes(4, "big") + bytes([steps]) for key, steps in kept)
