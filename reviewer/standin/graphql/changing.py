"""The mutations: resolving threads and minimising comments, as far as a token may."""

from __future__ import annotations

from typing import Any

from reviewer.standin.calls import Call
from reviewer.standin.graphql.language import Selected
from reviewer.standin.graphql.schema import Failure, Field, Of, Type, need
from reviewer.standin.graphql.talk import COMMENT_KINDS, find_node

_CLASSIFIERS = {"ABUSE", "DUPLICATE", "LOW_QUALITY", "OFF_TOPIC", "OUTDATED", "RESOLVED", "SPAM"}


def _input(wanted: Selected, *names: str) -> dict[str, Any]:
    given: Any = wanted.arguments["input"]
    unknown = given.keys() - {*names, "clientMutationId"}
    if unknown or not all(isinstance(given.get(name), str) for name in names):
        raise Failure("argumentLiteralsIncompatible", f"The input of '{wanted.name}' takes {' and '.join(names)}")
    return dict(given)


def _resolve(call: Call, _: object, wanted: Selected) -> Of:
    return _turn(call, wanted, resolved=True)


def _unresolve(call: Call, _: object, wanted: Selected) -> Of:
    return _turn(call, wanted, resolved=False)


def _turn(call: Call, wanted: Selected, *, resolved: bool) -> Of:
    """GitHub wants contents: write of an App for this, whoever began the thread."""
    at = find_node(call, _input(wanted, "threadId")["threadId"])
    need(call, "contents:write")
    if at.kind != "PullRequestReviewThread":
        raise Failure("NOT_FOUND", f"Could not resolve to a PullRequestReviewThread: it is a {at.kind}")
    standing: dict[int, str] = at.pull.resolved
    root: int = at.record.root
    if resolved:
        standing.setdefault(root, call.hub.bot)
    else:
        standing.pop(root, None)
    return find_node(call, at.record.node_id)


def _minimize(call: Call, _: object, wanted: Selected) -> Of:
    given = _input(wanted, "subjectId", "classifier")
    if given["classifier"] not in _CLASSIFIERS:
        raise Failure("argumentLiteralsIncompatible", f"{given['classifier']!r} is no ReportedContentClassifiers")
    return _fold(call, given["subjectId"], given["classifier"].lower().replace("_", "-"))


def _unminimize(call: Call, _: object, wanted: Selected) -> Of:
    return _fold(call, _input(wanted, "subjectId")["subjectId"], "")


def _fold(call: Call, subject: str, reason: str) -> Of:
    at = find_node(call, subject)
    need(call, "pull_requests:write|issues:write")
    if at.kind not in COMMENT_KINDS.values():
        raise Failure("NOT_FOUND", f"Could not resolve to a Minimizable: it is a {at.kind}")
    at.record.minimized = reason
    return at


def _payload(of: str, name: str) -> Type:
    return {name: Field(of, lambda _, it, __: it), "clientMutationId": Field("String", lambda *_: None)}


TYPES: dict[str, Type] = {
    "Mutation": {
        "resolveReviewThread": Field("ResolveReviewThreadPayload", _resolve, ("input!",)),
        "unresolveReviewThread": Field("UnresolveReviewThreadPayload", _unresolve, ("input!",)),
        "minimizeComment": Field("MinimizeCommentPayload", _minimize, ("input!",)),
        "unminimizeComment": Field("UnminimizeCommentPayload", _unminimize, ("input!",)),
    },
    "ResolveReviewThreadPayload": _payload("PullRequestReviewThread", "thread"),
    "UnresolveReviewThreadPayload": _payload("PullRequestReviewThread", "thread"),
    "MinimizeCommentPayload": _payload("Minimizable", "minimizedComment"),
    "UnminimizeCommentPayload": _payload("Minimizable", "unminimizedComment"),
}
