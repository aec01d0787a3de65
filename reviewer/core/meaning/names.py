"""Finds the names from a piece of code that a text speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.core.meaning.stems import STOP
from reviewer.core.meaning.words import LONGEST, folded, identifiers, read

_TOKEN = re.compile(r"[\w$]+")
_RUN = 3  # `the raw token id` speaks of `rawTokenId`

# Words of languages, not names that somebody gave; a text that says `if` speaks of no `if` in particular.
_LANGUAGES = """
a and as assert async await begin bool boolean break byte case catch char class const continue def default defer del
delete do double elif else end ensure enum err error except export extends extern false final finally float fn for
foreach from func function global go goto if impl implements import in include instanceof int integer interface is
lambda let list long map match mod module mut namespace new nil none not null number object of or override package
pass private protected pub public raise range ref require rescue return self set short signed sizeof static str string
struct super switch template then this throw throws to trait true try type typedef typeof undefined union unless
unsafe unsigned use using val value var void volatile when where while with yield add alter column constraint create
drop index insert into join like order primary select table unique update values
"""
_KEYWORDS = frozenset(_LANGUAGES.split())


@dataclass(frozen=True, slots=True)
class Names:
    """Names as `folded` has them. `sure` are those that the text writes as names: the others may be plain words."""

    all: frozenset[str] = frozenset()
    sure: frozenset[str] = frozenset()


def spoken_of(text: str, code: tuple[str, ...]) -> Names:
    """The names in `code` that `text` speaks of, however it writes them; without code, the names in the text."""
    written = frozenset(read(text).names)
    if not code:
        return Names(written, written)
    there = frozenset(name for line in code for name in identifiers(line) if not name.isdigit())
    there -= _KEYWORDS | STOP
    tokens = [folded(token) for token in _TOKEN.findall(text[:LONGEST])]
    said = {"".join(tokens[at : at + run]) for run in range(1, _RUN + 1) for at in range(len(tokens))}
    return Names(there & said, there & written)
