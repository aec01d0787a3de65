"""What a webhook asks for, and the pull request that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

JobKind = Literal["review", "close", "command"]


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a webhook asks for. JSON-serialisable by its fields; `head` is what the event knew, the newest wins.

    Of a comment with commands no more is kept than where it stands: what it says is read when its turn comes.
    """

    kind: JobKind
    installation: int
    repository: str  # owner/name
    number: int
    head: str  # "" where the event does not say it
    trigger: str  # "pull_request.opened"
    delivery: str
    full: bool = False
    comment: int = 0  # the id of the comment with the commands
    inline: bool = False  # it stands on a line, not in the conversation
    author: str = ""  # login of who gives the commands
    commands: str = ""  # the keys of the commands that this is about, with spaces between them

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
