"""What the server says about itself: alive, ready, where a job stands, and what is missing before it can work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
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
    warnings: Callable[[], Sequence[Mapping[str, str]]] = tuple  # what is not well and keeps nothing from working

    async def healthz(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, _request: Request) -> Response:
        parts = await self.ready()
        missing = {name: sentence for name, sentence in parts.items() if sentence}
        body = {"ready": not missing, "missing": missing, "warnings": list(self.warnings())}
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


def waiting_routes(missing: Callable[[], tuple[str, ...]], trouble: Callable[[], str]) -> list[Route]:
    """A server without credentials: it lives, is not ready, takes no deliveries, and says what it needs."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        parts = {name: f"{name} is not set" for name in missing()} or {"server": trouble() or "it is being started"}
        return JSONResponse({"ready": False, "missing": parts}, status_code=503)

    async def refuse(_request: Request) -> Response:
        sentence = "this server is not set up yet: open the address that it printed when it was started"
        return JSONResponse({"error": sentence}, status_code=503, headers={"Retry-After": "60"})

    async def home(_request: Request) -> Response:
        return RedirectResponse("/setup")

    return [
        Route("/", home),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route(WEBHOOK_PATH, refuse, methods=["POST"]),
    ]
