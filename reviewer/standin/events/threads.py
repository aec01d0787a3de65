"""What people do beside talking: they resolve threads and open them again, fold comments, and give each other roles."""

from __future__ import annotations

from reviewer.standin import pull_shapes, talk_shapes
from reviewer.standin.events.frame import Event, framed
from reviewer.standin.state import State
from reviewer.standin.threads import find_said, thread_of


def resolve(hub: State, full_name: str, number: int, *, comment: int, user: str) -> Event:
    """A person resolves the thread that holds this inline comment."""
    return _turn(hub, full_name, number, comment=comment, user=user, resolved=True)


def unresolve(hub: State, full_name: str, number: int, *, comment: int, user: str) -> Event:
    """A person opens the thread again."""
    return _turn(hub, full_name, number, comment=comment, user=user, resolved=False)


def _turn(hub: State, full_name: str, number: int, *, comment: int, user: str, resolved: bool) -> Event:
    repo, pull = hub.repository(full_name), hub.pull(full_name, number)
    thread = thread_of(pull, comment)
    with hub.lock:
        if resolved:
            pull.resolved[thread.root] = user
        else:
            pull.resolved.pop(thread.root, None)
        hub.people.add(user)
    comments = [talk_shapes.review_comment(hub, repo, each) for each in thread.comments]
    shape = {
        "action": "resolved" if resolved else "unresolved",
        "pull_request": pull_shapes.pull_simple(hub, repo, pull),
        "thread": {"node_id": thread.node_id, "comments": comments},
    }
    return framed(hub, repo, "pull_request_review_thread", shape, sender=user)


def minimize(hub: State, full_name: str, number: int, *, comment: int, reason: str = "outdated") -> None:
    """A person folds a comment or a review, or shows it again with reason "". No webhook."""
    with hub.lock:
        find_said(hub.pull(full_name, number), comment).minimized = reason


def set_role(hub: State, full_name: str, login: str, role: str) -> None:
    """The person may from now on do what the role allows: admin, maintain, write, triage, read, or none.

    GitHub tells of it in `member`, which the App does not listen to.
    """
    with hub.lock:
        hub.people.add(login)
        if role == "none":
            hub.repository(full_name).roles.pop(login, None)
        else:
            hub.repository(full_name).roles[login] = role
