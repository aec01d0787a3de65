"""A stand-in GitHub on loopback: REST, GraphQL and pages over real git, for `reviewer demo` and the tests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from reviewer.standin import (
    graphql,
    page,
    routes_app,
    routes_checks,
    routes_git,
    routes_manifests,
    routes_people,
    routes_pulls,
    routes_talk,
    upload_pack,
)
from reviewer.standin.access import admit, count_write
from reviewer.standin.calls import Call, Endpoint, Refusal, answer, not_found
from reviewer.standin.door import Door
from reviewer.standin.server import serve
from reviewer.standin.state import State

# The first that matches is taken: `commits/{ref}/check-runs` comes before `commits/{ref}`.
REST = (
    *routes_app.ENDPOINTS,
    *routes_manifests.ENDPOINTS,
    *routes_pulls.ENDPOINTS,
    *routes_talk.ENDPOINTS,
    *routes_checks.ENDPOINTS,
    *routes_git.ENDPOINTS,
)
_READS = {"GET", "HEAD"}


class StandIn(State):
    """The forge: its memory, and the app that serves it."""

    def __init__(self, root: Path, clock: Callable[[], float] = time.time, *, private_key_pem: str = "") -> None:
        super().__init__(root, clock, private_key_pem=private_key_pem)
        self.app: ASGIApp = Door(self, Starlette(routes=_routes(self), exception_handlers={404: _no_route}))

    @contextmanager
    def serve(self, *, port: int = 0) -> Iterator[str]:
        """Serve on loopback; gives the base URL, below which lie `/api/v3`, `/api/graphql` and the pages."""
        with serve(self.app, port=port) as url:
            self.url = url
            yield url


def _routes(hub: State) -> list[BaseRoute]:
    rest = [_route(hub, endpoint, prefix="/api/v3") for endpoint in REST]
    return [
        *rest,
        _route(hub, graphql.ENDPOINT, prefix="/api"),
        *upload_pack.routes(hub),
        *routes_manifests.routes(hub),
        *routes_people.routes(hub),
        _route(hub, page.ENDPOINT, prefix=""),
    ]


def _route(hub: State, endpoint: Endpoint, *, prefix: str) -> Route:
    async def handle(request: Request) -> Response:
        raw = await request.body()
        lock = hub.lock if endpoint.alone and request.method not in _READS else nullcontext()

        def work() -> Response:
            with lock:
                return _guarded(hub, endpoint, request, raw)

        return await run_in_threadpool(work)

    return Route(prefix + endpoint.path, handle, methods=[endpoint.method])


def _guarded(hub: State, endpoint: Endpoint, request: Request, raw: bytes) -> Response:
    """The handler's answer, or its refusal; a client that has it already hears 304."""
    try:
        token = admit(hub, endpoint, request.headers.get("authorization", ""))
        if token and endpoint.creates_content:
            count_write(hub, token.installation)
        call = Call(
            hub=hub,
            path=request.url.path,
            params=request.path_params,
            query=request.query_params,
            accept=request.headers.get("accept", ""),
            body=_parse(raw) if endpoint.method not in _READS else {},
            token=token,
        )
        response = endpoint.handler(call)
    except Refusal as refusal:
        response = answer(refusal.body, refusal.status, refusal.headers)
    etag = response.headers.get("etag", "")
    if response.status_code == 200 and etag and etag == request.headers.get("if-none-match"):
        response = Response(status_code=304, headers={"etag": etag})
    response.headers.update(_budget(hub))
    return response


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise Refusal(400, "Problems parsing JSON") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Body should be a JSON object")
    return body


def _budget(hub: State) -> dict[str, str]:
    limit = hub.limits.requests
    used = min(len(hub.requests) + 1, limit)
    reset = int(hub.clock()) // 3_600 * 3_600 + 3_600
    figures = {"limit": limit, "remaining": limit - used, "used": used, "reset": reset}
    headers = {f"x-ratelimit-{name}": str(figure) for name, figure in figures.items()}
    return {**headers, "x-ratelimit-resource": "core", "x-github-request-id": f"STAND:{len(hub.requests)}"}


async def _no_route(_request: Request, _error: HTTPException | Exception) -> Response:
    refusal = not_found()
    return answer(refusal.body, refusal.status)
