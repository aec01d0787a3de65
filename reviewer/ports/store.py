"""What is kept between reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from reviewer.core.types import Conclusion, Dismissal, Job, Placed, Spent, Usage


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
    hits: Mapping[str, int] = field(default_factory=dict)  # by tier of the cache: hunks, and findings known by meaning


Kind = Literal["chunk", "form", "claim", "vector", "question"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer and what made it. `scope` is what it was made for, `owner/name#number` or `owner/name`."""

    text: str
    kind: Kind
    scope: str = ""
    model: str = ""
    prompt: str = ""  # label
    parameters: str = ""  # JSON


class Answers(Protocol):
    """The answer cache, shared by all workers. Everything is keyed by installation first."""

    async def answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:
        """Kept answers by key, as the JSON text that was kept; absent and outlived ones are left out."""

    async def keep_answers(self, installation: int, entries: Mapping[str, Entry]) -> None:
        """Keep answers for good; an answer is stored before it is used. Who waits for one of the keys gets it."""

    async def reserve(self, installation: int, keys: Sequence[str], holder: str, seconds: float) -> frozenset[str]:
        """Those of the keys that `holder` alone may ask the model for now, for so long; the others are being asked by
        somebody else. A holder gets its own again. A kept answer and `release` end a reservation.
        """

    async def release(self, installation: int, keys: Sequence[str], holder: str) -> None: ...

    async def holds(self, installation: int, scope: str) -> bool:
        """Whether any answer made for the scope is kept."""


class Dismissals(Protocol):
    """What people have dismissed in a repository. Everything is keyed by installation first."""

    async def dismissals(self, installation: int, repository: str) -> tuple[Dismissal, ...]:
        """The newest first, as many as are kept."""

    async def keep_dismissal(self, installation: int, repository: str, dismissal: Dismissal) -> None:
        """Takes the place of the one with its name and number; one with a reason is not replaced by one without."""

    async def forget_dismissal(self, installation: int, repository: str, number: int, name: str) -> bool:
        """Whether there was one."""


class Store(Answers, Dismissals, Protocol):
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
