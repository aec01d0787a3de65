"""Cuts a set of values out of single lines, and with them whatever has a secret's shape or looks random."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from reviewer.core.redaction.kinds import RANDOM, is_certain, is_ours
from reviewer.core.redaction.shapes import random_spans, shaped
from reviewer.core.redaction.values import is_distinct, is_named, is_random, is_rare
from reviewer.core.types import Secret

PLACEHOLDER = re.compile(r"\[secret: [a-z0-9-]+\]")

_FEW = 50  # values that are searched one by one in a line; of more, the line's words are looked up
_MANY = 2_000  # values that are searched one by one in a file
_LONG = 10  # characters of a value of letters alone that no text has by chance, where its form is a provider's
_SHORTEST = 3  # characters of a value, or of one line of it, that is cut out
_WORD = re.compile(r"[A-Za-z0-9]+")
_TELLING = re.compile(r"pass|pwd|pw\b|secret|token|key|auth|cred|://|curl|login|user", re.IGNORECASE)

_Span = tuple[int, int, str]  # start, end, kind


def kinds_by_value(secrets: Iterable[Secret]) -> dict[str, str]:
    """Each line of each value with its kind; what holds a placeholder is no secret any more."""
    kinds: dict[str, str] = {}
    for secret in secrets:
        for line in map(str.strip, secret.value.splitlines()):
            if len(line) >= _SHORTEST and not PLACEHOLDER.search(line):
                kinds.setdefault(line, secret.kind)
    return kinds


class Cutter:
    def __init__(self, kinds: Mapping[str, str]) -> None:
        """`kinds`: as `kinds_by_value` gives them."""
        self._kinds = kinds

    def narrowed(self, text: str) -> Cutter:
        """Only with the values that stand in this text, for its lines; those of its own shapes join them."""
        kinds = self._kinds if len(self._kinds) <= _MANY else self._looked_up(text)
        own = kinds_by_value(shaped(text))
        here = {value: kind for value, kind in kinds.items() if value in text}
        return Cutter(own | {value: kind for value, kind in here.items() if value not in own or is_certain(kind)})

    def idle(self, text: str) -> bool:
        """Whether nothing would be cut out of any line of this text, for whose lines it was narrowed."""
        return not self._kinds and next(random_spans(text), None) is None

    def line(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The line without its secrets, and their kinds."""
        spans = sorted({*self._spans(text), *random_spans(text)}, key=lambda span: (span[0], -span[1]))
        if not spans:
            return text, ()
        parts: list[str] = []
        kinds: dict[str, None] = {}
        end = 0
        for start, stop, kind in _merged(spans):
            parts += [text[end:start], f"[secret: {kind}]"]
            kinds[kind] = None
            end = stop
        return "".join([*parts, text[end:]]), tuple(kinds)

    def _spans(self, text: str) -> Iterator[_Span]:
        kinds = self._kinds if len(self._kinds) <= _FEW else self._looked_up(text)
        for value, kind in kinds.items():
            start = text.find(value)
            if start >= 0 and (_is_known(value, kind) or _TELLING.search(text)):
                yield from _places(text, value, kind, start)

    def _looked_up(self, text: str) -> dict[str, str]:
        """The values whose longest word is a word of the text, behind an escape's letter or not."""
        words = {match.group() for match in _WORD.finditer(text)}
        words |= {word[1:] for word in words if word[0] in "nrt"}
        found = {value: self._kinds[value] for word in words & self._by_word.keys() for value in self._by_word[word]}
        return found | {value: self._kinds[value] for value in self._by_word.get("", ())}

    @cached_property
    def _by_word(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for value in self._kinds:
            word = max(_WORD.findall(value), key=len, default="")
            index.setdefault(word, []).append(value)
        return index


def _is_known(value: str, kind: str) -> bool:
    """Whether the value is a secret wherever it stands; a guess of ours may be an ordinary name elsewhere."""
    rare = is_rare(value) or is_distinct(value)
    if is_certain(kind):
        return rare or len(value) >= _LONG
    return rare and not (value.isidentifier() and is_named(value)) and (not is_ours(kind) or is_random(value))


def _places(text: str, value: str, kind: str, start: int) -> Iterator[_Span]:
    """Everywhere; a value that is short or a word, only where it stands alone."""
    anywhere = is_distinct(value)
    while start >= 0:
        end = start + len(value)
        alone = not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())
        if anywhere or alone:
            yield start, end, kind
        start = text.find(value, start + 1)


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    """Spans that overlap become one, under the first kind that says more than that it looks random."""
    merged = [spans[0]]
    for start, end, kind in spans[1:]:
        last_start, last_end, last_kind = merged[-1]
        if start < last_end:
            merged[-1] = last_start, max(end, last_end), kind if last_kind == RANDOM else last_kind
        else:
            merged.append((start, end, kind))
    return merged
