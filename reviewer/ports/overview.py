"""What the operator is shown: the jobs that stand, the last reviews, and what was spent on the model.

Moments are seconds since the epoch, days are days since the epoch in UTC, money is in dollars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

DAYS = 30  # today included


@dataclass(frozen=True, slots=True)
class StandingJob:
    """A job that has not ended, or that failed; `said` is then the sentence. `since` it is in its present state."""

    job: str
    kind: str  # as Job.kind
    repository: str
    number: int
    trigger: str
    state: Literal["running", "queued", "put off", "failed"]
    since: float
    said: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """`jobs` are the first of those that run and wait, `failed` the newest of the week; the counts are of all, up to
    the number that was looked at (`more`: there are more of them).
    """

    jobs: Sequence[StandingJob] = ()
    failed: Sequence[StandingJob] = ()
    running: int = 0
    queued: int = 0
    oldest: float = 0.0  # since when the first of those that wait has waited; 0 where none does
    more: bool = False


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run that ended."""

    run: str
    repository: str
    number: int
    head: str
    conclusion: str
    title: str
    cost: Decimal | None
    model: str
    seconds: float
    at: float


@dataclass(frozen=True, slots=True)
class Sum:
    """The rows of the ledger of one day that are alike: of one model, tier of the cache and outcome."""

    day: int
    model: str
    tier: str  # "": the model was asked
    outcome: str
    calls: int
    count: int  # things answered, as Call.count
    tokens: int  # input and output
    dollars: Decimal
    unpriced: int = 0  # tokens among them of a model without a price


@dataclass(frozen=True, slots=True)
class Spender:
    """What one repository came to."""

    repository: str
    calls: int
    tokens: int
    dollars: Decimal
    unpriced: int = 0  # tokens among them of a model without a price


@dataclass(frozen=True, slots=True)
class Books:
    """What the database holds of reviews and spending within the last `DAYS` days."""

    reviews: Sequence[ShownRun] = ()  # the newest first
    today: Mapping[str, int] = field(default_factory=dict)  # runs that ended today, by conclusion
    sums: Sequence[Sum] = ()
    spenders: Sequence[Spender] = ()  # who spent the most comes first
    seconds: Mapping[str, Sequence[float]] = field(default_factory=dict)  # of the last day's newest calls, by model
