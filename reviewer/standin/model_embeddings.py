"""The stand-in's embeddings: the same vector for the same text anywhere, near for texts with words in common."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from reviewer.standin.model_rules import Refusal

KNOWN = frozenset({"model", "input", "encoding_format", "dimensions", "user"})
FULL = 1_536  # dimensions
MOST_TEXTS, LONGEST = 2_048, 8_192  # texts, tokens of one
_SHORTENS = "text-embedding-3-"

_WORD = re.compile(r"[a-z0-9]+")
_ACCENT = 0.25  # what all texts have in common, as with real embedders: two that share nothing are a little alike
_PART = 0.2  # the weight of three letters against a word
_STEM = 5  # letters: what a small embedder knows of endings
_SAYS_NOTHING = frozenset(
    _WORD.findall(
        "a all an and any are as at be but by can do does for from had has have if in into is it its may no not of on "
        "one or out so than that the there then this to up was were what when which who will with would"
    )
)


def embedding_refusals(body: Mapping[str, Any], count: Callable[[str], int]) -> Iterator[Refusal]:
    """What OpenAI refuses with 400."""
    for name in sorted(body.keys() - KNOWN):
        yield Refusal(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    if not body.get("model"):
        yield Refusal("Missing required parameter: 'model'.", "model", "missing_required_parameter")
    texts = _texts(body)
    if not 0 < len(texts) <= MOST_TEXTS or not all(isinstance(text, str) and text for text in texts):
        yield Refusal("'$.input' is invalid. Please check the API reference: https://platform.openai.com.", "input")
    elif any(count(text) > LONGEST for text in texts):
        yield Refusal("This model's maximum context length is 8192 tokens.", "input", "context_length_exceeded")
    if "dimensions" in body and not str(body.get("model")).startswith(_SHORTENS):
        yield Refusal("This model does not support specifying dimensions.", "dimensions")
    if body.get("encoding_format", "float") not in {"float", "base64"}:
        yield Refusal("Invalid value for 'encoding_format'.", "encoding_format", "invalid_value")


def embeddings_body(body: Mapping[str, Any], count: Callable[[str], int]) -> dict[str, Any]:
    """The answer to a request that is not refused."""
    texts, size = _texts(body), int(body.get("dimensions", FULL))
    vectors = [embedding(text, size) for text in texts]
    as_text = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": place, "embedding": _octets(vector) if as_text else vector}
        for place, vector in enumerate(vectors)
    ]
    tokens = sum(map(count, texts))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def embedding(text: str, size: int) -> list[float]:
    """A unit vector: words and three letters of them, each in a direction of its own by its hash."""
    found = Counter(word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _SAYS_NOTHING)
    weights = {word: 1 + math.log(times) for word, times in found.items()}
    for word, times in found.items():
        for at in range(len(word) - 2):
            part = f"#{word[at : at + 3]}"
            weights[part] = weights.get(part, 0.0) + _PART * times
    vector = [0.0] * size
    for feature, weight in weights.items():
        for place, sign in _direction(feature, size):
            vector[place] += sign * weight
    length = math.hypot(*vector) or 1.0
    accent = _ACCENT / math.sqrt(size)
    leaning = [value / length + accent for value in vector]
    length = math.hypot(*leaning)
    return [value / length for value in leaning]


@lru_cache(50_000)
def _direction(feature: str, size: int) -> tuple[tuple[int, int], ...]:
    """Eight of the dimensions, each up or down."""
    numbers = struct.unpack("<8I", hashlib.blake2b(feature.encode("utf-8", "replace"), digest_size=32).digest())
    return tuple((number % size, 1 if number >> 31 else -1) for number in numbers)


def _texts(body: Mapping[str, Any]) -> list[Any]:
    given = body.get("input")
    return given if isinstance(given, list) else [given]


def _octets(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
