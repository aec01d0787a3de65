"""What is kept between reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol

from reviewer.core.types import Conclusion, Dismissal, Ended, Job, Override, Pause, Placed, Quality, Spent, Usage
from reviewer.ports.acts import Acts
from reviewer.ports.commands import Commands
from reviewer.ports.fates import Fates
from reviewer.ports.ledger import Ledger


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
    blocking: Mapping[str, str] = field(default_factory=dict)  # a label by the name under which the finding was said
    problem: str = ""  # why the gate could not be decided whole
    shown: str = ""  # what the check said, where another pull request on the head made more of it; else ""
    check: int = 0  # its id on GitHub
    ended: float = 0.0  # when its end was decided, in seconds since the epoch; 0: when it was kept
    quality: Quality = field(default_factory=Quality)


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """The newest verdict on a pull request: its head, and what blocked, as in RunRecord."""

    head: str
    blocking: Mapping[str, str]
    passes: bool = False  # nothing blocked and nothing was left out


@dataclass(frozen=True, slots=True)
class Stood:
    """What is kept of a finding that stood when a run ended; `name` is its fingerprint."""

    name: str
    path: str
    severity: str  # the word
    category: str
    title: str


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

    async def reserve(
        self, installation: int, keys: Sequence[str], holder: str, seconds: float, scope: str = ""
    ) -> frozenset[str]:
        """Those of the keys that `holder` alone may ask the model for now, for so long; the others are being asked by
        somebody else. A holder gets its own again. A kept answer, `release` and `release_all` end a reservation.
        """

    async def release(self, installation: int, keys: Sequence[str], holder: str) -> None: ...

    async def release_all(self, installation: int, holder: str, scope: str = "") -> None:
        """All that `holder` has; with a scope all that anybody has for it as well: who had it is dead."""

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


class Rulings(Protocol):
    """What people have ruled on a pull request. Everything is keyed by installation first."""

    async def overrides(self, installation: int, repository: str, number: int) -> tuple[Override, ...]:
        """The oldest first."""

    async def keep_override(self, installation: int, repository: str, override: Override) -> None:
        """Takes the place of the one that the same run gave."""

    async def pause(self, installation: int, repository: str, number: int) -> Pause | None:
        """The newest one, also when it has ended; None when there never was one."""

    async def keep_pause(self, installation: int, repository: str, pause: Pause) -> None:
        """Takes the place of the one that the same run began."""


@dataclass(frozen=True, slots=True)
class KeptConfig:
    """A configuration file without the secrets in it; `digest` names the text that it was made of."""

    path: str = ""
    text: str = ""
    digest: str = ""


class Configs(Protocol):
    """The last configuration file of each branch that could be read. Everything is keyed by installation first."""

    async def kept_config(self, installation: int, repository: str, ref: str) -> KeptConfig | None:
        """Without a path where the branch had none, None where nobody looked."""

    async def keep_config(self, installation: int, repository: str, ref: str, kept: KeptConfig) -> None: ...


class Store(Acts, Answers, Commands, Configs, Dismissals, Fates, Ledger, Rulings, Protocol):
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

    async def last_verdict(self, job: Job, head: str, *, before: float = 0.0) -> LastVerdict | None:
        """Of the job's pull request; of two that came at once that on `head`. None where none is known.

        A run that reviewed nothing is one where that is what blocks. `before` is in seconds since the epoch: what came
        later does not count; 0: all does.
        """

    async def ends(self, job: Job, head: str) -> tuple[Ended, ...]:
        """How runs ended on that head of the job's repository, of any pull request, no more than 200."""

    async def head_before(self, job: Job, head: str) -> str:
        """The newest other head on which a run of the job's pull request ended; "" where none is known."""

    async def stood(self, job: Job, run: str) -> tuple[Stood, ...]:
        """The findings that stood on the head of a run of that pull request; () where it is not known."""

    async def reviewed(self, job: Job) -> bool:
        """Whether a finished review of the job's pull request is known."""

    async def on_error(self, job: Job) -> Conclusion | None:
        """How the repository last wanted a check to end that could not review; None while it was never read."""

    async def keep_on_error(self, job: Job, on_error: Conclusion) -> None: ...

    async def ready(self) -> str:
        """Empty when the database answers, else a sentence."""
