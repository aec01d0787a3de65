"""What a review needs from outside, in our own verbs; the edges satisfy these, the line imports only them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from reviewer.core.prompts import PromptFile
from reviewer.core.types import (
    Answer,
    CheckReport,
    Comment,
    Diff,
    Finding,
    Job,
    Placed,
    Prompt,
    PullRequest,
    Remembered,
    ReviewDraft,
    Usage,
)


class GitHub(Protocol):
    """One repository as one installation sees it. Every method may raise GitHubError."""

    async def pull(self, number: int) -> PullRequest: ...

    async def texts(self, ref: str, paths: Sequence[str]) -> dict[str, str | None]:
        """The files' text at `ref` (a branch or a SHA), None for one that is missing, is binary, or is over 1 MB."""

    async def diff(self, pull: PullRequest) -> Diff:
        """The whole diff: one `.diff` call, or the paged file list where GitHub answers 406."""

    async def remembered(self, number: int) -> Remembered:
        """Fingerprints and run ids in the hidden marks of our own comments and reviews."""

    async def open_check(self, *, head: str, external_id: str, report: CheckReport) -> int:
        """Create the check run on `head`, or find the one that carries `external_id`; returns its id."""

    async def update_check(self, check: int, report: CheckReport) -> None: ...

    async def post_review(self, number: int, review: ReviewDraft) -> None:
        """Post one review. Raises Unprocessable when GitHub refuses it whole; never repeats a POST by itself."""

    async def post_comment(self, number: int, *, commit: str, comment: Comment) -> None:
        """Post one inline comment; the way out after a review was refused."""


class Model(Protocol):
    """One model behind one provider. Raises ModelError for what is not an answer."""

    name: str

    async def call(self, prompt: Prompt) -> Answer: ...


class Tokens(Protocol):
    """Exact token counts."""

    def count(self, text: str) -> int: ...


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A finished run, for the closing line and the operator. No source code beyond the findings' own words."""

    job: Job
    run: str
    head: str
    conclusion: str
    title: str
    findings: tuple[Placed, ...]
    usage: Usage
    cost: Decimal | None  # dollars; None without a price for the model
    model: str
    prompt_version: str
    seconds: float


class Answers(Protocol):
    """The answer cache. Everything is keyed by installation first."""

    async def answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        """Cached answers by chunk key, as the JSON text that was kept; absent keys are left out."""

    async def keep_answers(self, installation: int, entries: dict[str, str]) -> None:
        """Keep answers for good; an answer is stored before it is used."""


class Store(Answers, Protocol):
    """Our tables. Everything is keyed by installation first."""

    async def want(self, job: Job) -> None:
        """Record that `job` is the newest wish for its pull request (a close is a wish for nothing)."""

    async def wanted(self, job: Job) -> str:
        """Empty while `job` is its pull request's newest wish, else why not: "superseded by abc1234", "closed"."""

    async def check_of(self, job: Job, run: str) -> int | None:
        """The check run that this run opened, if it did."""

    async def keep_check(self, job: Job, run: str, check: int) -> None: ...

    async def keep_run(self, record: RunRecord) -> None: ...

    async def ready(self) -> str:
        """Empty when the database answers, else a sentence."""


class Source(Protocol):
    """Where findings come from beside the model; pure over the diff."""

    name: str

    def find(self, diff: Diff) -> list[Finding]: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything that a review acts through, built in one place (`app`)."""

    github: Callable[[int, str], GitHub]  # (installation, owner/name)
    model: Callable[[str], Model]  # by model name
    tokens: Callable[[], Tokens]  # built at first use: the ranks weigh 66 MB
    store: Store
    sources: tuple[Source, ...]
    prompts: dict[str, PromptFile]  # by name: "review", "confirm"
    prices: dict[str, tuple[Decimal, Decimal, Decimal]]  # model -> dollars per million (input, cached, output)
    default_model: str
    fallback_model: str
    clock: Callable[[], float]  # monotonic seconds
    sleep: Callable[[float], Awaitable[None]]
