"""The page's door: who has the token or a session sees it, everybody else a form that takes the token."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from reviewer.core.errors import OutsideError
from reviewer.core.health import Check
from reviewer.core.quality import Level
from reviewer.door import Door, seconds
from reviewer.page import keys, views
from reviewer.page.session import HOURS, InMemory, Sessions, SignedOut
from reviewer.ports import Account
from reviewer.ports.keys import RefusedKey
from reviewer.ports.overview import Books, Queue
from reviewer.ports.rates import ModelRates
from reviewer.rendering import LOOK, Templates, from_elsewhere

COOKIE = "reviewer_session"
REFRESH = 30  # seconds; the page says how to stop it
LARGEST = 8_192  # bytes of the form

_TEMPLATES = Templates(Path(__file__).parent, LOOK)


async def _unmeasured() -> Sequence[Level]:
    return ()


class Page:
    """`queue` and `books` are for a thread; each of the first four looks may raise OutsideError, which the page then
    says. `refused` and `rates` are what this process knows of the keys. `signed_out` is what all servers share of the
    sessions; without it, there is one server.
    """

    def __init__(
        self,
        *,
        door: Door,
        api_url: str,
        queue: Callable[[], Queue],
        books: Callable[[], Books],
        accounts: Callable[[], Awaitable[Sequence[Account]]],
        quality: Callable[[], Awaitable[Sequence[Level]]] = _unmeasured,
        refused: Callable[[], Sequence[RefusedKey]] = tuple,
        rates: Callable[[], Sequence[ModelRates]] = tuple,
        health: Callable[[], Sequence[Check]] = tuple,
        signed_out: SignedOut | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._door, self._sessions = door, Sessions(door.token, now, signed_out or InMemory())
        self._refused_keys, self._rates, self._health = refused, rates, health
        self._queue, self._books, self._accounts, self._quality = queue, books, accounts, quality
        self._web, self._now = views.web_address(api_url), now

    def routes(self) -> list[Route]:
        return [
            Route("/", self.show),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        try:
            return await self._shown(request)
        except OutsideError as error:
            return _html("page.html", {"broken": str(error), "still": False}, status=503)

    async def _shown(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if given.startswith("Bearer "):
            if refused := self._refused(request, given.removeprefix("Bearer ")):
                return refused
        elif not await self._sessions.holds(request.cookies.get(COOKIE, "")):
            # A link from elsewhere comes without the cookie, which is kept for ourselves: asked again from here, the
            # browser sends it.
            again = request.headers.get("sec-fetch-site") == "cross-site"
            return _form("", status=401, again=again)
        shown = await self._looked()
        return _html("page.html", {**shown, "broken": "", "still": "still" in request.query_params})

    async def warm(self) -> None:
        """Look once, so that nobody waits for what is added up only at the first time: a tenth of a second."""
        with suppress(OutsideError):
            _html("page.html", {**await self._looked(), "broken": "", "still": False})

    async def _looked(self) -> dict[str, Any]:
        looked = asyncio.to_thread(self._queue), asyncio.to_thread(self._books), self._accounts(), self._quality()
        queue, books, accounts, levels = await asyncio.gather(*looked)
        now = self._now()
        shown = views.page(queue, books, accounts, levels, now=now, web=self._web)
        return {**shown, "health": self._health(), "keys": keys.rows(self._refused_keys(), self._rates(), now)}

    async def sign_in(self, request: Request) -> Response:
        if from_elsewhere(request.headers):
            return _form("Sign in on this page itself.", status=403)
        if refused := self._refused(request, await _token(request)):
            return refused
        response = RedirectResponse("/", status_code=303)
        origin = request.headers.get("origin", "")  # behind a proxy that ends TLS only the browser knows of it
        response.set_cookie(
            COOKIE,
            await self._sessions.begin(),
            max_age=HOURS * 3_600,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https" or origin.startswith("https:"),
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        if from_elsewhere(request.headers):
            return _form("Sign out on this page itself.", status=403)
        try:
            await self._sessions.end(request.cookies.get(COOKIE, ""))
        except OutsideError as error:  # the cookie stays, so that it can be tried again
            return _form(f"You are still signed in: {error}. Sign out again later.", status=503)
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return response

    def _refused(self, request: Request, token: str) -> Response | None:
        """The answer to a wrong token, or to one guess too many; None for the right one."""
        address = request.client.host if request.client else ""
        wait = self._door.refuses(token, address=address, path=request.url.path)
        if wait is None:
            return None
        if not wait:
            return _form("This is not the operator token.", status=401)
        response = _form(f"Too many wrong tokens: try again in {seconds(wait)} s.", status=429)
        response.headers["retry-after"] = seconds(wait)
        return response


async def _token(request: Request) -> str:
    """What the form holds, "" for a body that is none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return ""
    found = parse_qs(body.decode("ascii", "replace"), max_num_fields=4) if body.count(b"&") < 4 else {}
    return found.get("token", [""])[0].strip()


def _form(said: str, *, status: int, again: bool = False) -> Response:
    return _html("sign_in.html", {"said": said, "again": again}, status=status)


def _html(name: str, values: dict[str, Any], *, status: int = 200) -> Response:
    response = _TEMPLATES.page(name, {"refresh": REFRESH, **values}, status=status)
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response
