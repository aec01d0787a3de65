"""Comments: what may hold a command, and threads of ours that people close and open again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from reviewer.core.events.parts import Action, Event, Id, Number, Part, Pull, PullEvent, User, job, no_use
from reviewer.core.types import Ignored, Job

_FINDING = "<!-- reviewer:finding="  # begins the hidden mark in each comment of ours
_BOT = "a bot wrote it, and bots give no commands"


@dataclass(frozen=True, slots=True)
class Remark:
    """A person's comment: the job that it is if there are commands in it, its text, and what was there before.

    `reply`: it is new, and stands in somebody's thread, maybe in ours: then it is a job without a command, too.
    `edit` tells an edit from any other of the same comment; `own`: it is by who wrote the comment.
    """

    job: Job
    body: str
    before: str = ""
    reply: bool = False
    edit: str = ""
    own: bool = True


class _Comment(Part):
    id: Id
    body: str | None = None
    user: User | None = None  # None once the account is deleted
    in_reply_to_id: Id | None = None  # the comment on a line that its thread begins with
    updated_at: str | None = None


class _Issue(Part):
    number: Number
    pull_request: dict[str, Any] | None = None  # there for what is a pull request


class _CommentEvent(Event):
    comment: _Comment
    sender: User


class _IssueCommentEvent(_CommentEvent):
    issue: _Issue


class _ReviewCommentEvent(_CommentEvent, PullEvent):
    pass


class _ThreadComment(Part):
    body: str | None = None
    user: User | None = None


class _Thread(Part):
    comments: tuple[_ThreadComment, ...] = ()


class _ThreadPull(Pull):
    state: str | None = None


class _ThreadEvent(Event):
    pull_request: _ThreadPull
    thread: _Thread
    sender: User


def issue_comment(_delivery: str, payload: object) -> Remark | Ignored:
    """In the conversation of a pull request, or of an issue, which is none of our business."""
    if unused := _unused("issue_comment", payload):
        return unused
    event = _IssueCommentEvent.model_validate(payload)
    if event.issue.pull_request is None:
        return Ignored("issue_comment: on an issue, not on a pull request")
    return _remark(event, payload, name="issue_comment", number=event.issue.number, head="", inline=False)


def pull_request_review_comment(_delivery: str, payload: object) -> Remark | Ignored:
    """On a line of a pull request."""
    if unused := _unused("pull_request_review_comment", payload):
        return unused
    event = _ReviewCommentEvent.model_validate(payload)
    pull = event.pull_request
    name = "pull_request_review_comment"
    return _remark(event, payload, name=name, number=pull.number, head=pull.head.sha, inline=True)


def pull_request_review_thread(delivery: str, payload: object) -> Job | Ignored:
    """Resolved or opened again by a person: what that does to the gate is computed anew, from what is kept."""
    name = "pull_request_review_thread"
    action = Action.model_validate(payload).action
    if action not in {"resolved", "unresolved"}:
        return no_use(name, action)
    event = _ThreadEvent.model_validate(payload)
    if event.sender.type == "Bot":
        return Ignored(f"{name}: it was a bot, maybe ourselves")
    if not any(_FINDING in (said.body or "") and _is_bot(said.user) for said in event.thread.comments):
        return Ignored(f"{name}: the thread is about no finding of ours")
    pull = event.pull_request
    if pull.state == "closed":  # people tidy up after a merge; the check stays as it was then
        return Ignored(f"{name}: the pull request is closed")
    return job(event, name=name, number=pull.number, head=pull.head.sha, delivery=delivery)


def _unused(name: str, payload: object) -> Ignored | None:
    action = Action.model_validate(payload).action
    if action not in {"created", "edited"}:
        return no_use(name, action)
    if action == "edited" and _text_before(payload) is None:
        return Ignored(f"{name}.edited: its text did not change")
    return None


def _text_before(payload: object) -> str | None:
    """The text before an edit; None where the text was not what changed."""
    changes = payload.get("changes") if isinstance(payload, dict) else None
    body: Any = changes.get("body") if isinstance(changes, dict) else None
    old = body.get("from") if isinstance(body, dict) else None
    return old if isinstance(old, str) else None


def _remark(
    event: _CommentEvent, payload: object, *, name: str, number: int, head: str, inline: bool
) -> Remark | Ignored:
    """Who gives the commands is who sent the event: who edits somebody's comment does not speak with their rights."""
    before = _text_before(payload)
    said = event.comment
    if event.sender.type == "Bot" or _is_bot(said.user):
        return Ignored(f"{name}: {_BOT}")
    if said.user is None:
        return Ignored(f"{name}: whoever wrote it has no account any more")
    where = f"command-{'line' if inline else 'talk'}-{said.id}"  # the two have ids of their own
    made = job(event, kind="command", name=name, number=number, head=head, delivery=where)
    if isinstance(made, Ignored):
        return made
    made = replace(made, comment=said.id, inline=inline, author=event.sender.login)
    reply = inline and event.action == "created" and said.in_reply_to_id is not None
    edit = "" if before is None else said.updated_at or f"from {before}"
    own = said.user.login.lower() == event.sender.login.lower()
    return Remark(made, said.body or "", before or "", reply, edit, own)


def _is_bot(user: User | None) -> bool:
    return user is not None and user.type == "Bot"
