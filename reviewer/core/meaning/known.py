"""What is kept of a finding so that a later one can be told to be the same or another: its place and its meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from reviewer.core.meaning.stems import STOP
from reviewer.core.meaning.vectors import vector
from reviewer.core.meaning.words import LONGEST, folded, identifiers, read
from reviewer.core.types import Placed

_LINES = 20  # of a quote that are kept
_WIDTH = 300  # characters that are kept of a line
_DIGEST = 16  # hex digits, for the rest of it
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
class Known:
    """A finding as it is compared. Two of them are compared by `same_issue`.

    `path` is the file's present one (what was renamed is carried to its new name), `symbol` the enclosing definition's
    name or "". `code` are the quoted lines with white space folded, the first of which is the finding's line; `context`
    is what tells that line from others that read alike, by `alone` there are none. `line` is where it stands in the
    head under review; 0 where that is not known, as for what was said on an older head and has not been carried over.
    `gone`: no line of the head under review reads like it in that context. `words` is the meaning of title and body,
    `names` are the names from the code that they speak of.
    """

    path: str
    symbol: str
    code: tuple[str, ...]
    context: str
    category: str
    line: int
    words: bytes
    names: frozenset[str]
    alone: bool = True
    gone: bool = False


def known(placed: Placed, *, symbol: str = "") -> Known:
    """The finding as it is now, on the head under review."""
    finding, anchor = placed.finding, placed.anchor
    text = f"{finding.title}\n{finding.body}"
    code = folded_lines(placed.code or finding.quote)
    return Known(
        path=finding.path,
        symbol=symbol,
        code=code,
        context=placed.context,
        category=finding.category,
        line=(anchor.start_line or anchor.line) if anchor else 0,
        words=vector(text),
        names=spoken_of(text, code),
        alone=placed.alone,
    )


def folded_lines(quote: str) -> tuple[str, ...]:
    """The lines that are not blank, as two quotes are compared; a long one is its beginning and a digest."""
    return tuple(islice((_folded(line) for line in quote.splitlines() if line.strip()), _LINES))


def _folded(line: str) -> str:
    text = " ".join(line.split())
    if len(text) <= _WIDTH:
        return text
    return f"{text[:_WIDTH]} {sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGEST]}"


def spoken_of(text: str, code: tuple[str, ...]) -> frozenset[str]:
    """The names in `code` that `text` speaks of, however it writes them; without code, the names in the text."""
    if not code:
        return frozenset(read(text).names)
    there = frozenset(name for line in code for name in identifiers(line) if not name.isdigit())
    there -= _KEYWORDS | STOP
    tokens = [folded(token) for token in _TOKEN.findall(text[:LONGEST])]
    said = {"".join(tokens[at : at + run]) for run in range(1, _RUN + 1) for at in range(len(tokens))}
    return there & said
