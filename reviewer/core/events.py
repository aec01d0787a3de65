"""Turns a webhook delivery into the job that it asks for, or into the reason why it asks for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from reviewer.core.types import Ignored, Job

Kind = Literal["review", "close"]

_PULL_ACTIONS: dict[str, Kind] = {
    "opened": "review",
    "reopened": "review",
    "ready_for_review": "review",
    "synchronize": "review",
    "closed": "close",
}

NO_INSTALLATION = (
    "the delivery names no installation: it comes from a repository's or organisation's own webhook; "
    "let the GitHub App send the events instead and remove that webhook"
)

# Ours, as contract and check runs have it: repository, pull request number and run id.
_EXTERNAL_ID = re.compile(r"[^#\s]+#([0-9]{1,10}):\S+")

# What GitHub allows in owners and repository names. They become part of API paths, so "." and ".." are refused.
_FULL_NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")


def _full_name(name: str) -> str:
    if not _FULL_NAME.fullmatch(name) or any(part in {".", ".."} for part in name.split("/")):
        message = "not an owner/name"
        raise ValueError(message)
    return name


# Strict: `true` and "7" are no ids. Bounded: a larger number could not be stored, and the delivery would end in a 503.
_Id = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
_Number = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
_Sha = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
_FullName = Annotated[str, AfterValidator(_full_name)]


# --- the parts of GitHub's payloads that we need; everything else may look as it likes -------------------------------


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Action(_Part):
    action: str


class _Installation(_Part):
    id: _Id


class _Repository(_Part):
    id: _Id | None = None
    full_name: _FullName


class _Event(_Part):
    action: str
    installation: _Installation | None = None  # only an App's deliveries carry it
    repository: _Repository


class _Head(_Part):
    sha: _Sha


class _Pull(_Part):
    number: _Number
    head: _Head


class _PullEvent(_Event):
    pull_request: _Pull


class _Changes(_Part):
    base: dict[str, Any] | None = None


class _Edited(_Part):
    changes: _Changes


class _CheckRun(_Part):
    head_sha: _Sha
    external_id: str | None = None


class _CheckRunEvent(_Event):
    check_run: _CheckRun


class _BaseRepository(_Part):
    id: _Id


class _Base(_Part):
    repo: _BaseRepository


class _SuitePull(_Part):
    number: _Number
    base: _Base


class _CheckSuite(_Part):
    head_sha: _Sha
    pull_requests: tuple[_SuitePull, ...] = ()


class _CheckSuiteEvent(_Event):
    check_suite: _CheckSuite


# --- one function an event -------------------------------------------------------------------------------------------


def _job(event: _Event, *, kind: Kind, name: str, number: int, head: str, delivery: str) -> Job | Ignored:
    if event.installation is None:
        return Ignored(NO_INSTALLATION)
    return Job(
        kind=kind,
        installation=event.installation.id,
        repository=event.repository.full_name,
        number=number,
        head=head,
        trigger=f"{name}.{event.action}",
        delivery=delivery,
    )


def _ping(delivery: str, payload: object) -> Ignored:  # noqa: ARG001 - has the shape of all the entries of EVENTS
    return Ignored("ping: the webhook reaches us and its secret is right")


def _pull_request(delivery: str, payload: object) -> Job | Ignored:
    """Drafts make jobs too: whether they wait is the repository's configuration, which only the line knows."""
    action = _Action.model_validate(payload).action
    kind = _PULL_ACTIONS.get(action)
    if action == "edited":
        if _Edited.model_validate(payload).changes.base is None:
            return Ignored("pull_request.edited: title or body changed, the diff did not")
        kind = "review"  # another base branch is another diff
    if kind is None:
        return _no_use("pull_request", action)
    event = _PullEvent.model_validate(payload)
    pull = event.pull_request
    return _job(event, kind=kind, name="pull_request", number=pull.number, head=pull.head.sha, delivery=delivery)


def _check_run(delivery: str, payload: object) -> Job | Ignored:
    """For "Re-run" on our check. The number comes from `external_id`: for forks GitHub lists no pull requests."""
    action = _Action.model_validate(payload).action
    if action != "rerequested":
        return _no_use("check_run", action)
    event = _CheckRunEvent.model_validate(payload)
    number = _external_number(event.check_run.external_id or "")
    if number is None:
        return Ignored("check_run.rerequested: its external_id is not one of ours")
    job = _job(event, kind="review", name="check_run", number=number, head=event.check_run.head_sha, delivery=delivery)
    # Who asks for it by name wants another look, past what is kept. "Re-run all checks" is mostly meant for others.
    return replace(job, full=True) if isinstance(job, Job) else job


def _external_number(external_id: str) -> int | None:
    """The repository's name in it is not compared: it is the old one after a rename or a transfer."""
    match = _EXTERNAL_ID.fullmatch(external_id)
    number = int(match[1]) if match else 0
    return number if 1 <= number < 2**31 else None


def _check_suite(delivery: str, payload: object) -> Job | Ignored:
    """For "Re-run all checks". GitHub lists other repositories' pull requests too, when they know the branch."""
    action = _Action.model_validate(payload).action
    if action != "rerequested":
        return _no_use("check_suite", action)
    event = _CheckSuiteEvent.model_validate(payload)
    suite, ours = event.check_suite, event.repository.id
    numbers = [pull.number for pull in suite.pull_requests if ours in {None, pull.base.repo.id}]
    if not numbers:
        return Ignored(
            "check_suite.rerequested: GitHub lists no pull request of this repository (it never does for forks); "
            "re-run the check `reviewer` itself"
        )
    return _job(event, kind="review", name="check_suite", number=numbers[0], head=suite.head_sha, delivery=delivery)


EVENTS: dict[str, Callable[[str, object], Job | Ignored]] = {
    "ping": _ping,
    "pull_request": _pull_request,
    "check_run": _check_run,
    "check_suite": _check_suite,
}


def job_of(event: str, delivery: str, payload: object) -> Job | Ignored:
    """What the delivery asks for; never raises, whatever `payload` (parsed JSON) looks like.

    `event` is the X-GitHub-Event header, `delivery` the X-GitHub-Delivery header.
    """
    handle = EVENTS.get(event)
    if handle is None:
        return Ignored(f"no use for the event {_shown(event)}")
    try:
        return handle(delivery, payload)
    except ValidationError as error:
        place = ".".join(str(step) for step in error.errors(include_url=False, include_input=False)[0]["loc"])
        return Ignored(f"{event}: `{place or 'payload'}` is missing or not what GitHub documents")


def _no_use(event: str, action: str) -> Ignored:
    return Ignored(f"no use for the action {_shown(action)} of {event}")


def _shown(word: str) -> str:
    """A stranger's word made fit for a log line and an answer: short, quoted, ASCII."""
    return ascii(word[:60])
