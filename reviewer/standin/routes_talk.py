"""Routes of the conversation and the people in it: issue comments, reactions, labels, permissions."""

from __future__ import annotations

from starlette.responses import Response

from reviewer.standin import pull_shapes, shapes, talk_shapes
from reviewer.standin.calls import Call, Endpoint, Refusal, answer, invalid, not_found, paged, refuse_locked
from reviewer.standin.records import IssueComment, Pull, Reaction, ReviewComment
from reviewer.standin.routes_pulls import find_comment
from reviewer.standin.rules import REACTIONS, check_body

_ROLES = ("none", "read", "triage", "write", "maintain", "admin")
_GRANTS = ("pull", "triage", "push", "maintain", "admin")  # what each role beyond none adds
# What the older `permission` field says for the finer roles.
_LEGACY = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}


def list_issue_comments(call: Call) -> Response:
    repo = call.repository()
    return paged(call, call.pull().issue_comments, lambda each: talk_shapes.issue_comment(call.hub, repo, each))


def create_issue_comment(call: Call) -> Response:
    pull, at = call.unlocked_pull(), call.hub.clock()
    body = check_body(call.body.get("body"), call.hub.limits, resource="IssueComment")
    comment = IssueComment(call.hub.next_id(), pull.number, call.hub.bot, body, at, at)
    pull.issue_comments.append(comment)
    return answer(talk_shapes.issue_comment(call.hub, call.repository(), comment), 201)


def _find(call: Call) -> tuple[Pull, IssueComment]:
    number = call.number("comment_id")
    for pull in call.repository().pulls.values():
        for comment in pull.issue_comments:
            if comment.id == number:
                return pull, comment
    raise not_found()


def get_issue_comment(call: Call) -> Response:
    return answer(talk_shapes.issue_comment(call.hub, call.repository(), _find(call)[1]))


def update_issue_comment(call: Call) -> Response:
    _, comment = _find(call)
    comment.body = check_body(call.body.get("body"), call.hub.limits, resource="IssueComment")
    comment.updated = call.hub.clock()
    return answer(talk_shapes.issue_comment(call.hub, call.repository(), comment))


def delete_issue_comment(call: Call) -> Response:
    pull, comment = _find(call)
    pull.issue_comments.remove(comment)
    return Response(status_code=204)


def react_to_issue_comment(call: Call) -> Response:
    return _react(call, *_find(call))


def react_to_comment(call: Call) -> Response:
    return _react(call, *find_comment(call))


def _react(call: Call, pull: Pull, comment: IssueComment | ReviewComment) -> Response:
    """201, or 200 with the one that stands when the same user reacted so before."""
    refuse_locked(pull)
    content, reactions = call.body.get("content"), comment.reactions
    if content not in REACTIONS:
        raise invalid("Reaction", "content", code="invalid")
    for reaction in reactions:
        if (reaction.user, reaction.content) == (call.hub.bot, content):
            return answer(talk_shapes.reaction(call.hub, reaction))
    reaction = Reaction(call.hub.next_id(), call.hub.bot, content, call.hub.clock())
    reactions.append(reaction)
    return answer(talk_shapes.reaction(call.hub, reaction), 201)


def list_issue_reactions(call: Call) -> Response:
    return _reactions(call, _find(call)[1])


def list_comment_reactions(call: Call) -> Response:
    return _reactions(call, find_comment(call)[1])


def _reactions(call: Call, comment: IssueComment | ReviewComment) -> Response:
    """All of them, or those of the one kind that `content` names."""
    wanted = call.query.get("content")
    shown = [each for each in comment.reactions if wanted in {None, each.content}]
    return paged(call, shown, lambda each: talk_shapes.reaction(call.hub, each))


def delete_issue_reaction(call: Call) -> Response:
    return _take_back(call, _find(call)[1])


def delete_comment_reaction(call: Call) -> Response:
    return _take_back(call, find_comment(call)[1])


def _take_back(call: Call, comment: IssueComment | ReviewComment) -> Response:
    """An App may take back only its own."""
    number = call.number("reaction_id")
    reaction = next((each for each in comment.reactions if each.id == number and each.user == call.hub.bot), None)
    if reaction is None:
        raise not_found()
    comment.reactions.remove(reaction)
    return Response(status_code=204)


def add_labels(call: Call) -> Response:
    pull, names = call.pull(), call.body.get("labels")
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise invalid("Label", "name", code="missing_field")
    pull.labels.extend(name for name in dict.fromkeys(names) if name not in pull.labels)
    return answer([pull_shapes.label(call.hub, call.repository(), name) for name in pull.labels])


def permission(call: Call) -> Response:
    repo, login = call.repository(), call.params["username"]
    if login not in call.hub.people | {call.hub.bot}:
        raise Refusal(404, f"{login} is not a user")
    role = "admin" if login == repo.owner else repo.roles.get(login, "none" if repo.private else "read")
    rank = _ROLES.index(role)
    allowed = {name: rank >= at for at, name in enumerate(_GRANTS, 1)}
    person = {**shapes.user(call.hub, login), "role_name": role, "permissions": allowed}
    return answer({"permission": _LEGACY[role], "role_name": role, "user": person})


_ISSUE, _COMMENT = "/repos/{owner}/{repo}/issues/{issue_number}", "/repos/{owner}/{repo}/issues/comments/{comment_id}"
_REVIEW_COMMENT = "/repos/{owner}/{repo}/pulls/comments/{comment_id}"
_READ = "issues:read|pull_requests:read"
# On a pull request's conversation issues: write alone is not enough (403 was met).
_WRITE = "pull_requests:write"

ENDPOINTS = (
    Endpoint("GET", f"{_ISSUE}/comments", list_issue_comments, needs=_READ),
    Endpoint("POST", f"{_ISSUE}/comments", create_issue_comment, needs=_WRITE),
    Endpoint("POST", f"{_ISSUE}/labels", add_labels, needs=f"issues:write|{_WRITE}"),
    Endpoint("GET", _COMMENT, get_issue_comment, needs=_READ),
    Endpoint("PATCH", _COMMENT, update_issue_comment, needs=_WRITE),
    Endpoint("DELETE", _COMMENT, delete_issue_comment, needs=_WRITE),
    Endpoint("GET", f"{_COMMENT}/reactions", list_issue_reactions, needs=_READ),
    Endpoint("POST", f"{_COMMENT}/reactions", react_to_issue_comment, needs=f"issues:write|{_WRITE}"),
    Endpoint("DELETE", f"{_COMMENT}/reactions/{{reaction_id}}", delete_issue_reaction, needs=_WRITE),
    Endpoint("DELETE", f"{_REVIEW_COMMENT}/reactions/{{reaction_id}}", delete_comment_reaction, needs=_WRITE),
    Endpoint("GET", f"{_REVIEW_COMMENT}/reactions", list_comment_reactions, needs="pull_requests:read"),
    Endpoint("POST", f"{_REVIEW_COMMENT}/reactions", react_to_comment, needs=_WRITE),
    Endpoint("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", permission, needs="metadata:read"),
)
