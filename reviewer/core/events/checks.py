"""Checks: "Re-run" and the buttons on ours, and "Re-run all checks"."""

from __future__ import annotations

import re
from dataclasses import replace

from reviewer.core.events.parts import Action, Event, Id, Number, Part, Sha, User, job, no_use, shown
from reviewer.core.types import Ignored, Job

# Ours, as the check runs have it: repository, pull request number and run id; of a group also its head.
_EXTERNAL_ID = re.compile(r"[^#@\s]+(@[0-9a-f]+)?#([0-9]{1,10}):\S+")
_NOT_OURS = "its external_id is not one of ours"
_QUEUE = "gh-readonly-queue/"  # begins the branches of merge queues


class _CheckRun(Part):
    id: Id
    head_sha: Sha
    external_id: str | None = None


class _CheckRunEvent(Event):
    check_run: _CheckRun


class _Button(Part):
    identifier: str


class _ButtonEvent(_CheckRunEvent):
    requested_action: _Button
    sender: User


class _BaseRepository(Part):
    id: Id


class _Base(Part):
    repo: _BaseRepository


class _SuitePull(Part):
    number: Number
    base: _Base


class _CheckSuite(Part):
    head_sha: Sha
    head_branch: str | None = None
    pull_requests: tuple[_SuitePull, ...] = ()


class _CheckSuiteEvent(Event):
    check_suite: _CheckSuite


def check_run(delivery: str, payload: object) -> Job | Ignored:
    """For "Re-run" and the buttons. The number comes from `external_id`: for forks GitHub lists no pull requests."""
    action = Action.model_validate(payload).action
    if action == "requested_action":
        return _pressed(delivery, payload)
    if action != "rerequested":
        return no_use("check_run", action)
    event = _CheckRunEvent.model_validate(payload)
    name, check = "check_run", event.check_run
    number, of_group = _external(check.external_id or "")
    if of_group:
        return job(event, kind="group", name=name, number=number, head=check.head_sha, delivery=delivery)
    if not number:
        return Ignored(f"check_run.rerequested: {_NOT_OURS}")
    return job(event, name=name, number=number, head=check.head_sha, delivery=delivery)


def _pressed(delivery: str, payload: object) -> Job | Ignored:
    """Which buttons there are is known to the line alone."""
    event = _ButtonEvent.model_validate(payload)
    check, identifier = event.check_run, event.requested_action.identifier
    number, of_group = _external(check.external_id or "")
    if not number or of_group:
        return Ignored(f"check_run.requested_action: {_NOT_OURS}")
    if not re.fullmatch(r"[a-z-]{1,20}", identifier):
        return Ignored(f"check_run.requested_action: {shown(identifier)} is no button of ours")
    if event.sender.type == "Bot":
        return Ignored("check_run.requested_action: a bot pressed it, and bots give no commands")
    found = job(event, kind="press", name="check_run", number=number, head=check.head_sha, delivery=delivery)
    if isinstance(found, Ignored):
        return found
    return replace(found, check=check.id, commands=identifier, author=event.sender.login)


def _external(external_id: str) -> tuple[int, bool]:
    """The number, 0 where it is not ours, and whether it is of a merge group's check.

    The repository's name in it is not compared: it is the old one after a rename or a transfer.
    """
    match = _EXTERNAL_ID.fullmatch(external_id)
    number = int(match[2]) if match else 0
    return (number, bool(match and match[1])) if number < 2**31 else (0, False)


def check_suite(delivery: str, payload: object) -> Job | Ignored:
    """For "Re-run all checks". GitHub lists other repositories' pull requests too, when they know the branch.

    Where it lists none, as for forks, or several, those of the head are looked for.
    """
    action = Action.model_validate(payload).action
    if action == "requested":
        return Ignored("check_suite.requested: the event of the pull request itself asks for its review")
    if action != "rerequested":
        return no_use("check_suite", action)
    event = _CheckSuiteEvent.model_validate(payload)
    name, suite, ours = "check_suite", event.check_suite, event.repository.id
    if (suite.head_branch or "").startswith(_QUEUE):
        number = group_number(suite.head_branch or "")
        return job(event, kind="group", name=name, number=number, head=suite.head_sha, delivery=delivery)
    numbers = [pull.number for pull in suite.pull_requests if ours in {None, pull.base.repo.id}]
    if len(numbers) != 1:
        return job(event, kind="find", name=name, number=0, head=suite.head_sha, delivery=delivery)
    return job(event, name=name, number=numbers[0], head=suite.head_sha, delivery=delivery)


def group_number(ref: str) -> int:
    """The last pull request of a merge group: `gh-readonly-queue/BASE/pr-NUMBER-SHA`; 0 where the ref does not say."""
    before, _, last = ref.removeprefix("refs/heads/").rpartition("/pr-")
    match = re.fullmatch(r"([0-9]{1,10})-[0-9a-f]+", last)
    number = int(match[1]) if match and before.startswith(_QUEUE) else 0
    return number if number < 2**31 else 0


def of_another_app(payload: object, name: str, ours: str) -> bool:
    """Whether the check is another App's; `ours` is our App's id or client id, "" where that is not known."""
    check = payload.get(name) if isinstance(payload, dict) else None
    app = check.get("app") if isinstance(check, dict) else None
    if not ours or not isinstance(app, dict):
        return False
    theirs = app.get("id") if ours.isdecimal() else app.get("client_id")  # older GHES tells no client id
    return isinstance(theirs, int | str) and str(theirs) != ours
