"""The parts of GitHub's payloads that we need; everything else in them may look as it likes."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reviewer.core.types import Ignored, Job, JobKind

NO_INSTALLATION = (
    "the delivery names no installation: it comes from a repository's or organisation's own webhook; "
    "let the GitHub App send the events instead and remove that webhook"
)

# What GitHub allows in owners and repository names. They become part of API paths, so "." and ".." are refused.
_FULL_NAME = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")


def _full_name(name: str) -> str:
    if not _FULL_NAME.fullmatch(name) or any(part in {".", ".."} for part in name.split("/")):
        message = "not an owner/name"
        raise ValueError(message)
    return name


# Strict: `true` and "7" are no ids. Bounded: a larger number could not be stored, and the delivery would end in a 503.
Id = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
Number = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Sha = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
FullName = Annotated[str, AfterValidator(_full_name)]
# Of people, and of Apps as `name[bot]`. It becomes part of an API path.
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}(?:\[bot\])?$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Action(Part):
    action: str


class Installation(Part):
    id: Id


class Repository(Part):
    id: Id | None = None
    full_name: FullName


class Event(Part):
    action: str
    installation: Installation | None = None  # only an App's deliveries carry it
    repository: Repository


class Head(Part):
    sha: Sha


class Pull(Part):
    number: Number
    head: Head


class User(Part):
    login: Login
    type: str = "User"


class PullEvent(Event):
    pull_request: Pull


class BaseChanges(Part):
    base: dict[str, Any] | None = None


class Edited(Part):
    changes: BaseChanges


def job(event: Event, *, kind: JobKind = "review", name: str, number: int, head: str, delivery: str) -> Job | Ignored:
    """The job of an event `name`."""
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


def no_use(event: str, action: str) -> Ignored:
    return Ignored(f"no use for the action {shown(action)} of {event}")


def shown(word: str) -> str:
    """A stranger's word made fit for a log line and an answer: short, quoted, ASCII."""
    return ascii(word[:60])
