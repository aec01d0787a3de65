"""What is not counted as it happens but read where it lies: queue, budgets, circuits, GitHub's limits.

A scrape never waits for the database: a look that takes longer than a moment is shown by the next scrape.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from reviewer.core.quality import Level
from reviewer.ports.keys import RefusedKey
from reviewer.ports.ledger import Account
from reviewer.ports.overview import Queue
from reviewer.ports.rates import ModelRates

FRESH = 5.0  # seconds for which a look is believed
WAIT = 0.1  # seconds that a scrape gives the look that it began
LONGEST = 20.0  # seconds after which a look has failed

T = TypeVar("T")
Circuit = Literal["closed", "half_open", "open"]
CIRCUITS: tuple[Circuit, ...] = ("closed", "half_open", "open")  # the worst one last

_log = structlog.stdlib.get_logger(__name__)


async def _no_queue() -> Queue | None:
    return None


async def _no_quality() -> Sequence[Level]:
    return ()


async def _no_budgets() -> Sequence[Account]:
    return ()


@dataclass(frozen=True, slots=True)
class Readings:
    """Where to look. `queue`, `budgets` and `quality` may wait for the database; the others only for memory."""

    queue: Callable[[], Awaitable[Queue | None]] = _no_queue
    budgets: Callable[[], Awaitable[Sequence[Account]]] = _no_budgets  # how much of each limit is used
    quality: Callable[[], Awaitable[Sequence[Level]]] = _no_quality  # of the last day against the week before
    circuits: Callable[[], Mapping[str, Circuit]] = dict  # by model
    refused: Callable[[], Sequence[RefusedKey]] = tuple  # keys
    rates: Callable[[], Sequence[ModelRates]] = tuple
    health: Callable[[], Mapping[str, int]] = dict  # how many things are not well, by check
    github: Callable[[], Mapping[str, int]] = dict  # fewest requests left to one installation, by kind of request


@dataclass(frozen=True, slots=True)
class _Seen:
    queue: Queue | None = None
    at: float = 0.0  # when the queue was looked at, in seconds since the epoch
    budgets: Sequence[Account] = ()
    quality: Sequence[Level] = ()
    failed: Sequence[str] = field(default=())  # names of the readings that raised


class Gauges(Collector):
    """`models` keeps the names of models few."""

    def __init__(self, models: Callable[[str], str], *, clock: Callable[[], float], now: Callable[[], float]) -> None:
        self.readings = Readings()
        self._models, self._clock, self._now = models, clock, now
        self._seen = _Seen()
        self._until: float = -1.0
        self._looking: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """One look at a time, by whoever comes first after the last one has become stale."""
        if self._looking is None and self._clock() >= self._until:
            self._looking = asyncio.create_task(self._look())
        if self._looking:
            await asyncio.wait([self._looking], timeout=WAIT)

    async def _look(self) -> None:
        try:
            failed: list[str] = []
            queue = await self._read("queue", self.readings.queue, failed)
            budgets = await self._read("budgets", self.readings.budgets, failed)
            quality = await self._read("quality", self.readings.quality, failed)
            self._seen = _Seen(queue, self._now(), budgets or (), quality or (), failed)
        finally:
            self._until, self._looking = self._clock() + FRESH, None

    async def _read(self, name: str, ask: Callable[[], Awaitable[T]], failed: list[str]) -> T | None:
        try:
            async with asyncio.timeout(LONGEST):
                return await ask()
        except Exception as error:  # noqa: BLE001 - the rest is shown all the same
            failed.append(name)
            _log.warning("metrics.unread", reading=name, reason=type(error).__name__)
            return None

    # --- for prometheus_client ------------------------------------------------------------------------------------

    def collect(self) -> Iterable[Metric]:
        yield from self._queue()
        yield self._budgets()
        yield self._circuits()
        yield from self._keys()
        yield self._github()
        yield self._health()
        yield from self._quality()
        unread = _gauge("readings_failed", "1 where the last look of a scrape failed", "reading")
        for name in ("queue", "budgets", "quality"):
            unread.add_metric([name], float(name in self._seen.failed))
        yield unread

    def _queue(self) -> Iterable[Metric]:
        jobs = _gauge("queue_jobs", "Jobs that have not ended, by state; at most 1,000 are counted", "state")
        oldest = _gauge("queue_oldest_seconds", "Seconds that the first of the waiting jobs has waited")
        if queue := self._seen.queue:
            jobs.add_metric(["running"], queue.running)
            jobs.add_metric(["waiting"], queue.queued)
            oldest.add_metric([], max(0.0, self._now() - queue.oldest) if queue.oldest else 0.0)
        return jobs, oldest

    def _budgets(self) -> Metric:
        """The fullest of each level: nobody's name is a label."""
        gauge = _gauge("budget_used_ratio", "How full the fullest budget is (1: all of it)", "level", "window", "of")
        fullest: dict[tuple[str, str, str], float] = {}
        for account in self._seen.budgets:
            limit = account.fill.limit
            key = (limit.level, limit.window, "dollars" if limit.tokens is None else "tokens")
            fullest[key] = max(account.fill.share, fullest.get(key, 0.0))
        for labels, share in fullest.items():
            gauge.add_metric(labels, share)
        return gauge

    def _quality(self) -> Iterable[Metric]:
        """Nothing is shown of what did not happen within the day."""
        ratio = _gauge("quality_ratio", "Share that was good in the last 24 hours", "measure")
        fell = _gauge("quality_fell", "1 where that is far below the week before, beyond chance", "measure")
        for level in self._seen.quality:
            if level.last.ratio is not None:
                ratio.add_metric([level.measure], level.last.ratio)
            fell.add_metric([level.measure], float(level.fell))
        return ratio, fell

    def _circuits(self) -> Metric:
        gauge = _gauge("model_circuit", "1 for the state that a model's breaker is in", "model", "state")
        worst: dict[str, Circuit] = {}  # several may be called "other"
        for model, state in self.readings.circuits().items():
            name = self._models(model)
            worst[name] = max(state, worst.get(name, state), key=CIRCUITS.index)
        for model, now in worst.items():
            for state in CIRCUITS:
                gauge.add_metric([model, state], float(state == now))
        return gauge

    def _keys(self) -> Iterable[Metric]:
        """No label names an installation."""
        refused = _gauge("keys_refused", "Keys that the model server refuses", "whose")
        counts = {"operator": 0, "installation": 0}
        for key in self.readings.refused():
            counts["installation" if key.whose.startswith("installation ") else "operator"] += 1
        for whose, count in counts.items():
            refused.add_metric([whose], count)
        waiting = _gauge("model_waiting", "Calls that wait for room within the rate limits", "model")
        waits: dict[str, int] = {}  # several keys may reach one model
        for rates in self.readings.rates():
            name = self._models(rates.model)
            waits[name] = waits.get(name, 0) + rates.waiting
        for model, count in waits.items():
            waiting.add_metric([model], count)
        return refused, waiting

    def _health(self) -> Metric:
        gauge = _gauge("health_troubles", "Things about the App that are not well, by check of the doctor", "check")
        for check, count in self.readings.health().items():
            gauge.add_metric([check], count)
        return gauge

    def _github(self) -> Metric:
        gauge = _gauge("github_requests_remaining", "Fewest requests that GitHub leaves to one installation", "kind")
        for kind, left in self.readings.github().items():
            gauge.add_metric([kind], left)
        return gauge


def _gauge(name: str, says: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"reviewer_{name}", says, labels=labels)
