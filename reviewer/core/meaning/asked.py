"""Decides whether a question was asked before: in the same words, or in others that can mean nothing else.

A wrong yes gives somebody the answer to another question, a wrong no costs one call of the model: in doubt they are
two. Questions are short, and one word makes another one of them ("is it full?", "is it empty?"), which no likeness
shows. So the words that say something must be the same, endings aside, and the names in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.core.meaning.meaning import LEXICAL_MEANING, Meaning
from reviewer.core.meaning.names import spoken_of
from reviewer.core.meaning.stems import STOP, bare
from reviewer.core.meaning.words import LONGEST, folded, read

_TOKEN = re.compile(r"[\w$]+")
_QUOTES = str.maketrans({"`": "", '"': "", "*": "", "\u2019": "'", "\u2018": "'", "\u201c": "", "\u201d": ""})
_NOT = re.compile(r"\b(?:not?|nor|never|cannot|neither|none|nothing|without)\b|n't\b")
_SIGNS = re.compile(r"[<>=!&|+*/%^~]+|-(?=\d)|\d[\d.,_]*")  # operators and numbers: `<` is not `<=`
# Small words that make another question of one; the other small words make it another sentence.
_TELLING = """
how what when where which while who whom whose why before after over under more most less least few until off only
once all any each every same other again still between own both either per too than should
"""
_ASKING = frozenset(_TELLING.split())
# Words around a question that ask nothing.
_AROUND = """
please explain tell show describe elaborate clarify know understand wonder thank thanks hi hey hello happen happens
exactly actually really simply quick ever question reviewer help
"""
_NO_PART = frozenset(_AROUND.split())
_SAYS_NOTHING = (STOP - _ASKING) | _NO_PART


def fold_question(text: str) -> str:
    """The question as two that are put in the same words are the same: no matter case, space, quotes, end."""
    return " ".join(text.translate(_QUOTES).casefold().split()).rstrip(" ?.!")


def asked_again(
    asked: str, before: Sequence[str], *, code: Sequence[str] = (), meaning: Meaning = LEXICAL_MEANING
) -> int | None:
    """Which of the questions asked `before` this one is, the likest of several; None where it is a new one.

    `code` are the lines that it is about: a plain word that is a name there is taken for the name.
    """
    known = [(like, -at) for at, each in enumerate(before) if (like := _likeness(asked, each, code, meaning))]
    return -max(known)[1] if known else None


def _likeness(a: str, b: str, code: Sequence[str], meaning: Meaning) -> float | None:
    if fold_question(a) == fold_question(b):
        return 1.0 if fold_question(a) else None
    if not _said(a) or _said(a) != _said(b) or _telling(a, code) != _telling(b, code):
        return None
    like = meaning.alike(meaning.vector(_core(a)), meaning.vector(_core(b)))
    return like if like >= meaning.bars.exchanged else None


def _core(text: str) -> str:
    """Without the words around it."""
    return _TOKEN.sub(lambda token: "" if token[0].lower() in _NO_PART else token[0], text)


def _said(text: str) -> frozenset[str]:
    """The words that say something; the question word is one of them."""
    return frozenset(_words(text))


def _words(text: str) -> list[str]:
    plain = text.translate(_QUOTES)[:LONGEST]
    tokens = [token.lower() for token in _TOKEN.findall(plain)]
    inner = _SAYS_NOTHING | {"when"}  # in the middle of a sentence it is an `if`
    silent = [_SAYS_NOTHING, *[inner] * len(tokens)]
    return [bare(token) for token, no in zip(tokens, silent, strict=False) if len(token) > 1 and token not in no]


def _telling(text: str, code: Sequence[str]) -> tuple[object, ...]:
    """What else must be the same: whether it says no, its numbers and operators, the names in their order; and of a
    comparison the order of all words.
    """
    folded_text = text.translate(_QUOTES).casefold()[:LONGEST]
    names = spoken_of(text, tuple(code)).all | frozenset(read(text).names)
    tokens = [folded(token) for token in _TOKEN.findall(text[:LONGEST])]
    order = tuple(dict.fromkeys(token for token in tokens if token in names))
    compared = tuple(_words(text)) if "than" in folded_text.split() else ()
    return bool(_NOT.search(folded_text)), tuple(_SIGNS.findall(folded_text)), order, compared
