"""What the stand-in GitHub remembers: mutable records, since a forge is state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reviewer.standin.repository import GitRepository

# What `app.yml` asks for, and so what the App has and an installation grants unless a test says otherwise.
TALKED = ("issue_comment", "pull_request_review_comment", "pull_request_review_thread")
EVENTS = ("pull_request", *TALKED, "check_run", "check_suite", "merge_group")
LEAST_PRIVILEGE = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "checks": "write",
    "issues": "write",
    "merge_queues": "read",
}


@dataclass
class Installation:
    """The App on one account. `repositories` None means all of the account's."""

    id: int
    account: str
    permissions: dict[str, str]
    repositories: set[str] | None = None  # names without the owner
    suspended: bool = False
    events: list[str] | None = None  # None: all those of the App; its owner has accepted them
    writes: list[float] = field(default_factory=list)  # when it created something

    def covers(self, full_name: str) -> bool:
        owner, name = full_name.split("/", 1)
        if owner.lower() != self.account.lower():
            return False
        return self.repositories is None or name in self.repositories


@dataclass(frozen=True)
class Token:
    """An installation token; `repositories` None means all that the installation covers."""

    value: str
    installation: Installation
    expires: float
    permissions: dict[str, str]
    repositories: frozenset[str] | None

    def covers(self, full_name: str) -> bool:
        if not self.installation.covers(full_name):
            return False
        return self.repositories is None or full_name.split("/", 1)[1] in self.repositories


@dataclass
class Reaction:
    id: int
    user: str
    content: str
    created: float


@dataclass
class IssueComment:
    id: int
    number: int
    user: str
    body: str
    created: float
    updated: float
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str = ""  # the reason in GitHub's word: "outdated", "resolved", …


@dataclass
class ReviewComment:
    """An inline comment. `line` None: outdated, its line is no longer in the pull request's diff."""

    id: int
    number: int
    review_id: int | None
    user: str
    body: str
    path: str
    side: str
    line: int | None
    start_side: str | None
    start_line: int | None
    commit_id: str
    original_commit_id: str
    original_line: int
    original_start_line: int | None
    diff_hunk: str
    created: float
    updated: float
    in_reply_to: int | None = None
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str = ""
    stood: set[str] = field(default_factory=set)  # the heads on which it was not outdated

    @property
    def root(self) -> int:
        """The id of the comment that its thread began with, which may be deleted by now."""
        return self.id if self.in_reply_to is None else self.in_reply_to


@dataclass
class Review:
    id: int
    number: int
    user: str
    body: str
    state: str  # COMMENTED, APPROVED, CHANGES_REQUESTED, PENDING
    commit_id: str
    submitted: float
    minimized: str = ""


@dataclass
class CheckRun:
    id: int
    repository: str
    name: str
    head_sha: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    created: float = 0.0
    details_url: str | None = None
    started: str | None = None
    completed: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    by: str = ""  # the slug of another App that made it
    history: list[str] = field(default_factory=list)  # "queued", "in_progress", "completed/failure": one an update


@dataclass
class Pull:
    """A pull request. `fork` is the head repository's full name when it is not the base repository itself."""

    id: int
    number: int
    title: str
    body: str | None
    user: str
    base_ref: str
    head_ref: str
    base_sha: str
    head_sha: str
    created: float
    updated: float
    draft: bool = False
    fork: str = ""
    closed: float | None = None
    merged: bool = False
    reviews: list[Review] = field(default_factory=list)
    comments: list[ReviewComment] = field(default_factory=list)
    issue_comments: list[IssueComment] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    locked: bool = False
    resolved: dict[int, str] = field(default_factory=dict)  # who resolved the thread that began with this comment


@dataclass
class Repository:
    """A repository; `roles` by login: admin, maintain, write, triage or read."""

    id: int
    full_name: str
    git: GitRepository
    created: float
    default_branch: str = "main"
    private: bool = True
    roles: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    checks: list[CheckRun] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)

    @property
    def owner(self) -> str:
        return self.full_name.split("/", 1)[0]

    @property
    def name(self) -> str:
        return self.full_name.split("/", 1)[1]


@dataclass
class Delivery:
    """A webhook that was sent; `guid` stays the same when it is sent again."""

    id: int
    guid: str
    event: str
    payload: dict[str, Any]
    url: str
    at: float
    status: int  # 0: nobody answered
    seconds: float
    redelivery: bool = False


class Seen(NamedTuple):
    """One request of the log."""

    method: str
    path: str
    status: int
    query: str = ""


@dataclass
class Fault:
    """A scripted failure: `after` does the thing first and then answers `status`; no status only delays."""

    method: str
    path: str  # a regular expression, searched in the path
    left: float
    status: int | None
    headers: dict[str, str]
    body: dict[str, Any] | None
    delay: float
    after: bool


@dataclass
class Limits:
    """GitHub's limits, named so that a test can lower one. Sources: docs.github.com/rest, "Diff limits"."""

    diff_files: int = 300
    diff_lines: int = 20_000
    listed_files: int = 3_000
    patch_lines: int = 20_000  # a larger single file comes without `patch`
    patch_bytes: int = 500_000
    comment: int = 65_536
    check_text: int = 65_535
    annotations: int = 50
    actions: int = 3
    requests: int = 5_000  # an hour for an installation
    token_seconds: int = 3_600
    writes_minute: float = float("inf")  # GitHub: 80 that create content for an installation; for a test to turn on
    writes_hour: float = float("inf")  # GitHub: 500
