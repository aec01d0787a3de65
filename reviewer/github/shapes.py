"""The few fields of GitHub's answers that we read, leniently: unknown fields are ignored, nulls are taken."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Token(BaseModel):
    token: str
    expires_at: str = ""


class User(BaseModel):
    login: str = ""
    type: str | None = None  # GraphQL does not say


class App(BaseModel):
    """What `GET /app` says; a check run names the App with no more than the first three."""

    slug: str | None = None
    id: int | None = None
    name: str | None = None
    owner: User | None = None
    permissions: dict[str, str] | None = None
    events: list[str] | None = None


class HookConfig(BaseModel):
    url: str | None = None
    content_type: str | None = None
    insecure_ssl: str | float | None = None


class Tip(BaseModel):
    """Where a branch stands; its repository is left out, because a deleted fork has none."""

    sha: str
    ref: str = ""


class Commit(BaseModel):
    sha: str


class Comparison(BaseModel):
    """`GET compare/BASE...HEAD`, of which only where the two part is read."""

    merge_base_commit: Commit


class Author(BaseModel):
    name: str | None = None
    email: str | None = None
    date: str | None = None


class Message(BaseModel):
    message: str | None = None
    author: Author | None = None


class ComparedCommit(Commit):
    commit: Message = Message()
    parents: list[Commit] = []


class Compared(BaseModel):
    """`GET compare/BASE...HEAD`, of which only the commits are read."""

    total_commits: int = 0
    commits: list[ComparedCommit] = []


class Pull(BaseModel):
    number: int
    title: str | None = None
    body: str | None = None
    state: str = "open"
    draft: bool | None = None
    head: Tip
    base: Tip
    html_url: str = ""
    changed_files: int | None = None
    comments: int | None = None  # in the conversation, of anybody
    review_comments: int | None = None  # inline comments, of anybody
    additions: int | None = None
    deletions: int | None = None


class PullFile(BaseModel):
    """An entry of `GET pulls/{n}/files`; `patch` is missing for binaries and for large changes."""

    filename: str
    previous_filename: str | None = None
    status: str = "modified"
    patch: str | None = None
    additions: int = 0
    deletions: int = 0
    sha: str | None = None  # of the blob


class Reactions(BaseModel):
    """How often each reaction was given."""

    model_config = ConfigDict(populate_by_name=True)
    minus: int | None = Field(default=None, alias="-1")


class Reaction(BaseModel):
    id: int = 0
    content: str = ""
    user: User | None = None


class Said(BaseModel):
    """A review or a comment, as far as our marks go; where it stands only of an inline comment."""

    id: int
    node_id: str = ""
    body: str | None = None
    user: User | None = None  # null for a deleted account
    commit_id: str | None = None
    pull_request_review_id: int | None = None  # of an inline comment: the review that it came with
    in_reply_to_id: int | None = None  # the comment that its thread begins with
    path: str | None = None
    side: str | None = None
    line: int | None = None  # null when it is outdated
    start_line: int | None = None
    original_line: int | None = None
    original_start_line: int | None = None
    original_commit_id: str | None = None
    subject_type: str | None = None  # line or file
    diff_hunk: str | None = None  # its last line is the one that the comment stands on
    created_at: str | None = None
    updated_at: str | None = None  # as `created_at` until somebody edits it
    reactions: Reactions | None = None


class Grants(BaseModel):
    """What a collaborator may do, whatever their role is called."""

    admin: bool = False
    maintain: bool = False
    push: bool = False
    triage: bool = False
    pull: bool = False


class Collaborator(BaseModel):
    permissions: Grants | None = None


class Permission(BaseModel):
    """`GET collaborators/{user}/permission`; `permission` knows only admin, write, read and none."""

    permission: str | None = None
    role_name: str | None = None
    user: Collaborator | None = None


class CheckOutput(BaseModel):
    annotations_count: int | None = None
    title: str | None = None
    summary: str | None = None


class CheckRun(BaseModel):
    id: int
    head_sha: str = ""
    status: str = ""
    conclusion: str | None = None
    external_id: str | None = None
    app: App | None = None
    output: CheckOutput | None = None


class CheckRuns(BaseModel):
    """`total_count` counts those of the other pages too."""

    total_count: int = 0
    check_runs: list[CheckRun] = []


class Delivered(BaseModel):
    """An entry of `GET /app/hook/deliveries`: one attempt to deliver a webhook."""

    id: int
    guid: str = ""
    delivered_at: datetime
    status_code: int = 0  # 0 when nobody answered
    event: str = ""


class Installed(BaseModel):
    """An entry of `GET /app/installations`."""

    id: int
    account: User | None = None
    html_url: str | None = None
    permissions: dict[str, str] | None = None
    events: list[str] | None = None
    created_at: datetime | None = None
    suspended_at: datetime | None = None


class Repo(BaseModel):
    full_name: str
    archived: bool | None = None
    disabled: bool | None = None


class Repos(BaseModel):
    """A page of `GET /installation/repositories`."""

    total_count: int = 0
    repositories: list[Repo] = []


class Listed(BaseModel):
    """An entry of `GET pulls`."""

    number: int
    state: str = "open"
    draft: bool | None = None
    head: Tip
    updated_at: datetime


class Trouble(BaseModel):
    """The body of an error answer. `errors` holds strings or objects, depending on the endpoint."""

    message: str = ""
    errors: list[object] | str | None = None
