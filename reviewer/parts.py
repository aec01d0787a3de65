"""What one process is made of: settings and tools become the store, GitHub, the models, the jobs, and run."""

from __future__ import annotations

import asyncio
import gc
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, lru_cache

import structlog

from reviewer import __version__, logs, resources
from reviewer.catchup import CatchUp
from reviewer.core.errors import OutsideError
from reviewer.core.types import Job
from reviewer.doctor.watch import Health
from reviewer.forms import forms
from reviewer.github import GitHubApp
from reviewer.jobs import Departures, Jobs
from reviewer.jobs.pulse import DEAD_AFTER
from reviewer.landing import LONGEST_WAIT
from reviewer.lines import Lines
from reviewer.meanings import Labelled
from reviewer.metrics import Metrics
from reviewer.models import Models
from reviewer.outlines import outlines
from reviewer.ports import Tools
from reviewer.prices import price_list
from reviewer.secrets import RuleSet
from reviewer.settings import Settings
from reviewer.sharing import share_forever
from reviewer.sources import SOURCES
from reviewer.store import SqlStore, Workers, engine
from reviewer.tokens import O200k
from reviewer.watched import Watched, spending, watched

STOP_WITHIN = 10.0  # seconds that running reviews get at an orderly stop; the rest goes on at the next start

_log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class Names:
    """What people call us in comments: by the operator's word, and the App's slug, which GitHub tells once."""

    bot_name: str
    github: GitHubApp
    known: tuple[str, ...] = ()  # empty until it was asked for

    async def __call__(self) -> tuple[str, ...]:
        self.known = self.known or tuple(filter(None, (self.bot_name, await self.github.slug())))
        return self.known


@dataclass(frozen=True, slots=True)
class Parts:
    """What one process is made of."""

    settings: Settings
    store: SqlStore
    github: GitHubApp
    models: Models
    tools: Tools
    secrets: RuleSet
    jobs: Jobs
    metrics: Metrics
    watched: Watched
    catch_up: CatchUp
    names: Names
    health: Health


def build(settings: Settings) -> Parts:
    """Make every part; nothing connects or runs yet. Raises UsageError for a database address that cannot be used."""
    store = SqlStore(engine(settings.database_url), cache_bytes=settings.cache_mb * 2**20)
    github = _github(settings)
    models, metrics, secret_rules = Models(settings, keys=store, hide=logs.hide), Metrics(settings.models), RuleSet()
    seen, names, known = watched(settings, store), Names(settings.bot_name, github), price_list(settings.prices_path)
    tools = Tools(
        github=github.repository,
        model=models.named,
        tokens=lru_cache(O200k),
        store=store,
        secrets=secret_rules,
        outlines=outlines,
        forms=forms,
        sources=SOURCES,
        prompts=resources.prompt_files(settings.prompts_path, settings.prompt_variants),
        split=settings.prompt_variants,
        examples=resources.prompt_examples(),
        prices=known.prices,
        limits=settings.limits,
        vectors=models.vectors_for,
        cases=cache(lambda: Labelled.of(resources.scenes())),
        default_model=settings.model,
        fallback_model=settings.fallback_model,
        allowed_models=settings.allowed,
        clock=time.monotonic,
        now=time.time,
        sleep=asyncio.sleep,
        trace=seen.trace,
        asked=seen.asked,
        spending=spending(settings, metrics, known),
        hourly=settings.hourly,
    )
    jobs = _jobs(store, Lines(tools, metrics, names, Departures(store, github.survey())))
    catch_up = _catch_up(store, github, jobs)
    health = Health(settings, github)
    return Parts(settings, store, github, models, tools, secret_rules, jobs, metrics, seen, catch_up, names, health)


def _github(settings: Settings) -> GitHubApp:
    key = settings.private_key
    assert key, "build needs credentials"
    return GitHubApp(
        app_id=settings.app_id,
        private_key=key.get_secret_value(),
        api_url=settings.github_api_url,
        user_agent=f"reviewer/{__version__}",
    )


def _jobs(store: SqlStore, lines: Lines) -> Jobs:
    return Jobs(
        store, review=lines.carry_out, announce=lines.announce, gave_up=lines.give_up, longest_wait=LONGEST_WAIT
    )


def _catch_up(store: SqlStore, github: GitHubApp, jobs: Jobs) -> CatchUp:
    workers, me = Workers(store), secrets.token_hex(8)

    async def newest(job: Job) -> str:
        wish = await asyncio.to_thread(store.newest, job)
        return wish.delivery if wish else ""

    async def lease(name: str, seconds: float) -> bool:
        return await asyncio.to_thread(workers.lease, name, me, seconds)

    return CatchUp(
        github.survey(),
        jobs,
        newest=newest,
        lease=lease,
        now=time.time,
        sleep=asyncio.sleep,
        chance=random.random,
    )


@asynccontextmanager
async def running(parts: Parts, *, worker: bool) -> AsyncIterator[None]:
    """Jobs are taken, and with `worker` carried out, until the block ends; clients close on the loop that used them."""
    await parts.jobs.start(worker=worker)
    # What a start leaves is there to stay: each full collection would look through it, for 0.15 s in which nobody is
    # answered.
    gc.collect()
    gc.freeze()
    beside = [parts.catch_up.forever(), _warm(parts.secrets), parts.watched.forever(), _share(parts)] if worker else []
    tasks = [asyncio.create_task(parts.jobs.run(each)) for each in beside]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await parts.jobs.stop(grace=STOP_WITHIN, closing=lambda: _close(parts))
        await parts.watched.aclose()


async def _share(parts: Parts) -> None:
    """Among the workers that live."""
    workers = Workers(parts.store)

    async def living() -> int:
        return sum((await asyncio.to_thread(workers.all, dead_after=DEAD_AFTER)).values())

    await share_forever(living, parts.models.share, sleep=asyncio.sleep)


async def _warm(secrets: RuleSet) -> None:
    """So that the first review does not wait for the rules; without them there is none, so whoever runs us hears it."""
    try:
        await secrets.warm()
    except OutsideError as error:
        _log.warning("secrets.failed", reason=str(error))


async def _close(parts: Parts) -> None:
    await parts.github.aclose()
    await parts.models.aclose()
