"""What a review and a conversation need of GitHub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from reviewer.core.health import Installed
from reviewer.core.types import (
    CheckReport,
    CheckRun,
    Comment,
    Commit,
    Diff,
    Override,
    PullRequest,
    Remembered,
    ReviewDraft,
    Thread,
)

Role = Literal["none", "read", "triage", "write", "maintain", "admin"]
Reaction = Literal["eyes", "hooray", "confused"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody said something: an inline comment's thread, or the pull request's conversation."""

    number: int
    comment: int  # id
    inline: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody said. `root` is the inline comment that its thread begins with, its own id when that is it.

    Times are seconds since the epoch, 0 where GitHub does not say; one that nobody edited was `edited` when written.
    """

    at: Place
    author: str
    bot: bool
    body: str
    root: int = 0
    written: float = 0.0
    edited: float = 0.0


@dataclass(frozen=True, slots=True)
class File:
    """A file that is there. `text` is None where it is none that could be read; `problem` then says what it is."""

    text: str | None
    problem: str = ""  # "binary", "larger than 1 MB"


@dataclass(frozen=True, slots=True)
class Words:
    """A comment in a thread. `ours`: we wrote it."""

    id: int
    author: str
    ours: bool
    body: str


@dataclass(frozen=True, slots=True)
class Talked:
    """The thread of an inline comment: where it stands, and what was said in it, oldest first.

    `line` is of the new file on the head, 0 where it is outdated or stands on a removed line. Without words the thread
    is gone.
    """

    path: str = ""
    line: int = 0
    words: tuple[Words, ...] = ()


class Talk(Protocol):
    """The conversation on one repository's pull requests. Every method may raise GitHubError."""

    async def role(self, login: str) -> Role:
        """What the person may do, as GitHub says now; "none" for who is no user any more."""

    async def spoken(self, at: Place) -> Spoken | None:
        """The comment as it reads now; None when it is gone."""

    async def talked(self, number: int, root: int) -> Talked:
        """The thread that begins with the inline comment `root`."""

    async def answered(self, at: Place, mark: str) -> bool:
        """Whether a comment of ours in the thread or conversation of `at` holds the mark."""

    async def overrides(self, number: int) -> tuple[Override, ...]:
        """What our own answers on the pull request say was overridden, the oldest first; none that was edited since.

        Asks for nothing where `pull` has just counted no comment.
        """

    async def react(self, at: Place, reaction: Reaction) -> None: ...

    async def unreact(self, at: Place, reaction: Reaction) -> None:
        """Take our own one back, if there is one."""

    async def say(self, number: int, body: str) -> None:
        """Post in the pull request's conversation. Never repeats a POST by itself."""

    async def reply(self, number: int, comment: int, body: str) -> None:
        """Reply in the thread of an inline comment. Never repeats a POST by itself."""

    async def resolve(self, thread: Thread, *, resolved: bool) -> None:
        """Resolve a thread or open it again; the App then needs contents: write."""

    async def hide(self, thread: Thread, *, hidden: bool) -> None:
        """Minimise the finding's comment as resolved, or show it again."""


class Heads(Protocol):
    """What stands on a commit, and whose it is. Every method may raise GitHubError."""

    async def checks(self, head: str) -> tuple[CheckRun, ...]:
        """Our own check runs on it, newest first, no more than 1,000; () where GitHub does not know the commit."""

    async def open_pulls_at(self, sha: str) -> tuple[int, ...]:
        """The open pull requests whose head it is, those from forks too; () where GitHub does not know it."""

    async def commits_between(self, base: str, head: str) -> tuple[Commit, ...]:
        """The commits of `head` that `base` (a SHA or a branch) has not, the oldest first; the newest 1,000."""


class GitHub(Talk, Heads, Protocol):
    """One repository as one installation sees it. Every method may raise GitHubError."""

    async def pull(self, number: int) -> PullRequest: ...

    async def texts(self, ref: str, paths: Sequence[str], *, sure: bool = True) -> dict[str, str | None]:
        """The files' text at `ref` (a branch or a SHA), None for one that is missing, is binary, or is over 1 MB.

        Not `sure`: only what one quick way gives; what it does not give is left out, and nothing is raised for that.
        """

    async def files(self, wanted: Mapping[str, tuple[str, Sequence[str]]]) -> dict[str, dict[str, File | None] | None]:
        """Files of this repository and of others that the installation may see: by owner/name, those paths at a ref
        (`HEAD`: of the default branch). None for a file that is not there, and for another repository that we cannot
        read.
        """

    async def diff(self, pull: PullRequest) -> Diff:
        """The whole diff: one `.diff` call, or the paged file list where GitHub answers 406."""

    async def remembered(self, number: int) -> Remembered:
        """What our own comments and reviews say by their hidden marks, and what became of them since.

        Threads are asked for only where a comment of ours is; where GitHub does not tell of them, nothing is raised.
        """

    async def open_check(self, *, head: str, external_id: str, report: CheckReport) -> int:
        """Create a check run on `head`; returns its id. Never repeats a POST by itself."""

    async def find_check(self, *, head: str, external_id: str) -> int | None:
        """Our check run on `head` that carries `external_id`."""

    async def update_check(self, check: int, report: CheckReport, *, again: bool = False) -> None:
        """Bring the check to `report`; `again`: annotations of it may be there from an attempt that broke off.

        Progress is left unsaid while our writes to GitHub are scarce.
        """

    async def post_review(self, number: int, review: ReviewDraft) -> None:
        """Post one review. Raises Unprocessable when GitHub refuses it whole; never repeats a POST by itself."""

    async def post_comment(self, number: int, *, commit: str, comment: Comment) -> None:
        """Post one inline comment; the way out after a review was refused."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt of GitHub to deliver a webhook; a redelivery has an id of its own and the same guid."""

    id: int
    guid: str
    event: str
    status: int  # of our answer; 0 when there was none
    at: float  # seconds since the epoch

    @property
    def failed(self) -> bool:
        return not 200 <= self.status < 400


@dataclass(frozen=True, slots=True)
class OpenPull:
    """An open pull request in a list; a draft is not in it."""

    number: int
    head: str


class Survey(Protocol):
    """What the App sees across its installations. Every method may raise GitHubError."""

    async def deliveries(self, since: float) -> list[Delivery]:
        """The attempts since then (seconds since the epoch), newest first; no more than 10,000."""

    async def redeliver(self, delivery: int) -> None: ...

    async def installations(self) -> list[Installed]:
        """Suspended ones too."""

    async def repositories(self, installation: int, *, page: int) -> tuple[list[str], int]:
        """Up to 100 live repositories of a page, from 1, and how many pages there are."""

    async def open_pulls(self, installation: int, repository: str, since: float) -> list[OpenPull]:
        """Those that are no drafts and were touched since then, newest first; no more than 100."""

    async def concluded(self, installation: Installed, repository: str, pull: OpenPull) -> bool:
        """Does our newest check for the pull request on its head stand at an end other than cancelled? One that ended
        for lack of a permission which the installation has by now does not.
        """
