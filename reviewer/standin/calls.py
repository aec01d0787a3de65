"""One request as the stand-in's handlers see it: who asks, what for, and how an answer or a refusal is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.responses import Response

from reviewer.standin.records import Pull, Repository, Token
from reviewer.standin.state import State

DOCS = "https://docs.github.com/rest"


class Refusal(Exception):
    """What GitHub says no to, with its status and its body."""

    def __init__(
        self, status: int, message: str, *, errors: Sequence[Any] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, Any] = {"message": message, "documentation_url": DOCS, "status": str(status)}
        if errors:
            self.body["errors"] = list(errors)


def not_found() -> Refusal:
    """Also for what a token may not see: GitHub does not say which."""
    return Refusal(404, "Not Found")


def invalid(resource: str, name: str, message: str = "", *, code: str = "custom") -> Refusal:
    """422 in the form that names the field."""
    error = {"resource": resource, "field": name, "code": code}
    return Refusal(422, "Validation Failed", errors=[{**error, "message": message} if message else error])


def refuse_locked(pull: Pull) -> None:
    if pull.locked:
        raise Refusal(403, "Unable to create comment because issue is locked.")


@dataclass(frozen=True)
class Call:
    """A request that was let in. `token` None: the App itself (by its JWT), or nobody where that is allowed."""

    hub: State
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    accept: str
    body: dict[str, Any] = field(default_factory=dict)
    token: Token | None = None

    def repository(self) -> Repository:
        found = self.hub.repositories.get(f"{self.params['owner']}/{self.params['repo']}".lower())
        if found is None or (self.token and not self.token.covers(found.full_name)):
            raise not_found()
        return found

    def pull(self) -> Pull:
        """The pull request that `pull_number` or `issue_number` names."""
        number = self.params.get("pull_number") or self.params.get("issue_number") or ""
        found = self.repository().pulls.get(int(number) if number.isdecimal() else 0)
        if found is None:
            raise not_found()
        return found

    def unlocked_pull(self) -> Pull:
        """The same, to say something there; a locked conversation refuses that."""
        found = self.pull()
        refuse_locked(found)
        return found

    def number(self, name: str) -> int:
        if not self.params[name].isdecimal():
            raise not_found()
        return int(self.params[name])

    def whole(self, name: str, default: int) -> int:
        """A number from 1 in the query."""
        text = self.query.get(name)
        return max(int(text), 1) if text and text.isdecimal() else default

    def wants(self, kind: str) -> bool:
        """Whether the Accept header asks for this media type: `diff`, `raw`, …"""
        return f"application/vnd.github.{kind}" in self.accept or f"application/vnd.github.v3.{kind}" in self.accept


Handler = Callable[[Call], Response]


@dataclass(frozen=True)
class Endpoint:
    """A route: who may call it, and which permission an installation needs for it."""

    method: str
    path: str
    handler: Handler
    who: Literal["installation", "app", "anyone"] = "installation"
    needs: str = ""  # "pull_requests:write"
    alone: bool = True  # a write waits for the other writes; not one that itself waits for a server

    @property
    def creates_content(self) -> bool:
        """Whether GitHub counts it so: what people are notified of. Checks only cost points."""
        writes = self.who == "installation" and self.method not in {"GET", "HEAD"}
        return writes and self.path.startswith("/repos/") and "/check-runs" not in self.path


def answer(shape: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401 - any JSON
    """JSON with the headers that decide how a client may cache it."""
    content = json.dumps(shape, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, {**(headers or {}), **cache_headers(content)}, "application/json; charset=utf-8")


def cache_headers(content: bytes) -> dict[str, str]:
    return {
        "cache-control": "private, max-age=60, s-maxage=60",
        "vary": "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With",
        "etag": f'W/"{hashlib.sha256(content).hexdigest()}"',
    }


def paged(call: Call, items: Sequence[Any], shape: Callable[[Any], Any], *, under: str = "") -> Response:
    """One page of a list with its Link header; `under` names the key that holds the list beside `total_count`."""
    size = min(call.whole("per_page", 30), 100)
    page = call.whole("page", 1)
    last = max(-(-len(items) // size), 1)
    wanted = {"first": 1, "prev": page - 1} if page > 1 else {}
    wanted |= {"next": page + 1, "last": last} if page < last else {}
    rest = {key: value for key, value in call.query.items() if key != "page"}
    links = (
        f'<{call.hub.url}{call.path}?{urlencode({**rest, "page": number})}>; rel="{name}"'
        for name, number in wanted.items()
    )
    shown = [shape(item) for item in items[(page - 1) * size : page * size]]
    headers = {"link": ", ".join(links)} if wanted else {}
    return answer({"total_count": len(items), under: shown} if under else shown, headers=headers)
