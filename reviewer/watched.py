"""What somebody outside sees of a process, put together from the settings: metrics, traces, the log of prompts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog

from reviewer.core.budget import row_of
from reviewer.core.spending import FALLBACK_ONLY, in_words, said
from reviewer.core.types import Fill, Limit
from reviewer.doctor.watch import Health
from reviewer.falling import Falling
from reviewer.github import GitHubApp
from reviewer.jobs import Waiting
from reviewer.logs import Redactor
from reviewer.metrics import Metrics, Readings
from reviewer.models import Models
from reviewer.ports import Account, Spending
from reviewer.ports.trace import Asked, Untraced, unkept
from reviewer.prices import OLD, PriceList, price_list
from reviewer.prompt_log import PromptLog
from reviewer.settings import Settings
from reviewer.status import Ready
from reviewer.store import Results, SqlStore, Workers
from reviewer.tracing import Tracing, tracing

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Watched:
    """`trace` and `asked` are for `Tools`; `prompts` is None where nobody wants them kept."""

    trace: Tracing | Untraced
    prompts: PromptLog | None
    falling: Falling

    @property
    def asked(self) -> Asked:
        return self.prompts or unkept

    async def forever(self) -> None:
        """What has to be done beside the work."""
        prompts = [self.prompts.forever()] if self.prompts else []
        await asyncio.gather(self.falling.forever(), *prompts)

    async def aclose(self) -> None:
        """Send and write what is left, within a few seconds; after the last job."""
        if isinstance(self.trace, Tracing):
            await asyncio.to_thread(self.trace.close)
        if self.prompts:
            await asyncio.to_thread(self.prompts.close)


def watched(settings: Settings, store: SqlStore) -> Watched:
    """Raises UsageError for a log of prompts that cannot be written."""
    headers = settings.otel_headers
    trace = tracing(
        settings.traces_endpoint,
        headers=headers.get_secret_value() if headers else "",
        service=settings.otel_service,
        model_server=settings.openai_base_url or settings.azure_openai_endpoint or "",
        azure=bool(settings.azure_openai_endpoint),
    )
    if settings.prompt_log is None:
        return Watched(trace, None, _falling(store))
    key = settings.secret_keys[0].get_secret_value() if settings.secret_keys else ""
    prompts = PromptLog(
        settings.prompt_log,
        key=key.encode(),
        redact=Redactor(settings.secrets()),
        days=settings.prompt_log_days,
        most=settings.prompt_log_mb * 2**20,
    )
    return Watched(trace, prompts, _falling(store))


def spending(
    settings: Settings, metrics: Metrics, known: PriceList | None = None, *, now: Callable[[], float] = time.time
) -> Spending:
    """What may be spent; an operator is warned once of each account that is nearly used up, in each of its windows, and
    once of each one that has refused a call before that. `known`: the prices, where they are read already.
    """
    warned: set[tuple[str, Limit, str, float]] = set()
    _look_at(known or price_list(settings.prices_path), settings, datetime.fromtimestamp(now(), UTC).date())

    def filling(fill: Fill) -> None:
        event = "budget.filling" if fill.share >= FALLBACK_ONLY else "budget.refused"
        about = (event, fill.limit, fill.who, fill.until)
        if about in warned:
            return
        warned.difference_update([each for each in warned if each[-1] <= now()])  # their windows have ended
        warned.add(about)
        used, until = f"{fill.share:.0%}", in_words(fill.until)
        _log.warning(event, budget=said(fill.limit), who=fill.who, used=used, until=until)

    return Spending(settings.budgets, called=metrics.call, filling=filling)


def _look_at(known: PriceList, settings: Settings, today: date) -> None:
    """Warn of models that have no price and need one, and of prices that are old."""
    in_dollars = any(limit.dollars is not None for limit in settings.budgets)
    for model in settings.models if in_dollars else ():
        if row_of(model, known.prices) is None:
            mend = "give its price in the file of REVIEWER_PRICES: with a budget in dollars it is not asked without one"
            _log.warning("model.unpriced", model=model, mend=mend)
    day = known.oldest(settings.models)
    if day and (days := (today - day).days) > OLD:
        mend = "compare them with your provider's: a file of your own with a newer `date` (REVIEWER_PRICES) goes first"
        _log.warning("prices.old", date=day.isoformat(), days=days, mend=mend)


def _falling(store: SqlStore) -> Falling:
    """What watches the quality; whoever gets the lease says what fell."""
    workers, results = Workers(store), Results(store)

    async def lease(name: str, holder: str, seconds: float) -> bool:
        return await asyncio.to_thread(workers.lease, name, holder, seconds)

    return Falling(results.shares, lease)


def readiness(settings: Settings, store: SqlStore, health: Health) -> Ready:
    """What has to work before a review can."""

    async def ready() -> dict[str, str]:
        none = "OPENAI_API_KEY is not set: nothing can be reviewed without a model"
        model = "" if settings.has_model or settings.secret_keys else none  # installations may bring all there is
        return {"database": await store.ready(), "github": await health.credentials(), "model": model}

    return ready


def look(
    metrics: Metrics,
    settings: Settings,
    store: SqlStore,
    github: GitHubApp,
    models: Models,
    *,
    quality: Falling,
    health: Health,
) -> None:
    """Tell the metrics where to read what is not counted."""
    waiting = Waiting(store)

    async def fullest() -> list[Account]:
        """One by one: of many that are together, only the fullest are given."""
        return [account for limit in settings.budgets for account in (await store.accounts([limit]))[:1]]

    metrics.watch(
        Readings(
            queue=lambda: asyncio.to_thread(waiting.queue),
            budgets=fullest,
            quality=quality.levels,
            circuits=models.circuits,
            refused=models.refused_keys,
            rates=models.rates,
            github=github.remaining,
            health=health.counts,
        )
    )
