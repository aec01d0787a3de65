"""Answers a GraphQL request: the fields are checked before anything is done, as GitHub does, and then resolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from reviewer.standin.calls import Call, answer
from reviewer.standin.graphql import changing, files, talk
from reviewer.standin.graphql.language import Malformed, Selected, parse
from reviewer.standin.graphql.schema import Failure, Field, Of, Type

# Interfaces and unions: the fields that they have themselves, and which types they may turn out to be.
_ABSTRACT: dict[str, tuple[Type, set[str]]] = {
    "Actor": (talk.ACTOR, {"Bot", "User"}),
    "GitObject": ({name: files.TYPES["Blob"][name] for name in ("oid",)}, {"Blob"}),
    "Minimizable": (
        {name: talk.TYPES["IssueComment"][name] for name in ("isMinimized", "minimizedReason")},
        set(talk.COMMENT_KINDS.values()),
    ),
    "Node": (
        {"id": talk.TYPES["PullRequest"]["id"]},
        {"PullRequest", "PullRequestReviewThread", *talk.COMMENT_KINDS.values()},
    ),
}
_TYPES: dict[str, Type] = {
    "Query": {
        "repository": Field("Repository", files.open_repository, ("owner!", "name!")),
        "node": Field("Node", talk.node, ("id!",)),
    },
    **files.TYPES,
    **talk.TYPES,
    **changing.TYPES,
    **{name: fields for name, (fields, _) in _ABSTRACT.items()},
}
_TYPENAME = Field("String", lambda *_: None)


def post(call: Call) -> Response:
    """GitHub answers 200 for a request that fails too, with `errors`."""
    try:
        operation = parse(str(call.body.get("query") or ""), call.body.get("variables") or {})
        root = operation.kind.capitalize()
        _check(root, operation.selections)
    except Malformed as problem:
        return answer({"errors": [{"message": str(problem)}]})
    run = _Run(call)
    data = run.shape(root, None, operation.selections, ())
    return answer({"data": data, "errors": run.errors} if run.errors else {"data": data})


def _field(kind: str, name: str) -> Field:
    """Raises Malformed for a field that the type does not have here."""
    if name == "__typename":
        return _TYPENAME
    if name not in _TYPES[kind]:
        raise Malformed(f"Field '{name}' doesn't exist on type '{kind}' of this stand-in")
    return _TYPES[kind][name]


def _check(kind: str, selections: Sequence[Selected]) -> None:
    """Raises Malformed for what cannot be asked of this type, whether or not there is anything to be asked."""
    for each in selections:
        _, possible = _ABSTRACT.get(kind, ({}, {kind}))
        if each.on and each.on not in {kind, *possible, *_ABSTRACT}:
            raise Malformed(f"Fragment on {each.on} can't be spread inside {kind}")
        found = _field(each.on or kind, each.name)
        known = {name.rstrip("!") for name in found.arguments}
        for name in each.arguments.keys() - known:
            raise Malformed(f"Field '{each.name}' doesn't accept argument '{name}'")
        for name in found.arguments:
            if name.endswith("!") and name[:-1] not in each.arguments:
                raise Malformed(f"Field '{each.name}' is missing required arguments: {name[:-1]}")
        if bool(each.selections) != (found.of in _TYPES):
            raise Malformed(f"Field '{each.name}' of type {found.of} must have selections only if it is an object")
        if each.selections:
            _check(found.of, each.selections)


def _concrete(kind: str, value: Any) -> str:  # noqa: ANN401 - whatever a resolver gives
    """What an interface turned out to be."""
    if kind not in _ABSTRACT:
        return kind
    if isinstance(value, Of):
        return value.kind
    if isinstance(value, files.File):
        return "Blob"
    return "Bot" if value.endswith("[bot]") else "User"


class _Run:
    """One request being answered; `errors` gathers what came to nothing."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.errors: list[dict[str, Any]] = []

    def shape(self, kind: str, value: Any, selections: Sequence[Selected], path: tuple[Any, ...]) -> dict[str, Any]:  # noqa: ANN401
        concrete = _concrete(kind, value)
        shape: dict[str, Any] = {}
        for each in selections:
            if each.on and each.on != concrete and concrete not in _ABSTRACT.get(each.on, ({}, set()))[1]:
                continue
            if each.name == "__typename":
                shape[each.alias] = concrete
                continue
            shape[each.alias] = self._resolved(concrete, value, each, (*path, each.alias))
        return shape

    def _resolved(self, kind: str, value: Any, each: Selected, path: tuple[Any, ...]) -> Any:  # noqa: ANN401
        found = _field(kind, each.name)
        try:
            inner = found.resolve(self._call, value, each)
        except Failure as failure:
            self.errors.append({"type": failure.kind, "path": list(path), "message": str(failure)})
            return None
        if not each.selections or inner is None:
            return inner
        if isinstance(inner, list):
            return [self.shape(found.of, item, each.selections, (*path, at)) for at, item in enumerate(inner)]
        return self.shape(found.of, inner, each.selections, path)
