"""Serves the repositories to `git fetch` over HTTP, to whoever has an installation's token as the password."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reviewer.standin.access import admit
from reviewer.standin.calls import Call, Endpoint, Refusal, not_found
from reviewer.standin.repository import GitFailed, GitRepository
from reviewer.standin.state import State

# As GitHub serves: any commit by its id, and packs without the files' contents.
_SERVES = ("uploadpack.allowFilter=true", "uploadpack.allowAnySHA1InWant=true", "gc.auto=0")
_SERVICE = "git-upload-pack"
_NO_CACHE = {"cache-control": "no-cache, max-age=0, must-revalidate"}
_PROTOCOL = re.compile(r"version=[0-9]")


def _unused(call: Call) -> Response:  # noqa: ARG001 - what an endpoint is called with
    raise not_found()


_ACCESS = Endpoint("GET", "/{owner}/{repo}.git", _unused, needs="contents:read")

Answering = Callable[[GitRepository, Request, bytes], Response]


def routes(hub: State) -> list[BaseRoute]:
    """The two addresses that a fetch asks."""
    base = "/{owner}/{repo}.git"
    return [
        Route(f"{base}/info/refs", _guarded(hub, _advertise), methods=["GET"]),
        Route(f"{base}/{_SERVICE}", _guarded(hub, _pack), methods=["POST"]),
    ]


def _guarded(hub: State, answering: Answering) -> Callable[[Request], object]:
    async def handle(request: Request) -> Response:
        raw = await request.body()

        def work() -> Response:
            try:
                return answering(_repository(hub, request), request, raw)
            except Refusal as refusal:
                challenge = {"www-authenticate": 'Basic realm="GitHub"'} if refusal.status == 401 else {}
                return Response(str(refusal), refusal.status, challenge, "text/plain")

        return await run_in_threadpool(work)

    return handle


def _repository(hub: State, request: Request) -> GitRepository:
    token = admit(hub, _ACCESS, f"token {_password(request.headers.get('authorization', ''))}")
    params = {name: str(value) for name, value in request.path_params.items()}
    return Call(hub, request.url.path, params, {}, "", token=token).repository().git


def _password(authorization: str) -> str:
    """The token in `Basic base64(x-access-token:TOKEN)`, "" where there is none."""
    scheme, _, credential = authorization.partition(" ")
    try:
        user, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password if (scheme.lower(), user) == ("basic", "x-access-token") else ""


def _advertise(git: GitRepository, request: Request, raw: bytes) -> Response:  # noqa: ARG001 - a GET has no body
    if request.query_params.get("service") != _SERVICE:
        raise Refusal(403, "Only fetches are served here")
    told = _upload_pack(git, request, "--advertise-refs")
    head = b"" if told[4:].startswith(b"version 2") else b"001e# service=git-upload-pack\n0000"
    return Response(head + told, 200, _NO_CACHE, f"application/x-{_SERVICE}-advertisement")


def _pack(git: GitRepository, request: Request, raw: bytes) -> Response:
    asked = gzip.decompress(raw) if request.headers.get("content-encoding") == "gzip" else raw
    return Response(_upload_pack(git, request, stdin=asked), 200, _NO_CACHE, f"application/x-{_SERVICE}-result")


def _upload_pack(git: GitRepository, request: Request, *arguments: str, stdin: bytes = b"") -> bytes:
    asked = request.headers.get("git-protocol", "")
    settings = [word for each in _SERVES for word in ("-c", each)]
    command = (*settings, "upload-pack", "--stateless-rpc", *arguments, str(git.folder))
    try:
        return git.run(*command, stdin=stdin, protocol=asked if _PROTOCOL.fullmatch(asked) else "")
    except GitFailed as failed:
        return failed.printed  # it told the client why
