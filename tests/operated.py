"""A database as weeks of work leave it, with numbers that a seed decides: for the operator's page and its benchmark."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from reviewer.core.types import Amount, Call, Limit, Payer, Tier, Usage
from reviewer.ports.overview import Queue, StandingJob
from reviewer.store import SqlStore
from reviewer.store.ledger import row_of
from reviewer.store.tables import CALLS, RUNS

DAY = 86_400.0
TIERS: tuple[Tier, ...] = ("", "exact", "structural", "miss", "meaning")
MAIN, SMALL = "gpt-6.1-terra", "gpt-6-luna"
REPOSITORIES = [
    *("acme/checkout", "acme/storefront", "acme/ledger", "acme/mobile-app", "acme/search", "acme/terraform-modules"),
    *("acme/docs", "acme/design-system", "research/embedding-service", "research/notebooks", "acme/feature-flags"),
    *("acme/legacy-billing-and-invoicing-adapters", "acme/cli", "acme/status-page"),
]
VERDICTS = [
    *(("success", "No findings in 6 files"), ("success", "1 low finding, none blocks"), ("success", "No findings")),
    *(
        ("failure", "2 findings block: 1 critical, 1 high"),
        ("failure", "1 high finding blocks"),
        ("success", "3 low findings, none blocks"),
    ),
    *(("neutral", "Not reviewed: the model could not be reached"), ("cancelled", "superseded by 4e1fa0c")),
]
LIMITS = (
    Limit("everything", "day", dollars=Decimal(14)),
    Limit("everything", "month", dollars=Decimal(400)),
    Limit("repository", "day", dollars=Decimal(3)),
    Limit("person", "hour", tokens=2_500_000),
)


def fill(store: SqlStore, now: float, *, calls: int, runs: int, repositories: Sequence[str] = REPOSITORIES) -> None:
    """So many rows of the ledger and runs, over the last 30 days."""
    dice = random.Random(7)
    with store.transaction() as connection:
        for table, rows in (
            (CALLS, _calls(dice, now, calls, repositories)),
            (RUNS, _runs(dice, now, runs, repositories)),
        ):
            while some := [row for _, row in zip(range(5_000), rows, strict=False)]:
                connection.execute(sa.insert(table), some)


def _moments(dice: random.Random, now: float, count: int) -> Iterator[float]:
    """More of them on weekdays, in the order of time."""
    found: list[float] = []
    while len(found) < count:
        at = now - dice.random() * 29.5 * DAY
        if int(at // DAY + 3) % 7 < 5 or dice.random() < 0.25:
            found.append(at)
    yield from sorted(found)


def _name(dice: random.Random, repositories: Sequence[str]) -> str:
    return repositories[min(len(repositories) - 1, int(dice.expovariate(4 / len(repositories))))]


def _calls(dice: random.Random, now: float, count: int, repositories: Sequence[str]) -> Iterator[dict[str, Any]]:
    for at in _moments(dice, now, count):
        tier = dice.choices(TIERS, [40, 30, 10, 14, 6])[0]
        model = dice.choices([MAIN, SMALL], [5, 1])[0]
        tokens = int(dice.lognormvariate(8.3, 0.6))
        usage = Usage(tokens, tokens // 3, tokens // 8, tokens // 20, 1) if not tier else Usage()
        cost = (Decimal(usage.input) * 2 + Decimal(usage.output) * 8) / 1_000_000 / (1 if model == MAIN else 8)
        outcome = dice.choices(["ok", "timeout", "rate", "truncated"], [990, 4, 5, 2])[0] if not tier else "ok"
        seconds = dice.lognormvariate(1.6 if model == MAIN else 0.7, 0.5) if not tier else 0.0
        payer = Payer(1, _name(dice, repositories), dice.randrange(1, 400), f"run-{int(at)}")
        prompt = "review@9f8e7d6c"
        call = Call(payer, "report_findings", model, prompt, at, usage, cost, seconds, outcome, tier, 1, "", tokens)
        yield row_of(call, at)


def _runs(dice: random.Random, now: float, count: int, repositories: Sequence[str]) -> Iterator[dict[str, Any]]:
    for nth, at in enumerate(_moments(dice, now, count)):
        conclusion, title = dice.choice(VERDICTS)
        took = dice.lognormvariate(3.2, 0.8)
        yield run(nth, at=at, repository=_name(dice, repositories), conclusion=conclusion, title=title, seconds=took)


def run(nth: int, *, at: float, **other: Any) -> dict[str, Any]:
    """A row of a run that ended; `other` takes the place of its values."""
    usual = {
        "installation": 1,
        "run": f"run-{nth}",
        "repository": "acme/checkout",
        "number": 100 + nth % 300,
        "trigger": "pull_request.synchronize",
        "head": f"{nth:040x}",
        "conclusion": "success",
        "title": "No findings",
        "findings": "[]",
        "usage": "{}",
        "cost": f"{(nth * 37 % 400) / 1000:.3f}",
        "model": MAIN,
        "prompt_version": "review@9f8e7d6c",
        "seconds": 21.5,
        "created": int(at),
    }
    return {**usual, **other}


async def book(store: SqlStore, now: float) -> None:
    """What today's calls came to, on LIMITS."""
    people = ["maria", "tom-okafor", "yuki"]
    sums = sa.func.sum(CALLS.c.input + CALLS.c.output), sa.func.sum(CALLS.c.nanos)
    query = sa.select(CALLS.c.repository, *sums).where(CALLS.c.at >= now - now % DAY).group_by(CALLS.c.repository)
    with store.transaction() as connection:
        rows = connection.execute(query.order_by(CALLS.c.repository)).all()
    for nth, (name, tokens, nanos) in enumerate(rows):
        call = Call(Payer(1, name, 1, person=people[nth % len(people)]), "", "", "", now)
        took = Amount(int(tokens), Decimal(int(nanos)) / 10**9)
        await store.book(call, took, LIMITS)


def queue(now: float) -> Queue:
    """A busy moment."""
    running = [("acme/checkout", 412, 48), ("acme/mobile-app", 87, 31), ("research/embedding-service", 12, 9)]
    queued = [("acme/checkout", 413, 260), ("acme/terraform-modules", 55, 75), ("acme/cli", 31, 12)]
    jobs = [_job(name, number, "running", now - age) for name, number, age in running]
    jobs += [_job(name, number, "queued", now - age) for name, number, age in queued]
    late = _job("acme/ledger", 230, "put off", now - 1_500)
    said = (
        "GitHub: 403 on POST /repos/acme/status-page/check-runs: the App may not write checks; grant it in its settings"
    )
    failed = _job("acme/status-page", 9, "failed", now - 9_000, said)
    return Queue([*jobs, late], [failed], 3, 4, now - 1_500)


def _job(name: str, number: int, state: Any, since: float, said: str = "") -> StandingJob:
    job = f"{int(since * 1e6):032x}"[-32:]
    return StandingJob(job, "review", name, number, "pull_request.synchronize", state, since, said)
