"""What stands before every request: latency, scripted faults, and the log of what was asked and answered."""

from __future__ import annotations

import asyncio
import json
from email.utils import formatdate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.standin.records import Fault, Seen
from reviewer.standin.state import State


class Door:
    """An ASGI app around the stand-in's routes."""

    def __init__(self, hub: State, app: ASGIApp) -> None:
        self._hub = hub
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _asks(scope["path"]):
            await self._app(scope, receive, send)
            return
        fault = self._hub.next_fault(scope["method"], scope["path"])
        wait = self._hub.latency + (fault.delay if fault else 0.0)
        if wait:
            await asyncio.sleep(wait)
        logged = self._logging(scope, send)
        if fault is None or fault.status is None:
            await self._app(scope, receive, logged)
            return
        if fault.after:
            await self._app(scope, receive, _unheard)
        await _answer(fault, fault.status, logged)

    def _logging(self, scope: Scope, send: Send) -> Send:
        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode("latin-1")
                date = formatdate(self._hub.clock(), usegmt=True).encode()
                message["headers"] = [*message["headers"], (b"date", date)]
                self._hub.requests.append(Seen(scope["method"], scope["path"], message["status"], query))
            await send(message)

        return logged


def _asks(path: str) -> bool:
    """Whether it is a request of a program, to the APIs or of git; people look at pages."""
    return path.startswith("/api/") or ".git/" in path


async def _unheard(message: Message) -> None:
    """Swallows the answer of a thing that was done, before the fault is told."""


async def _answer(fault: Fault, status: int, send: Send) -> None:
    body = json.dumps(fault.body or {"message": "This failure is scripted", "status": str(status)}).encode()
    headers = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body)), **fault.headers}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
