"""What is kept of a finding so that a later one can be told to be the same or another: its place and its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from reviewer.core.meaning.kinds import kinds
from reviewer.core.meaning.meaning import LEXICAL_MEANING, Meaning
from reviewer.core.meaning.names import Names, spoken_of
from reviewer.core.meaning.texts import text_of
from reviewer.core.meaning.words import words_apart
from reviewer.core.types import Dismissal, Placed, Told

_LINES = 20  # of a quote that are kept
_WIDTH = 300  # characters that are kept of a line
_DIGEST = 16  # hex digits, for the rest of it
_SPOT, _CONTEXT = 16, 8  # hex digits of the parts of a fingerprint, as `core.fingerprints` makes them


@dataclass(frozen=True, slots=True)
class Known:
    """A finding as it is compared. Two of them are compared by `same_issue`.

    `path` is the file's present one (what was renamed is carried to its new name), `symbol` the enclosing definition's
    name or "". `code` are the quoted lines with white space folded, the first of which is the finding's line, () where
    they are not known. `spot` and `context` are the first two parts of the fingerprint: the digest of the path `was`
    and the first line, and the digest of what tells that line from others that read alike; by `alone` there are none.
    `line` is where it stands in the head under review; 0 where that is not known. `gone`: no line of the head under
    review reads like it in that context. `words` is the meaning of title and body, `names` are the names from the code
    that they speak of, `kinds` the kinds of defect that they name, `apart` their words that the code does not have.
    """

    path: str
    symbol: str
    code: tuple[str, ...]
    context: str
    category: str
    line: int
    words: bytes
    names: Names
    kinds: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    spot: str = ""
    was: str = ""
    alone: bool = True
    gone: bool = False


def known(placed: Placed, *, symbol: str = "", meaning: Meaning = LEXICAL_MEANING) -> Known:
    """The finding as it is now, on the head under review."""
    finding, anchor = placed.finding, placed.anchor
    text = text_of(finding)
    quoted = placed.code or finding.quote
    code = folded_lines(quoted)
    return Known(
        path=finding.path,
        symbol=symbol,
        code=code,
        context=_digest(placed.context, _CONTEXT),
        category=finding.category,
        line=(anchor.start_line or anchor.line) if anchor else 0,
        words=meaning.vector(text),
        names=spoken_of(text, code),
        kinds=kinds(text, code),
        apart=words_apart(text, code),
        spot=spot_of(finding.path, next((line for line in quoted.splitlines() if line.strip()), "")),
        was=finding.path,
        alone=placed.alone,
    )


def told(said: Told, *, path: str, gone: bool, symbol: str = "", meaning: Meaning = LEXICAL_MEANING) -> Known:
    """What we said on the pull request, as GitHub remembers it.

    `path` is the file's name on the head under review, `gone` whether no line there reads like it in its context.
    """
    return _remembered(said, path=path, gone=gone, symbol=symbol, line=said.line, meaning=meaning)


def dismissed(kept: Dismissal, *, path: str = "", gone: bool = False, meaning: Meaning = LEXICAL_MEANING) -> Known:
    """What somebody dismissed. `path` is the file's present name where it has another one since."""
    return _remembered(kept, path=path or kept.path, gone=gone, symbol="", line=0, meaning=meaning)


def _remembered(kept: Told | Dismissal, *, path: str, gone: bool, symbol: str, line: int, meaning: Meaning) -> Known:
    spot, _, rest = kept.name.partition("-")
    text = text_of(kept)
    code = folded_lines(kept.code)
    return Known(
        path=path,
        symbol=symbol,
        code=code,
        context=rest.partition("-")[0],
        category=kept.category,
        line=line,
        words=meaning.vector(text),
        names=spoken_of(text, code),
        kinds=kinds(text, code),
        apart=words_apart(text, code),
        spot=spot,
        was=kept.path,
        gone=gone,
    )


def spot_of(path: str, line: str) -> str:
    """The first part of the fingerprint of a finding on this line."""
    return _digest(f"{path}\0{' '.join(line.split())}", _SPOT)


def folded_lines(quote: str) -> tuple[str, ...]:
    """The lines that are not blank, as two quotes are compared; a long one is its beginning and a digest."""
    return tuple(islice((_folded(line) for line in quote.splitlines() if line.strip()), _LINES))


def _folded(line: str) -> str:
    text = " ".join(line.split())
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]} {_digest(text, _DIGEST)}"


def _digest(text: str, length: int) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
