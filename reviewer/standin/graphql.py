"""Answers the one GraphQL query that a review asks: many files of a repository at once; anything else is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from reviewer.standin.calls import Call, Endpoint, answer
from reviewer.standin.records import Repository

_TOKEN = re.compile(r'[\s,]+|#[^\n]*|(\.\.\.|[{}()\[\]:$!=@]|"(?:[^"\\\n]|\\.)*"|-?\d+|[A-Za-z_]\w*)')
_LARGEST = 512_000  # bytes of text that GitHub returns before it truncates


class Malformed(Exception):
    """The query cannot be answered; the text says why."""


@dataclass(frozen=True)
class Field:
    """A selected field: what to call it in the answer, its arguments and what is asked of it."""

    name: str
    alias: str
    arguments: dict[str, Any]
    selections: tuple[Field, ...] = ()


@dataclass
class _Reader:
    """Reads a query word by word; variables are put in as they are met."""

    words: list[str]
    variables: dict[str, Any]
    at: int = 0
    defaults: dict[str, Any] = field(default_factory=dict)

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def next(self, wanted: str = "") -> str:
        word = self.peek()
        if not word or (wanted and word != wanted):
            raise Malformed(f"Expected {wanted or 'more'}, actual: {word or 'end of the query'}")
        self.at += 1
        return word

    def operation(self) -> tuple[Field, ...]:
        if self.peek() == "query":
            self.next()
            if self.peek() not in {"(", "{"}:
                self.next()  # the operation's name
            if self.peek() == "(":
                self._variables()
        selections = self.selections()
        if self.peek():
            raise Malformed(f"Expected the end of the query, actual: {self.peek()}")
        return selections

    def _variables(self) -> None:
        self.next("(")
        while self.peek() != ")":
            self.next("$")
            name = self.next()
            self.next(":")
            while self.peek() not in {"$", ")", "="}:
                self.next()  # the type
            if self.peek() == "=":
                self.next()
                self.defaults[name] = self.value()
            if name not in self.variables and name not in self.defaults:
                raise Malformed(f"Variable ${name} was not provided")
        self.next(")")

    def value(self) -> Any:  # noqa: ANN401 - any JSON
        word = self.next()
        if word == "$":
            name = self.next()
            if name not in self.variables and name not in self.defaults:
                raise Malformed(f"Variable ${name} is used but not declared")
            return self.variables.get(name, self.defaults.get(name))
        if word.startswith('"'):
            return _unquote(word)
        if word.lstrip("-").isdecimal():
            return int(word)
        return {"true": True, "false": False, "null": None}.get(word, word)

    def selections(self) -> tuple[Field, ...]:
        self.next("{")
        found: list[Field] = []
        while self.peek() != "}":
            found.extend(self._fragment() if self.peek() == "..." else [self._field()])
        self.next("}")
        return tuple(found)

    def _fragment(self) -> tuple[Field, ...]:
        self.next("...")
        self.next("on")
        kind = self.next()
        return tuple(
            Field(f"{kind}.{each.name}", each.alias, each.arguments, each.selections) for each in self.selections()
        )

    def _field(self) -> Field:
        alias = name = self.next()
        if self.peek() == ":":
            self.next()
            name = self.next()
        arguments = {}
        if self.peek() == "(":
            self.next()
            while self.peek() != ")":
                key = self.next()
                self.next(":")
                arguments[key] = self.value()
            self.next()
        return Field(name, alias, arguments, self.selections() if self.peek() == "{" else ())


def _unquote(word: str) -> str:
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda found: chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _ESCAPES.get(found[1], found[1]),
        word[1:-1],
    )


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def parse(query: str, variables: dict[str, Any]) -> tuple[Field, ...]:
    """The selections of a query. Raises Malformed."""
    words, at = [], 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        if found is None:
            raise Malformed(f"Unexpected character {query[at]!r}")
        at = found.end()
        if found[1]:
            words.append(found[1])
    return _Reader(words, variables).operation()


def post(call: Call) -> Response:
    """GitHub answers 200 for a query that fails too, with `errors`."""
    try:
        selections = parse(str(call.body.get("query") or ""), call.body.get("variables") or {})
        data = {each.alias: _repository(call, each) for each in selections}
    except Malformed as problem:
        return answer({"errors": [{"message": str(problem)}]})
    errors = [
        {
            "type": "NOT_FOUND",
            "path": [each.alias],
            "message": f"Could not resolve to a Repository with the name '{_full_name(each)}'.",
        }
        for each in selections
        if data[each.alias] is None
    ]
    return answer({"data": data, "errors": errors} if errors else {"data": data})


def _full_name(query: Field) -> str:
    return f"{query.arguments.get('owner')}/{query.arguments.get('name')}"


def _repository(call: Call, query: Field) -> dict[str, Any] | None:
    if query.name != "repository":
        raise Malformed(f"Field '{query.name}' doesn't exist on type 'Query' of this stand-in")
    repo = call.hub.repositories.get(_full_name(query).lower())
    if repo is None or call.token is None or not call.token.covers(repo.full_name):
        return None
    for each in query.selections:
        if each.name != "object" or not isinstance(each.arguments.get("expression"), str):
            raise Malformed(f"Field '{each.name}' doesn't exist on type 'Repository' of this stand-in")
    return _objects(repo, query.selections)


def _objects(repo: Repository, wanted: tuple[Field, ...]) -> dict[str, Any]:
    found = repo.git.blobs([each.arguments["expression"] for each in wanted])
    return {each.alias: blob and _blob(each, *blob) for each, blob in zip(wanted, found, strict=True)}


def _blob(query: Field, sha: str, content: bytes) -> dict[str, Any]:
    binary = b"\0" in content[:8_000]
    fields = {
        "__typename": "Blob",
        "oid": sha,
        "byteSize": len(content),
        "isBinary": binary,
        "isTruncated": len(content) > _LARGEST,
        "text": None if binary else content[:_LARGEST].decode("utf-8", "replace"),
    }
    shape = {}
    for each in query.selections:
        name = each.name.removeprefix("Blob.")
        if name not in fields:
            raise Malformed(f"Field '{name}' doesn't exist on type 'Blob' of this stand-in")
        shape[each.alias] = fields[name]
    return shape


ENDPOINT = Endpoint("POST", "/graphql", post, needs="contents:read")
