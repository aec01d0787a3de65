"""Runs the server and the worker as processes, until they are told to stop."""

from __future__ import annotations

import asyncio
import secrets
import signal
import socket
import sys

import structlog
import uvicorn

from reviewer import logs
from reviewer.app import build, running, web_app
from reviewer.core.errors import UsageError
from reviewer.settings import Settings

_log = structlog.stdlib.get_logger(__name__)


def run_server(settings: Settings, *, host: str | None, port: int | None, worker: bool) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises UsageError for an address that cannot be listened on."""
    token = settings.operator_token.get_secret_value() if settings.operator_token else secrets.token_urlsafe(24)
    _configure(settings, token)
    app = web_app(settings, token=token, worker=worker)
    with _listen(host or settings.host, settings.port if port is None else port) as listener:
        address = f"http://{listener.getsockname()[0]}:{listener.getsockname()[1]}"
        _greet(settings, address, token)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
        )
        uvicorn.Server(config).run(sockets=[listener])


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C."""
    if missing := settings.missing_credentials():
        raise UsageError(
            f"A worker needs credentials: set {', '.join(missing)} (`reviewer serve` shows how to get them)."
        )
    _configure(settings, "")
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(build(settings), worker=True):
        _log.info("worker.started", database=settings.database_url.split(":", 1)[0])
        await stop.wait()


def _configure(settings: Settings, token: str) -> None:
    hidden = (*settings.secrets(), token)
    logs.configure(level=settings.log_level, log_format=settings.log_format, stream=sys.stderr, secrets=hidden)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"Cannot listen on {host}:{port}: {reason}. Choose another with --host and --port.") from None


def _greet(settings: Settings, address: str, token: str) -> None:
    """Tell the person at the terminal where it is, and what is missing. The token goes past the log, which redacts."""
    print(f"reviewer listens on {address}", file=sys.stderr)  # noqa: T201
    if missing := settings.missing_credentials():
        print(f"Set-up mode: {', '.join(missing)} not set. Open {address}/setup", file=sys.stderr)  # noqa: T201
        return
    if settings.operator_token is None:
        hint = "set REVIEWER_OPERATOR_TOKEN to choose it"
        print(f"Operator token of this start ({hint}): {token}", file=sys.stderr, flush=True)  # noqa: T201
    if not settings.has_model:
        _log.warning("model.missing", mend="set OPENAI_API_KEY: without a model every check ends as could not review")
