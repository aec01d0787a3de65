"""What people say on a pull request: in the conversation, on a line, in a thread; they edit, delete and react."""

from __future__ import annotations

from typing import Any

from reviewer.standin import pull_shapes, talk_shapes
from reviewer.standin.events.frame import Event, framed
from reviewer.standin.records import IssueComment, Pull, Reaction, Repository, Review, ReviewComment
from reviewer.standin.rules import REACTIONS, find_spot
from reviewer.standin.state import State
from reviewer.standin.threads import answer_in_thread, new_comment


def comment(hub: State, full_name: str, number: int, body: str, *, user: str) -> Event:
    """A person writes into the conversation."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    at = hub.clock()
    with hub.lock:
        record = IssueComment(hub.next_id(), number, user, body, at, at)
        pull.issue_comments.append(record)
        hub.people.add(user)
    return _told(hub, repo, pull, record, "created", sender=user)


def comment_on_issue(hub: State, full_name: str, number: int, body: str, *, user: str) -> Event:
    """A person writes on an issue that is no pull request: nothing stands, only the webhook is sent."""
    repo, at = hub.repository(full_name), hub.clock()
    posing = Pull(0, number, "An issue", None, user, repo.default_branch, "", "", "", at, at)
    record = IssueComment(hub.next_id(), number, user, body, at, at)
    event = _told(hub, repo, posing, record, "created", sender=user)
    del event.payload["issue"]["pull_request"]
    return event


def comment_inline(
    hub: State, full_name: str, number: int, body: str, *, user: str, path: str, line: int, side: str = "RIGHT"
) -> Event:
    """A person begins a thread on a line of the head, or of the old file (LEFT). Raises OffTheDiff."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    spot = find_spot(hub.changes(repo, pull), {"path": path, "line": line, "side": side})
    with hub.lock:
        review = Review(hub.next_id(), number, user, "", "COMMENTED", pull.head_sha, hub.clock())
        record = new_comment(hub, pull, spot, body=body, user=user, head=pull.head_sha, review=review.id)
        pull.reviews.append(review)
        pull.comments.append(record)
        hub.people.add(user)
    return _told(hub, repo, pull, record, "created", sender=user)


def reply(hub: State, full_name: str, number: int, body: str, *, user: str, to: int) -> Event:
    """A person answers in the thread of the inline comment `to`."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        record = answer_in_thread(hub, pull, body, user=user, to=to)
        hub.people.add(user)
    return _told(hub, repo, pull, record, "created", sender=user)


def edit(hub: State, full_name: str, number: int, body: str, *, comment: int, user: str = "") -> Event:
    """The comment with this id, inline or in the conversation, gets another text; by its author if nobody is named."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    record = _find(pull, comment)
    with hub.lock:
        before, record.body, record.updated = record.body, body, hub.clock()
    changes = {"changes": {"body": {"from": before}}}
    return _told(hub, repo, pull, record, "edited", sender=user or record.user, **changes)


def delete(hub: State, full_name: str, number: int, *, comment: int, user: str = "") -> Event:
    """The comment is gone; replies to it stay."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    record = _find(pull, comment)
    with hub.lock:
        if isinstance(record, ReviewComment):
            pull.comments.remove(record)
        else:
            pull.issue_comments.remove(record)
    return _told(hub, repo, pull, record, "deleted", sender=user or record.user)


def react(hub: State, full_name: str, number: int, content: str, *, comment: int, user: str) -> Reaction:
    """Anybody reacts with "+1", "-1", "eyes", … to a comment, once each. GitHub sends no webhook for it."""
    if content not in REACTIONS:
        raise ValueError(f"{content!r} is no reaction: {', '.join(sorted(REACTIONS))} are")
    reactions = _find(hub.pull(full_name, number), comment).reactions
    with hub.lock:
        for standing in reactions:
            if (standing.user, standing.content) == (user, content):
                return standing
        reactions.append(Reaction(hub.next_id(), user, content, hub.clock()))
        hub.people.add(user)
        return reactions[-1]


def unreact(hub: State, full_name: str, number: int, content: str, *, comment: int, user: str) -> None:
    """The reaction is taken back, if it is there. No webhook."""
    record = _find(hub.pull(full_name, number), comment)
    with hub.lock:
        record.reactions = [each for each in record.reactions if (each.user, each.content) != (user, content)]


def _find(pull: Pull, comment: int) -> IssueComment | ReviewComment:
    found: list[IssueComment | ReviewComment] = [*pull.comments, *pull.issue_comments]
    for record in found:
        if record.id == comment:
            return record
    raise KeyError(comment)


def _told(
    hub: State,
    repo: Repository,
    pull: Pull,
    record: IssueComment | ReviewComment,
    action: str,
    *,
    sender: str,
    **more: Any,  # noqa: ANN401 - any JSON
) -> Event:
    shape: dict[str, Any] = {"action": action, **more}
    if isinstance(record, ReviewComment):
        shape |= {
            "comment": talk_shapes.review_comment(hub, repo, record),
            "pull_request": pull_shapes.pull_simple(hub, repo, pull),
        }
        return framed(hub, repo, "pull_request_review_comment", shape, sender=sender)
    shape |= {
        "issue": pull_shapes.issue(hub, repo, pull),
        "comment": talk_shapes.issue_comment(hub, repo, record),
    }
    return framed(hub, repo, "issue_comment", shape, sender=sender)
