"""What a webhook asks for, and the pull request that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

JobKind = Literal["review", "close", "command", "press", "find", "group", "disband", "leave", "uninstall"]
_DEPARTURES = frozenset({"leave", "uninstall"})
_OF_A_HEAD = frozenset({"find", "group", "disband"})
_WISHES = frozenset({"review", "close", "group", "disband"})


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a webhook asks for. JSON-serialisable by its fields; `head` is what the event knew, the newest wins.

    Of a comment with commands no more is kept than where it stands: what it says is read when its turn comes. `press`
    is a button of a check that somebody pressed, `find` looks for the pull requests of a head, `group` answers for a
    merge queue's group, which `disband` ends; these three are about a head, and not about the pull request `number`.
    `leave` strikes what is kept of repositories that the App was taken off, `uninstall` all of an installation's.
    """

    kind: JobKind
    installation: int
    repository: str  # owner/name; of a departure the account's login, "" where that is not known
    number: int  # of a group: the pull request that it ends with; 0 where that is not known
    head: str  # "" where the event does not say it
    trigger: str  # "pull_request.opened"
    delivery: str
    full: bool = False
    comment: int = 0  # the id of the comment with the commands, or of a reply in a thread that has none
    inline: bool = False  # it stands on a line, not in the conversation
    author: str = ""  # login of who triggered it, gives the commands, or pressed the button
    # The keys of the commands that this is about, or of a `leave` the repositories, with spaces between them; or the
    # button's identifier.
    commands: str = ""
    check: int = 0  # the id of the check run with the button
    base: str = ""  # the commit that a group is built on; "" where the event does not say it

    @property
    def about(self) -> str:
        """The repository, and the head where it is that, and no pull request, that it is about."""
        return f"{self.repository}@{self.head}" if self.kind in _OF_A_HEAD else self.repository

    @property
    def lane(self) -> str:
        """Jobs of one lane run one at a time."""
        return f"{self.installation}/{self.about}#{self.number}"

    @property
    def is_wish(self) -> bool:
        """Whether it takes the place of what was wished before about the same thing."""
        return self.kind in _WISHES

    @property
    def is_departure(self) -> bool:
        """Whether it is about what is kept, and about no pull request."""
        return self.kind in _DEPARTURES

    @property
    def is_quick(self) -> bool:
        """Whether it takes seconds, so that it need not wait among reviews."""
        return self.kind not in {"review", "close"}

    def review_of(self, head: str, *, trigger: str, suffix: str = "review", number: int = 0, full: bool = False) -> Job:
        """The review that follows this job, under an id made from this one's: done again, it asks for no second one.
        Whoever asked for this job has asked for it.

        `number` is another pull request than this job's own; 0: its own.
        """
        return Job(
            kind="review",
            installation=self.installation,
            repository=self.repository,
            number=number or self.number,
            head=head,
            trigger=trigger,
            delivery=f"{self.delivery}-{suffix}",
            full=full,
            author=self.author,
        )


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


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as a comparison lists it; its first parent is what it was put on."""

    sha: str
    parents: tuple[str, ...]
    title: str  # the first line of its message
    author: str = ""  # name, address and time of who wrote it: a rebase keeps them
