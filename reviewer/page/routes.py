"""The page's door: who has the token or a session sees it, everybody else a form that takes the token."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from reviewer.core.errors import OutsideError
from reviewer.core.quality import Level
from reviewer.door import Door, seconds
from reviewer.page import keys, views
from reviewer.page.session import HOURS, Sessions
from reviewer.ports import Account
from reviewer.ports.keys import RefusedKey
from reviewer.ports.overview import Books, Queue
from reviewer.ports.rates import ModelRates

COOKIE = "reviewer_session"
REFRESH = 30  # seconds; the page says how to stop it
LARGEST = 8_192  # bytes of the form


async def _unmeasured() -> Sequence[Level]:
    return ()


class Page:
    """`queue` and `books` are for a thread; each of the first four looks may raise OutsideError, which the page then
    says. `refused` and `rates` are what this process knows of the keys.
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
        now: Callable[[], float] = time.time,
    ) -> None:
        self._door, self._sessions = door, Sessions(now)
        self._refused_keys, self._rates = refused, rates
        self._queue, self._books, self._accounts, self._quality = queue, books, accounts, quality
        self._web, self._now = views.web_address(api_url), now

    def routes(self) -> list[Route]:
        return [
            Route("/", self.show),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if given.startswith("Bearer "):
            if refused := self._refused(request, given.removeprefix("Bearer ")):
                return refused
        elif not self._sessions.holds(request.cookies.get(COOKIE, "")):
            # A link from elsewhere comes without the cookie, which is kept for ourselves: asked again from here, the
            # browser sends it.
            again = request.headers.get("sec-fetch-site") == "cross-site"
            return _form("", status=401, again=again)
        try:
            shown = await self._looked()
        except OutsideError as error:
            return _html("page.html", {"broken": str(error), "still": False}, status=503)
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
        return {**shown, "keys": keys.rows(self._refused_keys(), self._rates(), now)}

    async def sign_in(self, request: Request) -> Response:
        if _from_elsewhere(request):
            return _form("Sign in on this page itself.", status=403)
        if refused := self._refused(request, await _token(request)):
            return refused
        response = RedirectResponse("/", status_code=303)
        origin = request.headers.get("origin", "")  # behind a proxy that ends TLS only the browser knows of it
        response.set_cookie(
            COOKIE,
            self._sessions.begin(),
            max_age=HOURS * 3_600,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https" or origin.startswith("https:"),
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        if _from_elsewhere(request):
            return _form("Sign out on this page itself.", status=403)
        self._sessions.end(request.cookies.get(COOKIE, ""))
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


def _from_elsewhere(request: Request) -> bool:
    return request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}


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
    environment, css, policy = _made()
    html = environment.get_template(name).render(css=css, refresh=REFRESH, **values)
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
    }
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return HTMLResponse(html, status_code=status, headers=headers)


@cache
def _made() -> tuple[Environment, Markup, str]:
    """The templates, the style sheet, and the policy that lets in nothing but this one sheet."""
    folder = Path(__file__).parent
    css = (folder / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'self'"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment, Markup(css), f"{policy}; frame-ancestors 'none'"  # noqa: S704 - our own file
