"""Review threads, their comments and who wrote them, in GraphQL."""

from __future__ import annotations

from typing import Any

from reviewer.standin.calls import Call
from reviewer.standin.graphql.language import Selected
from reviewer.standin.graphql.schema import PAGE_INFO, Failure, Field, Of, Page, Type, connection, need, page
from reviewer.standin.records import IssueComment, ReviewComment
from reviewer.standin.state import stable_id, stamp
from reviewer.standin.threads import Said, Thread, threads_of

# Whose node an id names, by how it begins.
COMMENT_KINDS = {"PRRC": "PullRequestReviewComment", "IC": "IssueComment", "PRR": "PullRequestReview"}
_PREFIXES = {kind: prefix for prefix, kind in COMMENT_KINDS.items()}
_CONTENTS = {"+1": "THUMBS_UP", "-1": "THUMBS_DOWN"}  # the others are the REST word in capitals


def kind_of_said(record: Said) -> str:
    """The GraphQL type of what was said."""
    if isinstance(record, ReviewComment):
        return "PullRequestReviewComment"
    return "IssueComment" if isinstance(record, IssueComment) else "PullRequestReview"


def node(call: Call, _: object, wanted: Selected) -> Of:
    """What an id names, where the token may see it."""
    need(call, "pull_requests:read")
    return find_node(call, wanted.arguments["id"])


def find_node(call: Call, wanted: Any) -> Of:  # noqa: ANN401 - as the client sent it
    """The pull request, thread, comment or review of this id. Raises Failure."""
    prefix, _, number = str(wanted).partition("_")
    for repo in call.hub.repositories.values():
        if call.token is None or not call.token.covers(repo.full_name):
            continue
        for pull in repo.pulls.values():
            at = Of("PullRequest", pull, repo, pull)
            found: list[Of] = [at] if prefix == "PR" and str(pull.id) == number else []
            if prefix == "PRRT":
                found = [
                    at.same("PullRequestReviewThread", each) for each in threads_of(pull) if str(each.root) == number
                ]
            elif prefix in COMMENT_KINDS:
                said: list[Said] = [*pull.comments, *pull.issue_comments, *pull.reviews]
                kinds = [(kind_of_said(each), each) for each in said if str(each.id) == number]
                found = [at.same(kind, each) for kind, each in kinds if kind == COMMENT_KINDS[prefix]]
            if found:
                return found[0]
    raise Failure("NOT_FOUND", f"Could not resolve to a node with the global id of '{wanted}'")


def _threads(call: Call, at: Of, wanted: Selected) -> Page:
    shown = [each for each in threads_of(at.pull) if call.hub.shown(each.top.created)]
    return page(wanted, [at.same("PullRequestReviewThread", each) for each in shown])


def _comments(_: Call, at: Of, wanted: Selected) -> Page:
    return page(wanted, [at.same("PullRequestReviewComment", each) for each in at.record.comments])


def _conversation(_: Call, at: Of, wanted: Selected) -> Page:
    return page(wanted, [at.same("IssueComment", each) for each in at.pull.issue_comments])


def _reply_to(_: Call, at: Of, __: Selected) -> Of | None:
    """Null for the first comment of a thread, and where that one is gone."""
    tops = (each for each in at.pull.comments if each.id == at.record.in_reply_to)
    return next((at.same("PullRequestReviewComment", each) for each in tops), None)


def _reactions(_: Call, at: Of, wanted: Selected) -> Page:
    content = wanted.arguments.get("content")
    shown = [each for each in at.record.reactions if content in {None, _content(each.content)}]
    return page(wanted, [at.same("Reaction", each) for each in shown])


def _content(rest: str) -> str:
    return _CONTENTS.get(rest, rest.upper())


def _top(name: str) -> Field:
    """A field of a thread that is one of its first comment's."""
    return Field("Any", lambda _, at, __: getattr(at.record.top, name))


def _resolved_by(_: Call, at: Of, __: Selected) -> str | None:
    thread: Thread = at.record
    return thread.resolved_by or None


_REMARK: Type = {  # what all comments share
    "id": Field("ID", lambda _, at, __: f"{_PREFIXES[at.kind]}_{at.record.id}"),
    "databaseId": Field("Int", lambda _, at, __: at.record.id),
    "fullDatabaseId": Field("BigInt", lambda _, at, __: str(at.record.id)),
    "isMinimized": Field("Boolean", lambda _, at, __: bool(at.record.minimized)),
    "minimizedReason": Field("String", lambda _, at, __: at.record.minimized or None),
    "body": Field("String", lambda _, at, __: at.record.body),
    "author": Field("Actor", lambda _, at, __: at.record.user),
}
_COMMENT: Type = {
    **_REMARK,
    "createdAt": Field("DateTime", lambda _, at, __: stamp(at.record.created)),
    "updatedAt": Field("DateTime", lambda _, at, __: stamp(at.record.updated)),
    "reactions": Field("ReactionConnection", _reactions, ("first", "after", "content")),
}
_ACTOR: Type = {"login": Field("String", lambda _, login, __: login.removesuffix("[bot]"))}
_NAMED: Type = {
    **_ACTOR,
    "id": Field("ID", lambda _, login, __: f"U_{stable_id(login)}"),
    "databaseId": Field("Int", lambda _, login, __: stable_id(login)),
}

TYPES: dict[str, Type] = {
    "PageInfo": PAGE_INFO,
    "PullRequest": {
        "id": Field("ID", lambda _, at, __: f"PR_{at.pull.id}"),
        "number": Field("Int", lambda _, at, __: at.pull.number),
        "headRefOid": Field("GitObjectID", lambda _, at, __: at.pull.head_sha),
        "locked": Field("Boolean", lambda _, at, __: at.pull.locked),
        "reviewThreads": Field("PullRequestReviewThreadConnection", _threads, ("first", "after")),
        "comments": Field("IssueCommentConnection", _conversation, ("first", "after")),
    },
    "PullRequestReviewThreadConnection": connection("PullRequestReviewThread"),
    "PullRequestReviewThread": {
        "id": Field("ID", lambda _, at, __: at.record.node_id),
        "isResolved": Field("Boolean", lambda _, at, __: bool(at.record.resolved_by)),
        "isOutdated": Field("Boolean", lambda _, at, __: at.record.top.line is None),
        "resolvedBy": Field("User", _resolved_by),
        "path": _top("path"),
        "line": _top("line"),
        "startLine": _top("start_line"),
        "originalLine": _top("original_line"),
        "originalStartLine": _top("original_start_line"),
        "diffSide": _top("side"),
        "startDiffSide": _top("start_side"),
        "comments": Field("PullRequestReviewCommentConnection", _comments, ("first", "after")),
    },
    "PullRequestReviewCommentConnection": connection("PullRequestReviewComment"),
    "PullRequestReviewComment": {**_COMMENT, "replyTo": Field("PullRequestReviewComment", _reply_to)},
    "IssueCommentConnection": connection("IssueComment"),
    "IssueComment": _COMMENT,
    "PullRequestReview": _REMARK,
    "ReactionConnection": connection("Reaction"),
    "Reaction": {
        "content": Field("ReactionContent", lambda _, at, __: _content(at.record.content)),
        "user": Field("User", lambda _, at, __: None if at.record.user.endswith("[bot]") else at.record.user),
    },
    "User": _NAMED,
    "Bot": _NAMED,
}
ACTOR = _ACTOR
