"""Counts what happens, for `/metrics` (the only importer of prometheus_client)."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from reviewer.core.budget import Prices, cost
from reviewer.core.types import Spent
from reviewer.ports import RunRecord

_SECONDS = (0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640)


class Metrics:
    """One registry a process; nothing global, so that tests and several apps do not share counts."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._registry = CollectorRegistry()
        self._reviews = Counter(
            "reviewer_reviews", "Runs that ended, by the check's conclusion", ["conclusion"], registry=self._registry
        )
        self._failed = Counter("reviewer_jobs_failed", "Jobs that ended with an error", registry=self._registry)
        self._seconds = Histogram(
            "reviewer_review_seconds",
            "Seconds from the job's start to its end",
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._tokens = Counter(
            "reviewer_model_tokens", "Tokens of the model, by kind", ["model", "kind"], registry=self._registry
        )
        self._calls = Counter("reviewer_model_calls", "Answers of the model", ["model"], registry=self._registry)
        self._findings = Counter(
            "reviewer_findings", "Findings that stood at the end of a run", ["severity"], registry=self._registry
        )
        self._hits = Counter(
            "reviewer_cache_lookups",
            "Hunks by the cache's tier that answered (exact, structural, miss), findings known by meaning",
            ["tier"],
            registry=self._registry,
        )
        self._cost = Counter("reviewer_cost_dollars", "What the model cost", ["model"], registry=self._registry)

    def ended(self, record: RunRecord) -> None:
        self._reviews.labels(record.conclusion).inc()
        self._seconds.observe(record.seconds)
        for tier, count in record.hits.items():
            self._hits.labels(tier).inc(count)
        for placed in record.findings:
            self._findings.labels(placed.finding.severity.word).inc()

    def paid(self, spent: Spent) -> None:
        """What answers of the model cost, counted as they come: a run that fails has paid them too."""
        for model, usage in spent.by_model.items():
            self._calls.labels(model).inc(usage.calls)
            kinds = {"input": usage.input, "cached": usage.cached, "output": usage.output}
            for kind, count in kinds.items():
                self._tokens.labels(model, kind).inc(count)
            self._cost.labels(model).inc(float(cost(usage, model=model, prices=self._prices) or 0))

    def failed(self) -> None:
        self._failed.inc()

    def text(self) -> tuple[bytes, str]:
        """(the Prometheus text, its content type)."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
