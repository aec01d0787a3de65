"""Counts tokens exactly with tiktoken's o200k_base, from ranks that travel with the program."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator

import tiktoken

from reviewer import resources

# o200k_base as tiktoken_ext.openai_public defines it; a test holds the two together. Its own constructor downloads the
# ranks at first use, which needs a network that many companies do not allow.
PATTERN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL_TOKENS = {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}

# tiktoken panics, with a BaseException, on a run of about a million spaces: it never gets more than this at once.
LONGEST_PIECE = 100_000  # characters

# After a line feed and before one of these the pattern always starts a new match, so a cut there changes no count.
_SAFE_CUT = re.compile(r"\n(?=[!-.0-~])")


class O200k:
    """Exact token counts; the 66 MB of ranks are loaded at the first count, once, whichever thread asks."""

    def __init__(self) -> None:
        self._encoding: tiktoken.Encoding | None = None
        self._lock = threading.Lock()

    def count(self, text: str) -> int:
        """Tokens of `text`, in which `<|endoftext|>` is plain text and a lone surrogate counts as U+FFFD.

        Exact, but an upper bound (by a token or two) where a text has over 100,000 characters without a place to cut.
        """
        encode = self._built().encode_ordinary
        if len(text) <= LONGEST_PIECE:
            return len(encode(text))
        return sum(len(encode(piece)) for piece in _pieces(text))

    def _built(self) -> tiktoken.Encoding:
        if self._encoding is None:
            with self._lock:
                if self._encoding is None:
                    self._encoding = _encoding()
        return self._encoding


def _encoding() -> tiktoken.Encoding:
    ranks = {}
    for line in resources.token_ranks().splitlines():
        token, _, rank = line.partition(b" ")
        ranks[base64.b64decode(token)] = int(rank)
    return tiktoken.Encoding("o200k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=SPECIAL_TOKENS)


def _pieces(text: str) -> Iterator[str]:
    """Cut at the last safe place within each LONGEST_PIECE, or hard where there is none."""
    start = 0
    while len(text) - start > LONGEST_PIECE:
        end = start + LONGEST_PIECE
        line_feed = text.rfind("\n", start, end)
        while line_feed >= start and not _SAFE_CUT.match(text, line_feed):
            line_feed = text.rfind("\n", start, line_feed)
        end = line_feed + 1 if line_feed >= start else end
        yield text[start:end]
        start = end
    yield text[start:]
