"""Fences the data of strangers, so that nothing in it can end its block and speak as somebody else."""

from __future__ import annotations

import hashlib
import json
from itertools import count

TOKEN_LENGTH = 12  # hex digits
LONGEST_PATH = 200  # characters of a file's name beside a mark


def fenced(name: str, text: str, *, path: str = "") -> str:
    """`text` between two marks that it cannot contain; "" for an empty text. `path` is the file that it comes from.

    The mark is a digest of the text, so that equal data gives an equal prompt (and a cache hit); a text that knew its
    own digest would get the next one.
    """
    text = text.strip("\n")
    if not text.strip():
        return ""
    token = next(token for token in map(_token, (f"{n}{text}" for n in count())) if token not in text)
    return f"<data-{token} {name}{_quoted(path)}>\n{text}\n</data-{token}>"


def _token(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:TOKEN_LENGTH]


def _quoted(path: str) -> str:
    """A file's name is a stranger's text too, and stands inside the mark: it stays on the line and ends no mark."""
    if not path:
        return ""
    shown = path if len(path) <= LONGEST_PATH else f"{path[:LONGEST_PATH]}…"
    return " " + json.dumps(shown).replace("<", r"\u003c").replace(">", r"\u003e")
