"""What happens to a pull request as a whole: it is opened, pushed to, closed, locked, its check is run again."""

from __future__ import annotations

from typing import Any

from reviewer.standin import pull_shapes
from reviewer.standin.events.frame import Event, framed
from reviewer.standin.outdated import follow
from reviewer.standin.records import Pull, Repository
from reviewer.standin.state import State


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
    return framed(hub, repo, "pull_request", {**shape, **more}, sender=pull.user)


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


def back_to_draft(hub: State, full_name: str, number: int) -> Event:
    """The pull request is a draft again."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        pull.draft, pull.updated = True, hub.clock()
    return pull_event(hub, repo, pull, "converted_to_draft")


def retarget(hub: State, full_name: str, number: int, *, base: str) -> Event:
    """The pull request is to be merged into another branch."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    before = {"ref": pull.base_ref, "sha": pull.base_sha}
    with hub.lock:
        pull.base_ref, pull.base_sha, pull.updated = base, _tip(repo, base), hub.clock()
    changes = {"base": {key: {"from": value} for key, value in before.items()}}
    return pull_event(hub, repo, pull, "edited", changes=changes)


def lock(hub: State, full_name: str, number: int, *, locked: bool = True) -> Event:
    """The conversation is locked, or open again: while it is locked the App can say nothing there."""
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    with hub.lock:
        pull.locked, pull.updated = locked, hub.clock()
    return pull_event(hub, repo, pull, "locked" if locked else "unlocked")
