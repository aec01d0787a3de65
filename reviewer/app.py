"""The servers: the parts become Starlette apps, for whoever takes webhooks and for a worker alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.routing import Mount

from reviewer import __version__, logs, resources
from reviewer.door import Door
from reviewer.github.registering import register
from reviewer.jobs import Waiting
from reviewer.page import Page
from reviewer.page.views import web_address
from reviewer.parts import Parts, build, running
from reviewer.relay import Relay
from reviewer.settings import Settings
from reviewer.setup import Kit, Setup, closed_routes
from reviewer.status import Status, waiting_routes
from reviewer.store import Pages, SignedOutSessions
from reviewer.switch import Opening, Switch
from reviewer.watched import look, readiness
from reviewer.webhook import webhook_route

WORKER_PATHS = {"/healthz", "/readyz", "/metrics"}


def web_app(settings: Settings, *, token: str, worker: bool = True, opening: Opening | None = None) -> Starlette:
    """The server: the webhook door and the status pages; with `worker`, the reviews too.

    `token` opens the operator's pages. Without credentials it waits for them, and with an `opening` it can be set up.
    """
    if settings.has_credentials:
        return real_app(settings, token=token, worker=worker, closed=True)
    if opening is None:
        return Starlette(routes=waiting_routes(settings.missing_credentials, str))

    def real(found: Settings) -> Starlette:
        return real_app(found, token=token, worker=worker, closed=False)

    before = Starlette(routes=waiting_routes(lambda: switch.missing, lambda: switch.trouble))
    switch = Switch(settings, opening, make=real, before=before)
    kit = Kit(
        token=opening.token,
        web=web_address(settings.github_api_url),
        app=resources.app_manifest(),
        vault=opening.vault,
        register=partial(register, api_url=settings.github_api_url, user_agent=f"reviewer/{__version__}"),
        server=switch,
        hide=logs.hide,
        proxy=settings.webhook_proxy_url or "",
    )
    return Starlette(routes=[*Setup(kit).routes(), Mount("/", switch)], lifespan=switch.lifespan)


def real_app(settings: Settings, *, token: str, worker: bool, closed: bool) -> Starlette:
    """The server with its credentials; `closed`: nothing before it answers `/setup`."""
    parts, operators = build(settings), Door(token)
    page = _page(parts, operators)
    door = webhook_route(
        secrets=[secret.get_secret_value() for secret in settings.webhook_secrets],
        enqueue=parts.jobs.enqueue,
        names=lambda: parts.names.known,
        app=settings.app_id,
        answered=parts.metrics.answered,
    )
    relay = [Relay(settings.webhook_proxy_url, door.app)] if settings.webhook_proxy_url else []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with running(parts, worker=worker):
            warming = asyncio.create_task(page.warm())
            relaying = [asyncio.create_task(each.forever()) for each in relay]
            yield
            for task in relaying:
                task.cancel()
            await asyncio.wait([warming, *relaying])

    status = _status(parts, operators)
    setup = closed_routes() if closed else []
    return Starlette(routes=[door, *status.routes(), *page.routes(), *setup], lifespan=lifespan)


def worker_app(parts: Parts) -> Starlette:
    """What a worker alone tells whoever looks after it."""
    status = _status(parts, Door(""))
    return Starlette(routes=[route for route in status.routes() if route.path in WORKER_PATHS])


def _status(parts: Parts, door: Door) -> Status:
    """The status pages; the metrics are told where to look."""
    settings, store, health = parts.settings, parts.store, parts.health
    look(parts.metrics, settings, store, parts.github, parts.models, quality=parts.watched.falling, health=health)
    ready = readiness(settings, store, health)
    return Status(parts.jobs.status, ready, parts.metrics.scrape, door, health.warnings)


def _page(parts: Parts, door: Door) -> Page:
    """The operator's page at `/`."""
    return Page(
        door=door,
        api_url=parts.settings.github_api_url,
        queue=Waiting(parts.store).queue,
        books=Pages(parts.store).books,
        accounts=lambda: parts.store.accounts(parts.settings.budgets),
        quality=parts.watched.falling.levels,
        refused=parts.models.refused_keys,
        rates=parts.models.rates,
        health=parts.health.checks,
        signed_out=SignedOutSessions(parts.store),
    )


__all__ = ["Opening", "Parts", "build", "real_app", "running", "web_app", "worker_app"]
