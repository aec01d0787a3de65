"""What people do on the forge: each function changes the state and returns the webhook that GitHub would send."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from reviewer.standin import pull_shapes, shapes
from reviewer.standin.git_shapes import check_run
from reviewer.standin.outdated import follow
from reviewer.standin.records import CheckRun, IssueComment, Pull, Repository, ReviewComment
from reviewer.standin.state import State


@dataclass(frozen=True)
class Event:
    """A webhook to be sent: `name` goes into X-GitHub-Event."""

    name: str
    payload: dict[str, Any]


def open_pull(
    hub: State,
    full_name: str,
    *,
    head: str,
    base: str = "",
    base_sha: str = "",
    title: str = "Change",
    body: str | None = None,
    user: str = "",
    draft: bool = False,
    fork: str = "",
) -> Event:
    """Open a pull request from branch `head`; `base_sha` when the base is not the tip of its branch."""
    repo = hub.repository(full_name)
    base = base or repo.default_branch
    at = hub.clock()
    user = user or repo.owner
    with hub.lock:
        number = max(repo.pulls, default=0) + 1
        pull = Pull(
            id=hub.next_id(),
            number=number,
            title=title,
            body=body,
            user=user,
            base_ref=base,
            head_ref=head,
            base_sha=base_sha or _tip(repo, base),
            head_sha=_tip(repo, head),
            created=at,
            updated=at,
            draft=draft,
            fork=fork,
        )
        repo.pulls[number] = pull
        hub.people.add(user)
    return pull_event(hub, repo, pull, "opened")


def _tip(repo: Repository, ref: str) -> str:
    sha = repo.git.resolve(ref)
    if sha is None:
        raise ValueError(f"{repo.full_name} has no branch {ref!r}: commit to it first")
    return sha


def pull_event(hub: State, repo: Repository, pull: Pull, action: str, **more: Any) -> Event:  # noqa: ANN401 - any JSON
    """A `pull_request` webhook about the pull request as it stands."""
    shape = {"action": action, "number": pull.number, "pull_request": pull_shapes.pull_request(hub, repo, pull)}
    return Event("pull_request", {**shape, **more, **_frame(hub, repo, pull.user)})


def _frame(hub: State, repo: Repository, sender: str) -> dict[str, Any]:
    """What every webhook of an App carries."""
    frame: dict[str, Any] = {"repository": shapes.repository(hub, repo), "sender": shapes.user(hub, sender)}
    installation = hub.installation_of(repo.full_name)
    if installation:
        frame["installation"] = {"id": installation.id, "node_id": f"INSTALLATION_{installation.id}"}
    return frame


def push(hub: State, full_name: str, number: int, *, head: str = "") -> Event:
    """The head branch moved (commit to it, or give the new `head`): the pull request follows, old comments too."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        before = pull.head_sha
        if head:
            repo.git.point(pull.head_ref, head)
        pull.head_sha = _tip(repo, head or pull.head_ref)
        pull.updated = hub.clock()
        follow(repo.git, pull, hub.changes(repo, pull))
    return pull_event(hub, repo, pull, "synchronize", before=before, after=pull.head_sha)


def close(hub: State, full_name: str, number: int, *, merged: bool = False) -> Event:
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        pull.closed = pull.updated = hub.clock()
        pull.merged = merged
    return pull_event(hub, repo, pull, "closed")


def reopen(hub: State, full_name: str, number: int) -> Event:
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        pull.closed, pull.updated = None, hub.clock()
    return pull_event(hub, repo, pull, "reopened")


def ready(hub: State, full_name: str, number: int) -> Event:
    """The draft is ready for review."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        pull.draft, pull.updated = False, hub.clock()
    return pull_event(hub, repo, pull, "ready_for_review")


def comment(hub: State, full_name: str, number: int, body: str, *, user: str) -> Event:
    """A person writes into the conversation."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    at = hub.clock()
    with hub.lock:
        record = IssueComment(hub.next_id(), number, user, body, at, at)
        pull.issue_comments.append(record)
        hub.people.add(user)
    issue = {
        **{
            key: value for key, value in pull_shapes.pull_simple(hub, repo, pull).items() if key not in {"head", "base"}
        },
        "comments": len(pull.issue_comments),
        "pull_request": {"url": f"{shapes.api_url(hub, repo)}/pulls/{number}"},
    }
    shape = {"action": "created", "issue": issue, "comment": pull_shapes.issue_comment(hub, repo, record)}
    return Event("issue_comment", {**shape, **_frame(hub, repo, user)})


def reply(hub: State, full_name: str, number: int, body: str, *, user: str, to: int) -> Event:
    """A person answers in the thread of the inline comment `to`."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        record = answer_in_thread(hub, pull, body, user=user, to=to)
        hub.people.add(user)
    shape = {
        "action": "created",
        "comment": pull_shapes.review_comment(hub, repo, record),
        "pull_request": pull_shapes.pull_simple(hub, repo, pull),
    }
    return Event("pull_request_review_comment", {**shape, **_frame(hub, repo, user)})


def answer_in_thread(hub: State, pull: Pull, body: str, *, user: str, to: int) -> ReviewComment:
    """A reply that stands where the comment it answers stands. Raises KeyError when there is none."""
    top = next((each for each in pull.comments if each.id == to), None)
    if top is None:
        raise KeyError(to)
    at = hub.clock()
    record = replace(top, id=hub.next_id(), review_id=None, user=user, body=body, created=at, updated=at)
    record.in_reply_to, record.reactions = top.id, []
    pull.comments.append(record)
    return record


def rerequest(hub: State, run: CheckRun, *, user: str) -> Event:
    """A person presses "Re-run" on a check run."""
    repo = hub.repository(run.repository)
    shape = {"action": "rerequested", "check_run": check_run(hub, repo, run)}
    return Event("check_run", {**shape, **_frame(hub, repo, user)})
