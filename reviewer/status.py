"""What the server says about itself: alive, ready, where a job stands, and what is missing before it can work."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from reviewer.door import Door, seconds
from reviewer.webhook import WEBHOOK_PATH

Ready = Callable[[], Awaitable[dict[str, str]]]  # part -> "" or a sentence that says what is missing


@dataclass(frozen=True, slots=True)
class Status:
    """The endpoints' answers. `job` gives a job's status by its id, None for an unknown one."""

    job: Callable[[str], Awaitable[dict[str, Any] | None]]
    ready: Ready
    metrics: Callable[[], Awaitable[tuple[bytes, str]]]  # (text, content type)
    door: Door

    async def healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, _request: Request) -> Response:
        parts = await self.ready()
        missing = {name: sentence for name, sentence in parts.items() if sentence}
        body = {"ready": not missing, "missing": missing}
        return JSONResponse(body, status_code=503 if missing else 200)

    async def show_job(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        status = await self.job(request.path_params["job"])
        if status is None:
            return JSONResponse({"error": "no job of this id"}, status_code=404)
        return JSONResponse(status)

    def _refused(self, request: Request) -> Response | None:
        """None for whoever has the operator token."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        address = request.client.host if request.client else ""
        # Who sends none guesses nothing.
        wait = self.door.refuses(given, address=address, path=request.url.path) if given else 0.0
        if wait is None:
            return None
        if wait:
            sentence, after = f"too many wrong tokens: try again in {seconds(wait)} s", {"Retry-After": seconds(wait)}
            return JSONResponse({"error": sentence}, status_code=429, headers=after)
        sentence = "send the operator token as 'Authorization: Bearer TOKEN' (REVIEWER_OPERATOR_TOKEN)"
        return JSONResponse({"error": sentence}, status_code=401, headers={"WWW-Authenticate": "Bearer"})

    async def show_metrics(self, _request: Request) -> Response:
        text, content_type = await self.metrics()
        return Response(text, headers={"content-type": content_type})

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.show_metrics),
            Route("/jobs/{job}", self.show_job),
        ]


def setup_routes(missing: tuple[str, ...]) -> list[Route]:
    """A server without credentials: it lives, is not ready, takes no deliveries, and says what it needs."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        return JSONResponse(
            {"ready": False, "missing": {name: f"{name} is not set" for name in missing}}, status_code=503
        )

    async def refuse(_request: Request) -> Response:
        sentence = f"this server is not set up yet: set {', '.join(missing)} and start it again"
        return JSONResponse({"error": sentence}, status_code=503, headers={"Retry-After": "60"})

    async def setup(_request: Request) -> Response:
        return HTMLResponse(_setup_page(missing))

    async def home(_request: Request) -> Response:
        return RedirectResponse("/setup")

    return [
        Route("/", home),
        Route("/setup", setup),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route(WEBHOOK_PATH, refuse, methods=["POST"]),
    ]


def _setup_page(missing: tuple[str, ...]) -> str:
    rows = "".join(f"<li><code>{html.escape(name)}</code></li>" for name in missing)
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Set up reviewer</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1rem}}
code{{background:#8882;padding:.1em .3em;border-radius:.3em}}</style>
<h1>Set up reviewer</h1>
<p>This server has no credentials of a GitHub App yet. It is missing:</p><ul>{rows}</ul>
<ol><li>Register a GitHub App (Settings, Developer settings, GitHub Apps) with the permissions and events of
<code>app.yml</code> and the webhook address <code>https://YOUR-HOST{WEBHOOK_PATH}</code>.</li>
<li>Put the missing variables into the environment or into a file <code>.env</code> beside the server.</li>
<li>Start <code>reviewer serve</code> again and install the App on a repository.</li></ol></html>"""
