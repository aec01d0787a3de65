"""Runs the server and the worker as processes, until they are told to stop."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from starlette.applications import Starlette

from reviewer import logs
from reviewer.app import Opening, Parts, build, running, web_app, worker_app
from reviewer.commands import environment
from reviewer.commands.opening import opening_of
from reviewer.core.errors import UsageError
from reviewer.settings import Settings
from reviewer.settings.service import SHORTEST_TOKEN

_log = structlog.stdlib.get_logger(__name__)


STOPS = (signal.SIGTERM, signal.SIGINT)


def run_server(settings: Settings, *, host: str | None, port: int | None, worker: bool) -> None:
    """Serve until SIGTERM or Ctrl-C, which are an orderly end. Raises UsageError or OutsideError where it cannot."""
    token = settings.operator_token.get_secret_value() if settings.operator_token else secrets.token_urlsafe(24)
    opening = None if settings.has_credentials else _opening(settings, token)
    _configure(settings, token, opening.token if opening else "")
    with _listen(host or settings.host, settings.port if port is None else port) as listener:
        asyncio.run(_serve(settings, listener, token=token, worker=worker, opening=opening))


def _opening(settings: Settings, token: str) -> Opening:
    """How this server can be set up: by whoever sees its terminal."""
    return opening_of(
        settings,
        token=secrets.token_urlsafe(24),
        environ=os.environ,
        file=environment.ENV_FILE,
        told=lambda found: _tell_of_start(found, token),
    )


async def _serve(
    settings: Settings, listener: socket.socket, *, token: str, worker: bool, opening: Opening | None
) -> None:
    """The app's start and end are here, not in uvicorn, which would log a traceback for a start that fails."""
    app = web_app(settings, token=token, worker=worker, opening=opening)
    server = _Server(_uvicorn(app))
    with _told(lambda number: server.handle_exit(number, None)) as untold:
        async with app.router.lifespan_context(app):
            _greet(settings, _address(listener), token, opening)
            await server.serve(sockets=[listener])
            untold()  # whoever asks a second time does not want to wait for running reviews
    _log.info("server.stopped")


def _uvicorn(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn raises them again at its end, and the process would not exit with 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def _told(stop: Callable[[int], None]) -> Iterator[Callable[[], None]]:
    """The signals to stop call `stop`, until the block ends or what it is given is called."""
    loop = asyncio.get_running_loop()

    def untold() -> None:
        for number in STOPS:
            loop.remove_signal_handler(number)

    for number in STOPS:
        loop.add_signal_handler(number, stop, number)
    try:
        yield untold
    finally:
        untold()


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C."""
    if missing := settings.missing_credentials():
        raise UsageError(
            f"A worker needs credentials: set {', '.join(missing)} (`reviewer serve` shows how to get them)."
        )
    _configure(settings)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop, parts = asyncio.Event(), build(settings)
    with _told(lambda _: stop.set()) as untold:
        async with _shown(parts, settings) as address, running(parts, worker=True):
            _log.info("worker.started", database=settings.database_url.split(":", 1)[0], metrics=address)
            await stop.wait()
            untold()
    _log.info("worker.stopped")


@asynccontextmanager
async def _shown(parts: Parts, settings: Settings) -> AsyncIterator[str]:
    """Where a worker's metrics are, until the block ends; "" without a port for them."""
    if settings.metrics_port is None:
        yield ""
        return
    with _listen(settings.host, settings.metrics_port) as listener:
        server = _Server(_uvicorn(worker_app(parts)))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield _address(listener)
        finally:
            server.should_exit = True
            await serving


def _configure(settings: Settings, *tokens: str) -> None:
    hidden = (*settings.secrets(), *tokens)
    logs.configure(level=settings.log_level, log_format=settings.log_format, stream=sys.stderr, secrets=hidden)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror  # a name's is negative
        raise UsageError(f"Cannot listen on {host}:{port}: {reason}. Choose another with --host and --port.") from None
    # asyncio does so only for sockets that it made: an answer's second packet would wait 40 ms for the first one's ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(settings: Settings, address: str, token: str, opening: Opening | None) -> None:
    """Tell the person at the terminal where it is, and what is missing. Tokens go past the log, which redacts."""
    _tell(f"reviewer listens on {address}")
    if opening is None:
        _tell_of_start(settings, token)
        return
    missing = ", ".join(settings.missing_credentials())
    found = ", ".join(settings.present_credentials())
    _tell(f"Set-up mode, since there is no {missing}" + (f" (but {found})" if found else ""))
    near = address.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:")
    _tell(f"Open this address, it works once: {near}/setup?token={opening.token}")


def _tell_of_start(settings: Settings, token: str) -> None:
    """Of a server that has its credentials, from the start or since just now."""
    if settings.operator_token is None:
        _tell(f"Operator token of this start (set REVIEWER_OPERATOR_TOKEN to choose it): {token}")
    if settings.guessable:
        mend = f"make REVIEWER_OPERATOR_TOKEN at least {SHORTEST_TOKEN} characters long: a short one can be guessed"
        _log.warning("operator_token.short", mend=mend)
    if not settings.has_model:
        _log.warning("model.missing", mend="set OPENAI_API_KEY: without a model every check ends as could not review")


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201
