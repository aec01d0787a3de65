"""Reads the words of a text about code: plain words, the parts of names, and whole names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reviewer.core.meaning.stems import STOP, bare, stem

LONGEST = 8_000  # characters that are read of a text; a finding has a few hundred

_TOKEN = re.compile(r"[\w$]+")
_QUOTED = re.compile(r"`([^`\n]{1,200})`|(?<!\w)[\"']([^\"'\n]{1,80})[\"'](?!\w)")
_NAME = re.compile(r"[a-z\d][A-Z]|\w_\w|[^\W\d_]\d|[A-Z]{2}|\$")  # camelCase, snake_case, utf8, ALL_CAPS, $var
_SEAM = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|[_$]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")  # Chinese and Japanese put no spaces between words


@dataclass(frozen=True, slots=True)
class Words:
    """How often each occurs. `plain` and `parts` are stems; a stem that occurs as a plain word is no part."""

    plain: Counter[str]
    parts: Counter[str]
    names: Counter[str]


def read(text: str) -> Words:
    """The words of `text` that say something. What is quoted or written like code counts as a name as a whole too."""
    text = text[:LONGEST]
    quoted = {token for match in _QUOTED.finditer(text) for token in _TOKEN.findall(match[1] or match[2])}
    plain: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for match in _TOKEN.finditer(text):
        token = match[0]
        compound = bool(_NAME.search(token))
        if compound or token in quoted or text.startswith("(", match.end()):
            names.update(name for name in (folded(token),) if len(name) > 1)
        (parts if compound else plain).update(_stems(token))
    for word in plain.keys() & parts.keys():
        plain[word] += parts.pop(word)
    return Words(plain, parts, names)


def identifiers(code: str) -> frozenset[str]:
    """All words of a line of code, as `folded` has them; numbers and single letters too."""
    return frozenset(folded(token) for token in _TOKEN.findall(code[:LONGEST])) - {""}


def folded(token: str) -> str:
    """`rawTokenId`, `raw_token_id` and `RAW_TOKEN_ID` are one name."""
    return token.replace("_", "").replace("$", "").lower()


def words_apart(text: str, code: Iterable[str]) -> frozenset[str]:
    """The stems of `text` that are not in `code`: what two texts about one line share of the others, they both mean."""
    words = read(text)
    there = {found for line in code for token in _TOKEN.findall(line) for found in _stems(token)}
    return (frozenset(words.plain) | frozenset(words.parts)) - there


def bare_words(text: str) -> list[str]:
    """All words of a text without their endings, parts of names too, with the small words that `read` leaves out."""
    return [bare(part.lower()) for token in _TOKEN.findall(text) for part in _SEAM.split(token) if part]


def _stems(token: str) -> list[str]:
    found = []
    for part in _SEAM.split(token):
        word = part.lower()
        if _UNSPACED.fullmatch(word):
            found += [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
        elif len(word) > 1 and word not in STOP:
            found.append(stem(word))
    return found
