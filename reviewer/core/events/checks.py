"""Checks: "Re-run" on ours, and "Re-run all checks"."""

from __future__ import annotations

import re
from dataclasses import replace

from reviewer.core.events.parts import Action, Event, Id, Number, Part, Sha, job, no_use
from reviewer.core.types import Ignored, Job

# Ours, as contract and check runs have it: repository, pull request number and run id.
_EXTERNAL_ID = re.compile(r"[^#\s]+#([0-9]{1,10}):\S+")


class _CheckRun(Part):
    head_sha: Sha
    external_id: str | None = None


class _CheckRunEvent(Event):
    check_run: _CheckRun


class _BaseRepository(Part):
    id: Id


class _Base(Part):
    repo: _BaseRepository


class _SuitePull(Part):
    number: Number
    base: _Base


class _CheckSuite(Part):
    head_sha: Sha
    pull_requests: tuple[_SuitePull, ...] = ()


class _CheckSuiteEvent(Event):
    check_suite: _CheckSuite


def check_run(delivery: str, payload: object) -> Job | Ignored:
    """For "Re-run" on our check. The number comes from `external_id`: for forks GitHub lists no pull requests."""
    action = Action.model_validate(payload).action
    if action != "rerequested":
        return no_use("check_run", action)
    event = _CheckRunEvent.model_validate(payload)
    number = _external_number(event.check_run.external_id or "")
    if number is None:
        return Ignored("check_run.rerequested: its external_id is not one of ours")
    found = job(event, name="check_run", number=number, head=event.check_run.head_sha, delivery=delivery)
    # Who asks for it by name wants another look, past what is kept. "Re-run all checks" is mostly meant for others.
    return replace(found, full=True) if isinstance(found, Job) else found


def _external_number(external_id: str) -> int | None:
    """The repository's name in it is not compared: it is the old one after a rename or a transfer."""
    match = _EXTERNAL_ID.fullmatch(external_id)
    number = int(match[1]) if match else 0
    return number if 1 <= number < 2**31 else None


def check_suite(delivery: str, payload: object) -> Job | Ignored:
    """For "Re-run all checks". GitHub lists other repositories' pull requests too, when they know the branch."""
    action = Action.model_validate(payload).action
    if action != "rerequested":
        return no_use("check_suite", action)
    event = _CheckSuiteEvent.model_validate(payload)
    suite, ours = event.check_suite, event.repository.id
    numbers = [pull.number for pull in suite.pull_requests if ours in {None, pull.base.repo.id}]
    if not numbers:
        return Ignored(
            "check_suite.rerequested: GitHub lists no pull request of this repository (it never does for forks); "
            "re-run the check `reviewer` itself"
        )
    return job(event, name="check_suite", number=numbers[0], head=suite.head_sha, delivery=delivery)
