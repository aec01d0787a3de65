"""What Prometheus is told is what happened and what was spent, each model for itself, and nobody's name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reviewer.core.quality import Level, Share, levels
from reviewer.core.types import Amount, Call, Fill, Job, Limit, Payer, Spent, Usage
from reviewer.github.quota import Quota
from reviewer.metrics import Metrics, Readings, readings
from reviewer.metrics.metrics import MODELS
from reviewer.ports import RunRecord
from reviewer.ports.ledger import Account
from reviewer.ports.overview import Queue

PRICES = {"dear": (Decimal(10), Decimal(1), Decimal(100)), "cheap": (Decimal(1), Decimal(1), Decimal(1))}
JOB = Job("review", 1, "acme/shop", 7, "a" * 40, "pull_request.opened", "d1")
CALL = Call(
    Payer(1, "acme/shop", 7, person="ann"),
    "report_findings",
    "dear",
    "review@1",
    at=0.0,
    usage=Usage(input=100, cached=40, output=20, reasoning=5, calls=1),
    cost=Decimal("0.25"),
    seconds=4.2,
)


def record(spent: Spent) -> RunRecord:
    return RunRecord(JOB, "d1", JOB.head, "success", "", (), spent.total, None, "dear", "review@1", 1.0, spent)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """The sum over the samples with these labels; None without any."""
    found = [
        sample.value
        for family in text_string_to_metric_families(metrics.text()[0].decode())
        for sample in family.samples
        if sample.name == f"reviewer_{name}" and labels.items() <= sample.labels.items()
    ]
    return sum(found) if found else None


def test_each_model_has_its_own_bill() -> None:
    """What the fallback model cost is not booked on the one that did not answer."""
    metrics = Metrics()
    metrics.call(replace(CALL, cost=Decimal(10)))
    for _ in range(3):
        metrics.call(replace(CALL, model="cheap", cost=Decimal(2)))
    assert value(metrics, "cost_dollars_total", model="dear") == 10
    assert value(metrics, "cost_dollars_total", model="cheap") == 6
    assert value(metrics, "model_calls_total", model="cheap") == 3


def test_the_cache_s_tiers_are_counted() -> None:
    """Whoever tunes it sees which tier answers."""
    metrics = Metrics()
    for count in (2, 3):
        metrics.ended(replace(record(Spent()), hits={"exact": count, "miss": 1}))
    assert value(metrics, "cache_lookups_total", tier="exact") == 5
    assert value(metrics, "cache_lookups_total", tier="miss") == 2


def test_a_row_of_the_ledger_is_counted_once_in_each_way() -> None:
    """Call, tokens, money and seconds; what a tier of the cache answered is no call."""
    metrics = Metrics()
    metrics.call(CALL)
    metrics.call(replace(CALL, tier="exact", count=9, usage=Usage(), cost=None, seconds=0.0))
    metrics.call(replace(CALL, outcome="truncated"))
    metrics.call(replace(CALL, outcome="budget", usage=Usage(), cost=None, seconds=0.0))
    about = {"model": "dear", "purpose": "report_findings"}
    assert value(metrics, "model_calls_total", **about, outcome="ok") == 1
    assert value(metrics, "model_calls_total", **about, outcome="budget") == 1
    assert value(metrics, "model_calls_total") == 3
    kinds = ("input", "cached", "output", "reasoning")
    assert [value(metrics, "model_tokens_total", kind=kind) for kind in kinds] == [200, 80, 40, 10]
    assert value(metrics, "cost_dollars_total", model="dear") == 0.5
    assert value(metrics, "model_unreadable_total", **about) == 1
    assert value(metrics, "model_seconds_count", model="dear") == 2
    within = {edge: value(metrics, "model_seconds_bucket", model="dear", le=edge) for edge in ("4.0", "5.0", "10.0")}
    assert within == {"4.0": 0, "5.0": 2, "10.0": 2}


def test_what_was_not_answered_has_no_latency() -> None:
    """What found no room, was over the budget or met an open circuit is no slow model; the wait is counted by itself."""
    metrics = Metrics()
    for outcome in ("rate_limited", "circuit_open", "budget"):
        metrics.call(replace(CALL, outcome=outcome, usage=Usage(), cost=None, seconds=300.0))
    assert value(metrics, "model_seconds_count") is None
    assert value(metrics, "model_wait_seconds_count") is None
    metrics.call(replace(CALL, waited=40.0))
    assert value(metrics, "model_seconds_sum", model="dear") == 4.2
    assert value(metrics, "model_wait_seconds_sum", model="dear") == 40


def test_what_has_no_price_is_counted() -> None:
    """Its dollars are missing in every sum: the tokens say how much that is."""
    metrics = Metrics()
    metrics.call(CALL)
    metrics.call(replace(CALL, model="home-made", cost=None))
    assert value(metrics, "unpriced_tokens_total", model="home-made") == 120
    assert value(metrics, "unpriced_tokens_total", model="dear") is None


def test_the_settings_models_keep_their_names() -> None:
    """Though a repository has named others before; of those that are all "other" the worst breaker shows."""
    metrics = Metrics(["dear", ""])
    for number in range(3 * MODELS):
        metrics.call(replace(CALL, model=f"m{number}"))
    metrics.call(CALL)
    assert value(metrics, "model_calls_total", model="dear") == 1
    metrics.watch(Readings(circuits=lambda: {"x": "half_open", "y": "open", "z": "closed", "dear": "closed"}))
    states = {
        (model, state): value(metrics, "model_circuit", model=model, state=state)
        for model in ("other", "dear")
        for state in ("closed", "half_open", "open")
    }
    assert {each for each, so in states.items() if so} == {("other", "open"), ("dear", "closed")}


def test_what_strangers_name_does_not_grow() -> None:
    """A repository may name a model and a provider an error: neither makes series without end."""
    metrics = Metrics()
    for number in range(3 * MODELS):
        metrics.call(replace(CALL, model=f"m{number}", outcome=f"code_{number}"))
    text = metrics.text()[0].decode()
    assert len({line for line in text.splitlines() if line.startswith("reviewer_cost_dollars_total{")}) == MODELS + 1
    assert value(metrics, "model_calls_total", model="other") == 2 * MODELS
    assert "acme" not in text
    assert "ann" not in text


def test_jobs_are_counted_by_their_end() -> None:
    """One that was put off has not failed; each is there from the start, so that the first one shows as an increase."""
    metrics = Metrics()
    assert value(metrics, "jobs_total", kind="command", outcome="failed") == 0
    for outcome in ("done", "failed", "put_off"):
        metrics.job(JOB, outcome)
    assert value(metrics, "jobs_total", kind="review", outcome="put_off") == 1
    assert value(metrics, "jobs_failed_total") == 1


# --- what is read at a scrape ------------------------------------------------------------------------------------------


class Database:
    """Counts how often it is asked, and answers when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.free = asyncio.Event()
        self.free.set()

    async def quality(self) -> tuple[Level, ...]:
        if self.error:
            raise self.error
        bad, good = Share(20, 40, 20, (20, 40, 80)), Share(1_000, 1_000, 0, (0, 0, 2_000))
        return levels({"schema": bad}, {"schema": good})

    async def queue(self) -> Queue:
        self.asked += 1
        await self.free.wait()
        if self.error:
            raise self.error
        return Queue(running=2, queued=5, oldest=1_000.0)

    async def budgets(self) -> Sequence[Account]:
        day = Limit("repository", "day", dollars=Decimal(10))
        hour = Limit("everything", "hour", tokens=1_000)
        fills = [(day, 0.2), (day, 0.9), (hour, 0.5)]
        return [Account(1, f"acme/{nth}", Amount(), Fill(limit, share, 0)) for nth, (limit, share) in enumerate(fills)]


def watching(database: Database) -> tuple[Metrics, list[float]]:
    clock = [0.0]
    metrics = Metrics(clock=lambda: clock[0], now=lambda: 1_030.0)
    metrics.watch(
        Readings(
            queue=database.queue,
            budgets=database.budgets,
            circuits=lambda: {"dear": "open"},
            github=lambda: {"core": 17},
            quality=database.quality,
        )
    )
    return metrics, clock


def test_what_is_read_is_shown() -> None:
    """Queue and its age, the fullest budget of each level without anybody's name, circuits, GitHub's limits."""

    async def story() -> None:
        metrics, _ = watching(Database())
        await metrics.scrape()
        assert value(metrics, "queue_jobs", state="waiting") == 5
        assert value(metrics, "queue_oldest_seconds") == 30
        assert value(metrics, "budget_used_ratio", level="repository", window="day", of="dollars") == 0.9
        assert value(metrics, "budget_used_ratio", level="everything", window="hour", of="tokens") == 0.5
        assert value(metrics, "model_circuit", model="dear", state="open") == 1
        assert value(metrics, "model_circuit", model="dear", state="closed") == 0
        assert value(metrics, "github_requests_remaining", kind="core") == 17
        assert value(metrics, "quality_ratio", measure="schema") == 0.5
        assert value(metrics, "quality_fell", measure="schema") == 1
        assert value(metrics, "quality_fell", measure="fixed") == 0

    asyncio.run(story())


def test_the_database_is_asked_every_few_seconds() -> None:
    """However often and by however many we are scraped."""

    async def story() -> None:
        database = Database()
        metrics, clock = watching(database)
        await asyncio.gather(*(metrics.scrape() for _ in range(20)))
        await metrics.scrape()
        assert database.asked == 1
        clock[0] += readings.FRESH
        await metrics.scrape()
        assert database.asked == 2

    asyncio.run(story())


def test_a_database_that_hangs_holds_up_no_scrape(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known is shown, and the look goes on beside, once."""
    monkeypatch.setattr(readings, "WAIT", 0.01)

    async def story() -> None:
        database = Database()
        metrics, clock = watching(database)
        await metrics.scrape()
        database.free.clear()
        clock[0] += readings.FRESH
        for _ in range(3):
            await metrics.scrape()
        assert database.asked == 2
        assert value(metrics, "queue_jobs", state="waiting") == 5
        database.free.set()
        await metrics.scrape()

    asyncio.run(story())


def test_a_look_that_fails_is_said_and_shows_nothing_stale() -> None:
    """An old number would read as if all were well; the other readings are shown all the same."""

    async def story() -> None:
        database = Database()
        metrics, clock = watching(database)
        await metrics.scrape()
        database.error = OSError("away")
        clock[0] += readings.FRESH
        await metrics.scrape()
        assert value(metrics, "queue_jobs") is None
        assert value(metrics, "readings_failed", reading="queue") == 1
        assert value(metrics, "budget_used_ratio", level="repository") == 0.9

    asyncio.run(story())


# --- GitHub's limits ----------------------------------------------------------------------------------------------------


def headers(**values: Any) -> dict[str, str]:
    return {f"x-ratelimit-{name}": str(value) for name, value in values.items()}


def test_the_lowest_of_github_s_limits_counts_until_it_is_counted_anew() -> None:
    """Each installation has its own; one that has its limit back is not low any more."""
    now = [100.0]
    quota = Quota(lambda: now[0])
    quota.note(1, headers(remaining=4_000, reset=900, resource="core"))
    quota.note(2, headers(remaining=12, reset=200, resource="core"))
    quota.note(2, headers(remaining=3, reset=900, resource="graphql"))
    quota.note(3, headers(remaining=1, reset=900, resource="made_up"))
    for odd in ({}, headers(remaining="-1", reset=900), headers(remaining="9" * 40, reset=900)):
        quota.note(9, odd)
    assert quota.lowest() == {"core": 12, "graphql": 3, "other": 1}
    now[0] = 200.0
    assert quota.lowest() == {"core": 4_000, "graphql": 3, "other": 1}
