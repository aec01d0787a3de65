"""The threads of a pull request's inline comments, and how a comment gets into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewer.standin.records import IssueComment, Pull, Review, ReviewComment
from reviewer.standin.rules import Spot
from reviewer.standin.state import State

Said = IssueComment | ReviewComment | Review


@dataclass(frozen=True)
class Thread:
    """An inline comment with its replies, oldest first; it outlives its first comment while a reply is there."""

    root: int
    comments: Sequence[ReviewComment]
    resolved_by: str = ""  # a login; "" while it is open

    @property
    def node_id(self) -> str:
        return f"PRRT_{self.root}"

    @property
    def top(self) -> ReviewComment:
        return self.comments[0]


def threads_of(pull: Pull) -> list[Thread]:
    """In the order in which they were begun."""
    by_root: dict[int, list[ReviewComment]] = {}
    for comment in list(pull.comments):
        by_root.setdefault(comment.root, []).append(comment)
    return [Thread(root, comments, pull.resolved.get(root, "")) for root, comments in by_root.items()]


def thread_of(pull: Pull, comment: int) -> Thread:
    """The thread that holds this comment. Raises KeyError when there is none."""
    for thread in threads_of(pull):
        if any(each.id == comment for each in thread.comments):
            return thread
    raise KeyError(comment)


def find_said(pull: Pull, number: int) -> Said:
    """The comment or review with this id. Raises KeyError when there is none."""
    said: list[Said] = [*pull.comments, *pull.issue_comments, *pull.reviews]
    for record in said:
        if record.id == number:
            return record
    raise KeyError(number)


def new_comment(
    hub: State, pull: Pull, spot: Spot, *, body: str, user: str, head: str, review: int | None
) -> ReviewComment:
    """A comment that begins a thread at this place of the diff of `head`; it is not put on the pull request."""
    at = hub.clock()
    return ReviewComment(
        id=hub.next_id(),
        number=pull.number,
        review_id=review,
        user=user,
        body=body,
        path=spot.change.path,
        side=spot.side,
        line=spot.line,
        start_side=spot.start_side,
        start_line=spot.start_line,
        commit_id=head,
        original_commit_id=head,
        original_line=spot.line,
        original_start_line=spot.start_line,
        diff_hunk=spot.diff_hunk,
        created=at,
        updated=at,
        stood={head},
    )


def answer_in_thread(hub: State, pull: Pull, body: str, *, user: str, to: int) -> ReviewComment:
    """A reply that stands where the comment it answers stands. Raises KeyError when there is none."""
    thread = thread_of(pull, to)
    at = hub.clock()
    record = replace(thread.top, id=hub.next_id(), review_id=None, user=user, body=body, created=at, updated=at)
    record.in_reply_to, record.reactions, record.minimized = thread.root, [], ""
    record.stood = set(thread.top.stood)
    pull.comments.append(record)
    return record
