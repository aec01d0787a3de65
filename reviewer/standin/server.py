"""Serves an ASGI app on a free loopback port from a thread, for as long as a `with` block lasts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate

import uvicorn
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_START_SECONDS = 30


class _Announcing(uvicorn.Server):
    """A server that says when it listens, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


def _unmoved_by_leavers(app: ASGIApp) -> ASGIApp:
    """A client that goes away in mid-request (killed in a test, say) is no error of the server's."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientDisconnect):
            await app(scope, receive, _dated(send))

    return served


def _dated(send: Send) -> Send:
    """The time, where the app does not tell one of its own."""

    async def dated(message: Message) -> None:
        if message["type"] == "http.response.start" and all(name != b"date" for name, _ in message["headers"]):
            message["headers"] = [*message["headers"], (b"date", formatdate(usegmt=True).encode())]
        await send(message)

    return dated


@contextmanager
def serve(app: ASGIApp, *, port: int = 0) -> Iterator[str]:
    """The base URL under which `app` answers; port 0 takes a free one."""
    config = uvicorn.Config(
        _unmoved_by_leavers(app),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="auto",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Announcing(config)
    # The protocol is named since asyncio turns Nagle's algorithm off only for sockets that say TCP: without that each
    # answer on a kept connection is 40 ms late.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
        # Inherited by what is accepted; asyncio sets it itself only on sockets that name their protocol.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="stand-in", daemon=True)
        thread.start()
        try:
            if not server.listening.wait(_START_SECONDS):
                raise RuntimeError("the loopback server did not start: is another program holding the machine?")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_START_SECONDS)
