"""What happened, as counters and histograms, each told by whoever has seen it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Literal, get_args

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from reviewer.core.spending import FIRST_LOOK
from reviewer.core.types import Call, Job
from reviewer.core.types.job import JobKind
from reviewer.metrics.few import Few
from reviewer.metrics.readings import Gauges, Readings
from reviewer.ports import RunRecord

MODELS, OUTCOMES, PURPOSES = 24, 40, 16  # values of these labels: a repository may name a model, a provider a code
STATUSES = (200, 202, 400, 401, 413, 503)  # of the webhook
# Never sent, or turned away unread: nothing was answered that could be slow.
UNANSWERED = frozenset({"budget", "circuit_open", "keys_refused", "not_set_up", "rate_limited"})
# What came back cannot be read: of another shape, cut off, words in place of the call, or no JSON at all.
UNREADABLE = frozenset({"text", "truncated", "malformed"})

_REVIEW_SECONDS = (0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640)
# Close to one another around the ten seconds that the alert asks for, so that a percentile there is no guess.
_MODEL_SECONDS = (0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.5, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
_WAIT_SECONDS = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)

Ended = Literal["done", "failed", "put_off"]


class Metrics:
    """One registry a process; nothing global, so that tests and several apps do not share counts.

    `models` are those of the settings: no repository can take their names' place. `clock` is monotonic, `now` in
    seconds since the epoch.
    """

    def __init__(
        self,
        models: Iterable[str] = (),
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._registry = CollectorRegistry()
        self._model_name, self._outcome, self._purpose = Few(MODELS, models), Few(OUTCOMES), Few(PURPOSES)
        self._count_work()
        self._count_model()
        for status in STATUSES:  # from the start: what begins with 1 has not increased for Prometheus
            self._webhooks.labels(str(status))
        for kind in get_args(JobKind):
            for outcome in get_args(Ended):
                self._jobs.labels(kind, outcome)
        self._gauges = Gauges(self._model_name, clock=clock, now=now)
        self._registry.register(self._gauges)
        ProcessCollector(registry=self._registry)

    def _count_work(self) -> None:
        self._webhooks = self._counter("webhook_requests", "Webhook requests, by the answer's status", "status")
        self._jobs = self._counter("jobs", "Jobs that ended, by kind and outcome", "kind", "outcome")
        self._failed = self._counter("jobs_failed", "Jobs that ended with an error")
        self._reviews = self._counter("reviews", "Runs that ended, by the check's conclusion", "conclusion")
        self._seconds = self._histogram("review_seconds", "Seconds from the job's start to its end", _REVIEW_SECONDS)
        self._findings = self._counter("findings", "Findings that stood at the end of a run", "severity")
        self._hits = self._counter(
            "cache_lookups",
            "Hunks by the cache's tier that answered (exact, structural, miss), findings known by meaning",
            "tier",
        )

    def _count_model(self) -> None:
        self._calls = self._counter(
            "model_calls", "Calls of the model, by function and outcome", "model", "purpose", "outcome"
        )
        self._latency = self._histogram(
            "model_seconds", "Seconds that a call of the model took, its last try alone", _MODEL_SECONDS, "model"
        )
        self._wait = self._histogram(
            "model_wait_seconds",
            "Seconds that a call waited before its last try: for room in the rate limits, and with tries that failed",
            _WAIT_SECONDS,
            "model",
        )
        self._tokens = self._counter("model_tokens", "Tokens of the model, by kind", "model", "kind")
        self._cost = self._counter("cost_dollars", "What the model cost", "model")
        self._unpriced = self._counter("unpriced_tokens", "Tokens of models without a price", "model")
        self._unreadable = self._counter(
            "model_unreadable", "Answers that could not be read as the call that was asked for", "model", "purpose"
        )

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"reviewer_{name}", says, labels, registry=self._registry)

    def _histogram(self, name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"reviewer_{name}", says, labels, buckets=buckets, registry=self._registry)

    # --- what is told ---------------------------------------------------------------------------------------------

    def answered(self, status: int) -> None:
        """A request to the webhook's address, by the status that it got."""
        self._webhooks.labels(str(status)).inc()

    def job(self, job: Job, outcome: Ended) -> None:
        """A job's line has come to its end; one that was put off comes again."""
        self._jobs.labels(job.kind, outcome).inc()
        if outcome == "failed":
            self._failed.inc()

    def ended(self, record: RunRecord) -> None:
        self._reviews.labels(record.conclusion).inc()
        self._seconds.observe(record.seconds)
        for tier, count in record.hits.items():
            self._hits.labels(tier).inc(count)
        self.malformed(record.model, FIRST_LOOK, record.quality.malformed)
        for placed in record.findings:
            self._findings.labels(placed.finding.severity.word).inc()

    def call(self, call: Call) -> None:
        """A row of the ledger. What a tier of the cache answered is counted at the run's end (`ended`)."""
        if call.tier:
            return
        model, purpose = self._model_name(call.model), self._purpose(call.purpose)
        self._calls.labels(model, purpose, self._outcome(call.outcome)).inc()
        self._took(model, call)
        if call.outcome not in UNANSWERED and call.seconds > 0:
            self._latency.labels(model).observe(call.seconds)
        if call.waited is not None:
            self._wait.labels(model).observe(call.waited)
        if call.outcome in UNREADABLE:
            self._unreadable.labels(model, purpose).inc()

    def malformed(self, model: str, purpose: str, count: int = 1) -> None:
        """Answers that came whole, but do not follow their schema: nobody knows before they are read."""
        if count:
            self._unreadable.labels(self._model_name(model), self._purpose(purpose)).inc(count)

    def _took(self, model: str, call: Call) -> None:
        usage = call.usage
        kinds = {
            "input": usage.input,
            "cached": usage.cached,
            "output": usage.output,
            "reasoning": usage.reasoning,
        }
        for kind, count in kinds.items():
            self._tokens.labels(model, kind).inc(count)
        self._cost.labels(model).inc(float(call.cost or 0))
        if call.cost is None:
            self._unpriced.labels(model).inc(usage.input + usage.output)

    # --- what is asked --------------------------------------------------------------------------------------------

    def watch(self, readings: Readings) -> None:
        """From now on `scrape` shows what these say."""
        self._gauges.readings = readings

    async def scrape(self) -> tuple[bytes, str]:
        """`text`, after a look at what is read where it lies; the look is a few seconds old at most, or under way."""
        await self._gauges.refresh()
        return self.text()

    def text(self) -> tuple[bytes, str]:
        """(the Prometheus text, its content type)."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
