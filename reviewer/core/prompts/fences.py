"""Fences the data of strangers, so that nothing in it can end its block and speak as somebody else."""

from __future__ import annotations

import hashlib
from itertools import count

TOKEN_LENGTH = 12  # hex digits


def fenced(name: str, text: str) -> str:
    """`text` between two marks that it cannot contain; "" for an empty text.

    The mark is a digest of the text, so that equal data gives an equal prompt (and a cache hit); a text that knew its
    own digest would get the next one.
    """
    text = text.strip("\n")
    if not text.strip():
        return ""
    token = next(token for token in map(_token, (f"{n}{text}" for n in count())) if token not in text)
    return f"<data-{token} {name}>\n{text}\n</data-{token}>"


def _token(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:TOKEN_LENGTH]
