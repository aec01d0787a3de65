"""What Prometheus is told is what was spent, each model for itself."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from reviewer.core.types import Job, Spent, Usage
from reviewer.metrics import Metrics
from reviewer.ports import RunRecord

PRICES = {"dear": (Decimal(10), Decimal(1), Decimal(100)), "cheap": (Decimal(1), Decimal(1), Decimal(1))}
JOB = Job("review", 1, "acme/shop", 7, "a" * 40, "pull_request.opened", "d1")


def record(spent: Spent) -> RunRecord:
    return RunRecord(JOB, "d1", JOB.head, "success", "", (), spent.total, None, "dear", "review@1", 1.0, spent)


def test_each_model_has_its_own_bill() -> None:
    """What the fallback model cost is not booked on the one that did not answer."""
    metrics = Metrics(PRICES)
    spent = Spent({"dear": Usage(input=1_000_000, calls=1), "cheap": Usage(output=2_000_000, calls=3)})
    metrics.paid(spent)
    text = metrics.text()[0].decode()
    assert 'reviewer_cost_dollars_total{model="dear"} 10.0' in text
    assert 'reviewer_cost_dollars_total{model="cheap"} 2.0' in text
    assert 'reviewer_model_calls_total{model="cheap"} 3.0' in text


def test_the_cache_s_tiers_are_counted() -> None:
    """Whoever tunes it sees which tier answers."""
    metrics = Metrics(PRICES)
    for count in (2, 3):
        metrics.ended(replace(record(Spent()), hits={"exact": count, "miss": 1}))
    text = metrics.text()[0].decode()
    assert 'reviewer_cache_lookups_total{tier="exact"} 5.0' in text
    assert 'reviewer_cache_lookups_total{tier="miss"} 2.0' in text
