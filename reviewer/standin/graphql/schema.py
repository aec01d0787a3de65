"""What a GraphQL type is made of here: its fields, what they need, and how GitHub says no to one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reviewer.standin.access import may
from reviewer.standin.calls import Call
from reviewer.standin.graphql.language import Selected
from reviewer.standin.records import Pull, Repository

LARGEST_PAGE = 100


class Failure(Exception):
    """A field that comes to nothing: it is null, and the answer's `errors` say why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


Resolve = Callable[[Call, Any, Selected], Any]


class Field(NamedTuple):
    """`of` names the type of the value; `arguments` end with "!" where they are needed."""

    of: str
    resolve: Resolve
    arguments: Sequence[str] = ()


Type = Mapping[str, Field]


class Opened(NamedTuple):
    """A repository that the token covers, with the blobs that this query asks of it: (SHA, content) by expression."""

    record: Repository
    blobs: Mapping[str, tuple[str, bytes] | None]


class Of(NamedTuple):
    """A thread, comment or reaction together with where it stands; `kind` is its GraphQL type."""

    kind: str
    record: Any
    repository: Repository
    pull: Pull

    def same(self, kind: str, record: Any) -> Of:  # noqa: ANN401 - a thread or a record
        return self._replace(kind=kind, record=record)


@dataclass(frozen=True)
class Page:
    """A stretch of a connection; `after` counts the items before it."""

    items: Sequence[Any]
    after: int
    first: int

    @property
    def shown(self) -> Sequence[Any]:
        return self.items[self.after : self.after + self.first]

    @property
    def end(self) -> int:
        return self.after + len(self.shown)


def page(wanted: Selected, items: Sequence[Any]) -> Page:
    """GitHub insists on `first`, and gives at most 100."""
    first, after = wanted.arguments.get("first"), wanted.arguments.get("after", "0")
    if not isinstance(first, int):
        words = f"You must provide a `first` or `last` value to properly paginate the `{wanted.name}` connection."
        raise Failure("MISSING_PAGINATION_BOUNDARIES", words)
    if not 0 <= first <= LARGEST_PAGE:
        words = (
            f"Requesting {first} records on the `{wanted.name}` connection exceeds the `first` limit of 100 records."
        )
        raise Failure("EXCESSIVE_PAGINATION", words)
    if not str(after).removeprefix("cursor:").isdecimal():
        raise Failure("INVALID_CURSOR_ARGUMENTS", f"`{after}` does not appear to be a valid cursor.")
    return Page(items, int(str(after).removeprefix("cursor:")), first)


def need(call: Call, needs: str) -> None:
    """Raises Failure unless the token has one of the permissions: "issues:write|pull_requests:write"."""
    if call.token is None or not may(call.token, needs):
        raise Failure("FORBIDDEN", "Resource not accessible by integration")


def connection(of: str) -> Type:
    """The type of a list in pages."""
    return {
        "totalCount": Field("Int", lambda _, it, __: len(it.items)),
        "pageInfo": Field("PageInfo", lambda _, it, __: it),
        "nodes": Field(of, lambda _, it, __: it.shown),
    }


PAGE_INFO: Type = {
    "hasNextPage": Field("Boolean", lambda _, it, __: it.end < len(it.items)),
    "hasPreviousPage": Field("Boolean", lambda _, it, __: it.after > 0),
    "startCursor": Field("String", lambda _, it, __: f"cursor:{it.after}" if it.shown else None),
    "endCursor": Field("String", lambda _, it, __: f"cursor:{it.end}" if it.shown else None),
}
