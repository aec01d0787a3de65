"""What people do to checks: they run them again, alone or all of a head, and press their buttons."""

from __future__ import annotations

from typing import Any

from reviewer.standin.events.frame import Event, framed
from reviewer.standin.git_shapes import check_run, check_suite
from reviewer.standin.records import CheckRun
from reviewer.standin.state import State


def rerequest(hub: State, run: CheckRun, *, user: str) -> Event:
    """A person presses "Re-run" on a check run."""
    return _told(hub, run, "rerequested", user=user)


def press_action(hub: State, run: CheckRun, identifier: str, *, user: str) -> Event:
    """A person presses one of the check run's own buttons. Raises ValueError for one that it does not have."""
    known = [str(action["identifier"]) for action in run.actions]
    if identifier not in known:
        raise ValueError(f"the check run has no button {identifier!r}, only {known}")
    return _told(hub, run, "requested_action", user=user, requested_action={"identifier": identifier})


def _told(hub: State, run: CheckRun, action: str, *, user: str, **more: Any) -> Event:  # noqa: ANN401 - any JSON
    repo = hub.repository(run.repository)
    shape = {"action": action, "check_run": check_run(hub, repo, run), **more}
    return framed(hub, repo, "check_run", shape, sender=user)


def rerequest_all(hub: State, full_name: str, sha: str, *, user: str, branch: str | None = None) -> Event:
    """A person presses "Re-run all checks" on a head."""
    return _suite(hub, full_name, sha, "rerequested", user=user, branch=branch)


def request_suite(hub: State, full_name: str, sha: str, *, user: str, branch: str | None = None) -> Event:
    """Something was pushed: GitHub makes a suite for each App that writes checks."""
    return _suite(hub, full_name, sha, "requested", user=user, branch=branch)


def _suite(hub: State, full_name: str, sha: str, action: str, *, user: str, branch: str | None) -> Event:
    repo = hub.repository(full_name)
    shape = {"action": action, "check_suite": check_suite(hub, repo, sha, branch=branch)}
    return framed(hub, repo, "check_suite", shape, sender=user)
