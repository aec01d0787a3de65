"""What a webhook asks for, and the pull request that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a webhook asks for. JSON-serialisable by its fields; `head` is what the event knew, the newest wins."""

    kind: Literal["review", "close"]
    installation: int
    repository: str  # owner/name
    number: int
    head: str
    trigger: str  # "pull_request.opened"
    delivery: str
    full: bool = False

    @property
    def lane(self) -> str:
        """Jobs of one lane run one at a time."""
        return f"{self.installation}/{self.repository}#{self.number}"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that asks for nothing, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    repository: str  # owner/name of the base repository
    number: int
    title: str
    body: str
    draft: bool
    open: bool
    head_sha: str
    base_sha: str
    base_ref: str
    url: str = ""
    changed_files: int | None = None
