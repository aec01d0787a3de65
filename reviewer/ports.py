"""What a review needs from outside, in our own verbs; the edges satisfy these, the line imports only them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from reviewer.core.prompts import Example, PromptFile
from reviewer.core.types import (
    Answer,
    CheckReport,
    Comment,
    Conclusion,
    Diff,
    Finding,
    Job,
    Material,
    Outline,
    Placed,
    Prompt,
    PullRequest,
    Remembered,
    ReviewDraft,
    Secret,
    Spent,
    Usage,
)


class GitHub(Protocol):
    """One repository as one installation sees it. Every method may raise GitHubError."""

    async def pull(self, number: int) -> PullRequest: ...

    async def texts(self, ref: str, paths: Sequence[str], *, sure: bool = True) -> dict[str, str | None]:
        """The files' text at `ref` (a branch or a SHA), None for one that is missing, is binary, or is over 1 MB.

        Not `sure`: only what one quick way gives; what it does not give is left out, and nothing is raised for that.
        """

    async def diff(self, pull: PullRequest) -> Diff:
        """The whole diff: one `.diff` call, or the paged file list where GitHub answers 406."""

    async def remembered(self, number: int) -> Remembered:
        """Fingerprints and run ids in the hidden marks of our own comments and reviews."""

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

    async def installations(self) -> list[tuple[int, float]]:
        """(id, when it was made) of those that are not suspended."""

    async def repositories(self, installation: int, *, page: int) -> tuple[list[str], int]:
        """Up to 100 live repositories of a page, from 1, and how many pages there are."""

    async def open_pulls(self, installation: int, repository: str, since: float) -> list[OpenPull]:
        """Those that are no drafts and were touched since then, newest first; no more than 100."""

    async def concluded(self, installation: int, repository: str, pull: OpenPull) -> bool:
        """Does our newest check for the pull request on its head stand at an end other than cancelled?"""


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
    spent: Spent = field(default_factory=Spent)  # `usage` by model


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

    async def still_ours(self, job: Job) -> None:
        """Never returns once another worker has taken the job over: its line ends here, before a write. So `wanted`."""

    async def steps(self, job: Job, run: str) -> dict[str, int]:
        """What this run set out to do on GitHub, the newest last, and what came of it: an id, 0 while unknown."""

    async def keep_step(self, job: Job, run: str, step: str, result: int = 0) -> None:
        """Kept with 0 before the request and with its result after: what a crash left in between is looked for."""

    async def keep_run(self, record: RunRecord) -> None: ...

    async def on_error(self, job: Job) -> Conclusion | None:
        """How the repository last wanted a check to end that could not review; None while it was never read."""

    async def keep_on_error(self, job: Job, on_error: Conclusion) -> None: ...

    async def ready(self) -> str:
        """Empty when the database answers, else a sentence."""


class Secrets(Protocol):
    """A kept rule set for secrets."""

    async def find(self, texts: Sequence[str]) -> list[list[Secret]]:
        """The secrets in each text. Raises OutsideError when it cannot look: then nothing may be sent."""


Outlines = Callable[[Mapping[str, str]], dict[str, Outline]]  # by path, of the files' texts; what has none is left out


class Source(Protocol):
    """Where findings come from beside the model; pure over its material."""

    name: str

    def find(self, material: Material) -> list[Finding]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What one review may take; 0 is no limit."""

    tokens: int = 1_000_000  # of input
    seconds: float = 900.0  # in which model calls may begin
    window: int = 128_000  # tokens that the model takes at once, its answer included


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything that a review acts through, built in one place (`app`)."""

    github: Callable[[int, str], GitHub]  # (installation, owner/name)
    model: Callable[[str], Model]  # by model name
    tokens: Callable[[], Tokens]  # built at first use: the ranks weigh 66 MB
    store: Store
    secrets: Secrets
    outlines: Outlines
    sources: tuple[Source, ...]
    prompts: dict[str, PromptFile]  # by name: "review", "confirm"
    examples: tuple[Example, ...]  # the library that each call gets some of
    prices: dict[str, tuple[Decimal, Decimal, Decimal]]  # model -> dollars per million (input, cached, output)
    limits: Limits
    paid: Callable[[Spent], None]  # told of each answer of the model
    default_model: str
    fallback_model: str
    clock: Callable[[], float]  # monotonic seconds
    now: Callable[[], float]  # seconds since the epoch
    sleep: Callable[[float], Awaitable[None]]

    def fallback(self, model: Model) -> Model | None:
        """What is asked where `model` does not answer; None where there is no other."""
        other = self.model(self.fallback_model) if self.fallback_model else model
        return None if other.name == model.name else other
