"""Keeps a review quiet: one pattern is said once, what is hardly believed is not said on a line, praise not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from reviewer.core.types import Finding, Placed, Severity

MODEL = "model"  # every other source is certain of what it says
MANY = 3  # two findings that read alike are two; from the third on it is a pattern
FAR_BELOW = 0.5  # of the bar: less than this is not even listed

_TELLING = 3  # words that must be left beside the names: "`a`" and "`b`" say nothing alike
_TICKS = re.compile(r"(`+)")
_WORD = re.compile(r"[^\W_]+")
_NAME = "\0"  # stands for code that names something; no finding holds one

Key = tuple[str, str, Severity, str, str]

_CATEGORIES = frozenset({"praise", "kudos", "compliment", "positive"})
_PRAISING = """
amazing awesome beautiful brilliant cool elegant excellent fantastic good great impressive kudos lgtm lovely neat nice
nicely perfect superb terrific thanks well wonderful
"""
# What may stand beside praise and still says nothing. No word in it denies, contrasts, doubts or demands.
_FILLING = """
a all an and are change changes clarity cleaner cleanup code commit coverage done easier everything for function here
implementation improved improvement improvements improves in is it job looking looks maintain me module more much naming
now of on overall pr pull quality read readable readability refactor refactored refactoring request s shorter simpler so
solution structure structured test tests that the these this those to understand very work working written you
"""
# The same, where the title begins with praise.
_FILLING_MORE = """
abstraction abstractions added adding api appropriate approach careful class classes clean clear comments comprehensive
concise conventions consistent descriptive design designed docs docstring docstrings documentation documented easily
easy efficient elegantly extracted extracting fine follow follows formatted handled handling handles helper helpers
helpful idiomatic into logic maintainable makes making meaningful method methods modern modular modules name named names
nicer organised organized pattern patterns pleasant practice pythonic really reusable robust safe separate shows solid
style super thorough thoughtful tidy type types typing use using variable variables way with
"""
_PHRASES = re.compile(
    r"\b(?:keep (?:it )?up|keep up the|best practices?|separation of concerns|error (?:handling|messages?))\b"
)
# Praise and what it is given for. What follows it must not go on to anything else.
_GIVEN = re.compile(r"(\w+)(?: and \w+)? (?:addition|approach|call|choice|idea|improvement|job|naming|use|work)\b")
_GOING_ON = """
add after also although always and any as avoid be because been before better bug but can consider could crash crashes
did do does else error errors even every except fail fails fix had has have however if instead into is it its late leaks
let lost make may might missing must need needs never no nor not nothing off once one only or otherwise out over
please rather remove replace return returns risk shall should since so some still stops than that then there though
throws too twice unless unlike until unused was were what when where whereas which while who why will without would
wrong yet
"""
_LONGEST_GIVEN = 14  # words
_PRAISE = frozenset(_PRAISING.split())
_GOES_ON = frozenset(_GOING_ON.split())
_EMPTY = _PRAISE | frozenset(_FILLING.split())
_EMPTY_MORE = _EMPTY | frozenset(_FILLING_MORE.split())
_OPENING = _PRAISE | {"clean", "solid", "super", "thorough", "thoughtful"}
_ORDERED = frozenset({"it", "the", "this", "these", "those", "up"})  # "Clean the logic": that is no praise
_DEMANDS = frozenset({"follow", "handle", "name", "type", "use", "document", "maintain", "read", "separate", "test"})
_SENTENCE = re.compile(r"[.!\n:;,()\u2013\u2014]| - ")


def patterns(findings: Sequence[Placed]) -> list[tuple[Placed, tuple[Placed, ...]]]:
    """Each finding that is said, and those that only say the same of other places, in the order of the diff.

    Three or more of one source, category and severity are one pattern where title and body say the same but for the
    names in backticks; a number outside them makes two. The first of a pattern is one with an anchor if any has one, by
    whether it was refuted, confidence and the order of the diff. The order of `findings` is kept.
    """
    groups: dict[Key, list[int]] = {}
    for at, placed in enumerate(findings):
        groups.setdefault(_key(placed.finding), []).append(at)
    said: dict[int, tuple[Placed, ...]] = {}
    for (*_, title, body), group in groups.items():
        if len(group) < MANY or len(_WORD.findall(f"{title} {body}")) < _TELLING:
            said |= dict.fromkeys(group, ())
        else:
            first = min(group, key=lambda at: _leads(findings[at]))
            said[first] = tuple(sorted((findings[at] for at in group if at != first), key=_in_the_diff))
    return [(findings[at], said[at]) for at in sorted(said)]


def standing_of(placed: Placed, bar: float) -> Literal["line", "summary", "nothing"]:
    """Where a finding belongs by its confidence, against the bar `review.min_confidence` (0-1).

    Below the bar it goes to the summary, far below nowhere; but what is critical or high is never dropped in silence.
    What no model said is certain.
    """
    finding = placed.finding
    if finding.source != MODEL or finding.confidence >= bar:
        return "line"
    grave = finding.severity >= Severity.HIGH
    return "summary" if grave or finding.confidence >= bar * FAR_BELOW else "nothing"


def is_noise(finding: Finding) -> bool:
    """Whether nobody loses anything by not reading it: it has no words, or it is praise and nothing else.

    Only the clear cases: in doubt it is said. A finding with a suggestion says something, and so does a grave one.
    """
    if finding.source != MODEL or finding.severity >= Severity.HIGH or finding.suggestion:
        return False
    text = f"{finding.title}\n{finding.body}"
    if not any(char.isalnum() for char in text):
        return True
    if finding.severity is not Severity.LOW:
        return False
    if finding.category.strip().casefold() in _CATEGORIES:
        return True
    return _is_praise(*(_without_code(each).casefold() for each in (finding.title, finding.body)))


def _is_praise(title: str, body: str) -> bool:
    """Whether it has no word but praise, or begins with praise and goes on in sentences that say nothing else."""
    text = f"{title}\n{body}"
    if "?" in text:
        return False
    words = set(_WORD.findall(text))
    if not _PRAISE.isdisjoint(words) and words <= _EMPTY:
        return True
    first, second, *_ = [*_WORD.findall(title), "", ""]
    opened = first in _OPENING and second not in _ORDERED
    return opened and all(map(_is_empty, _SENTENCE.split(text)))


def _is_empty(sentence: str) -> bool:
    words = _WORD.findall(_PHRASES.sub("great", sentence))
    if not words or (words[0] not in _DEMANDS and _EMPTY_MORE.issuperset(words)):
        return True
    given = _GIVEN.match(sentence.strip())
    rest = _WORD.findall(sentence.strip()[given.end() :]) if given else []
    short = len(rest) <= _LONGEST_GIVEN and _GOES_ON.isdisjoint(rest)
    return given is not None and given[1] in _OPENING and short


def _key(finding: Finding) -> Key:
    title, body = (" ".join(_without_code(text).casefold().split()) for text in (finding.title, finding.body))
    return finding.source, finding.category, finding.severity, title, body


def _without_code(text: str) -> str:
    """With one sign for each piece of code that has a name in it, a span or a whole block; linear in the text.

    Code is what stands between two equal runs of backticks. An operator or a number in it is no name: `<` is not `+`.
    """
    parts = _TICKS.split(text)  # text, ticks, text, ticks, …, text
    closing = _closing(parts)
    kept, at = [parts[0]], 1
    while at < len(parts):
        end = closing.get(at, at)
        code = "".join(parts[at : end + 1])
        kept += [_NAME if any(map(str.isalpha, code)) else code, parts[end + 1]]
        at = end + 2
    return "".join(kept)


def _closing(parts: Sequence[str]) -> dict[int, int]:
    """For each run of backticks the next one that is as long."""
    last: dict[str, int] = {}
    found: dict[int, int] = {}
    for at in range(len(parts) - 2, 0, -2):
        if parts[at] in last:
            found[at] = last[parts[at]]
        last[parts[at]] = at
    return found


def _leads(placed: Placed) -> tuple[bool, bool, float, tuple[str, int]]:
    refuted = placed.confirmed is False
    return placed.anchor is None, refuted, -placed.finding.confidence, _in_the_diff(placed)


def _in_the_diff(placed: Placed) -> tuple[str, int]:
    return placed.finding.path, placed.anchor.line if placed.anchor else placed.finding.line
