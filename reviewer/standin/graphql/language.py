"""Reads a GraphQL request: one operation with its variables put in, as a tree of selected fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r'[\s,]+|#[^\n]*|(\.\.\.|[{}()\[\]:$!=@]|"(?:[^"\\\n]|\\.)*"|-?\d+|[A-Za-z_]\w*)')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS = {"true": True, "false": False, "null": None}


class Malformed(Exception):
    """The request cannot be answered; the text says why."""


@dataclass(frozen=True)
class Selected:
    """A selected field: what to call it in the answer, its arguments and what is asked of it.

    `on` is the type that the fragment around it names, "" where it stands in none.
    """

    name: str
    alias: str
    arguments: Mapping[str, Any]
    selections: tuple[Selected, ...] = ()
    on: str = ""


@dataclass(frozen=True)
class Operation:
    kind: str  # "query" or "mutation"
    selections: tuple[Selected, ...]


def parse(query: str, variables: Mapping[str, Any]) -> Operation:
    """The one operation of a request. Raises Malformed."""
    words, at = [], 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        if found is None:
            raise Malformed(f"Unexpected character {query[at]!r}")
        at = found.end()
        if found[1]:
            words.append(found[1])
    return _Reader(words, variables).operation()


@dataclass
class _Reader:
    """Reads word by word; variables are put in as they are met."""

    words: list[str]
    given: Mapping[str, Any]
    at: int = 0
    declared: dict[str, Any] = field(default_factory=dict)  # with their values
    used: set[str] = field(default_factory=set)

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def next(self, wanted: str = "") -> str:
        word = self.peek()
        if not word or (wanted and word != wanted):
            raise Malformed(f"Expected {wanted or 'more'}, actual: {word or 'end of the query'}")
        self.at += 1
        return word

    def takes(self, word: str) -> bool:
        """Whether this word comes next; then it is read."""
        found = self.peek() == word
        self.at += found
        return found

    def operation(self) -> Operation:
        kind = "query"
        if self.peek() in {"query", "mutation"}:
            kind = self.next()
            if self.peek() not in {"(", "{"}:
                self.next()  # the operation's name
            if self.takes("("):
                self._variables()
        selections = self.selections()
        if self.peek():
            raise Malformed(f"Expected the end of the query, actual: {self.peek()}")
        for name in self.declared.keys() - self.used:
            raise Malformed(f"Variable ${name} is declared but not used")
        return Operation(kind, selections)

    def _variables(self) -> None:
        while not self.takes(")"):
            self.next("$")
            name = self.next()
            self.next(":")
            kind = ""
            while self.peek() not in {"$", ")", "="}:
                kind += self.next()
            default = self.value() if self.takes("=") else None
            value = self.given.get(name, default)
            if value is None and kind.endswith("!"):
                raise Malformed(f"Variable ${name} of type {kind} was provided invalid value")
            self.declared[name] = value

    def value(self) -> Any:  # noqa: ANN401 - any JSON
        word = self.next()
        if word == "$":
            return self._variable()
        if word == "{":
            return self._arguments(until="}")
        if word == "[":
            items = []
            while not self.takes("]"):
                items.append(self.value())
            return items
        if word.startswith('"'):
            return _unquote(word)
        if word.lstrip("-").isdecimal():
            return int(word)
        return _WORDS.get(word, word)

    def _variable(self) -> Any:  # noqa: ANN401 - any JSON
        name = self.next()
        if name not in self.declared:
            raise Malformed(f"Variable ${name} is used but not declared")
        self.used.add(name)
        return self.declared[name]

    def _arguments(self, *, until: str) -> dict[str, Any]:
        """Names with their values; a null variable counts as not given."""
        found = {}
        while not self.takes(until):
            name = self.next()
            self.next(":")
            value = self.value()
            if value is not None:
                found[name] = value
        return found

    def selections(self, on: str = "") -> tuple[Selected, ...]:
        self.next("{")
        found: list[Selected] = []
        while not self.takes("}"):
            if self.takes("..."):
                self.next("on")
                found.extend(self.selections(self.next()))
            else:
                found.append(self._field(on))
        if not found:
            raise Malformed("Expected a field, actual: }")
        return tuple(found)

    def _field(self, on: str) -> Selected:
        alias = name = self.next()
        if self.takes(":"):
            name = self.next()
        arguments = self._arguments(until=")") if self.takes("(") else {}
        return Selected(name, alias, arguments, self.selections() if self.peek() == "{" else (), on)


def _unquote(word: str) -> str:
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _ESCAPES.get(found[1], found[1]),
        word[1:-1],
    )
