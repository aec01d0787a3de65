"""Cuts a set of values out of single lines, and with them whatever has a secret's shape or looks random."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from reviewer.core.redaction.index import Index
from reviewer.core.redaction.kinds import ASSIGNED, IN_URL, POSSIBLE, PRIVATE_KEY, RANDOM, is_certain, is_ours
from reviewer.core.redaction.shapes import random_spans
from reviewer.core.redaction.values import is_distinct, is_named, is_random, is_rare, is_worded
from reviewer.core.types import PLACEHOLDER, Secret

_LONG = 10  # characters of a value of letters alone that no text has by chance, where its form is a provider's
_TAIL = 6  # characters of a value at the end of a text that git has cut
_SHORTEST = 3  # characters of a value, or of one line of it, that is cut out
_TELLING = re.compile(
    r"pass|pwd|pw\b|secret|token|key|auth|cred|://|curl|login|user|(?<![a-z])pin(?![a-z])", re.IGNORECASE
)

_Span = tuple[int, int, str]  # start, end, kind


def kinds_by_value(secrets: Iterable[Secret]) -> dict[str, str]:
    """Each line of each value with its kind; what holds a placeholder is no secret any more."""
    kinds: dict[str, str] = {}
    for secret in secrets:
        for line in map(str.strip, secret.value.splitlines()):
            if len(line) >= _SHORTEST and not PLACEHOLDER.search(line):
                kinds.setdefault(line, secret.kind)
    return kinds


def is_shared(secret: Secret) -> bool:
    """Whether a find of our own shapes is so little in doubt that it is cut out of all texts, not only of its own."""
    told = secret.kind in {ASSIGNED, IN_URL, PRIVATE_KEY}
    return told and is_distinct(secret.value) and not (is_worded(secret.value) or is_named(secret.value))


class Cutter:
    def __init__(self, kinds: Mapping[str, str]) -> None:
        """`kinds`: as `kinds_by_value` gives them."""
        self._kinds = kinds
        self._index = Index(kinds)
        self._sorted: list[str] | None = None

    def narrowed(self, text: str, own: Mapping[str, str]) -> Cutter:
        """Only with the values that stand in this text, for its lines, and with those of its own shapes."""
        if self._index.overfull(text):
            return Cutter({**own, **self._kinds})
        here = {value: self._kinds[value] for _, value in self._index.found(text)}
        return Cutter({**own, **{value: kind for value, kind in here.items() if value not in own or is_certain(kind)}})

    def idle(self, text: str) -> bool:
        """Whether nothing would be cut out of any line of this text, for whose lines it was narrowed."""
        return not self._kinds and next(random_spans(text), None) is None

    def without_tail(self, text: str) -> str:
        """A text that git has cut, without a value's beginning at its end."""
        if self._sorted is None:
            self._sorted = sorted(value for value, kind in self._kinds.items() if _is_known(value, kind))
        whole = text.rstrip("\ufffd")  # half a character
        for at in range(len(whole) - _TAIL + 1):
            place = bisect_left(self._sorted, whole[at:])
            if place < len(self._sorted) and self._sorted[place].startswith(whole[at:]):
                return f"{text[:at]}[secret: {self._kinds[self._sorted[place]]}]"
        return text

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
        if self._index.overfull(text):
            yield 0, len(text), POSSIBLE
            return
        for start, value in self._index.found(text):
            kind, end = self._kinds[value], start + len(value)
            # A value that is short or a word, only where it stands alone.
            alone = not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())
            if (alone or is_distinct(value)) and (_is_known(value, kind) or _TELLING.search(text)):
                yield start, end, kind


def _is_known(value: str, kind: str) -> bool:
    """Whether the value is a secret wherever it stands; a guess of ours may be an ordinary name elsewhere."""
    rare = is_rare(value) or is_distinct(value)
    if is_certain(kind):
        return rare or len(value) >= _LONG
    if is_shared(Secret(kind, value)):
        return True
    return rare and not (value.isidentifier() and is_named(value)) and (not is_ours(kind) or is_random(value))


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
