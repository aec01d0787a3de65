"""A small forge with one pull request, and a client that speaks to it as the App and as its installation."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import jwt
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from reviewer.standin import events, webhooks
from reviewer.standin.github import StandIn
from reviewer.standin.records import Installation
from reviewer.standin.repository import Blob, Content, GitRepository
from reviewer.standin.server import serve
from reviewer.standin.state import make_key

BASE: dict[str, Content] = {
    "app.py": "def total(items):\n    return sum(items)\n\n\ndef mean(items):\n    return total(items) / len(items)\n",
    "docs/guide.md": "# Guide\n",
    "logo.png": b"\x89PNG\0\1",
    "old name.txt": "the same\n" * 5,
    "link": Blob(b"app.py", "120000"),
    "vendor": Blob(b"1" * 40, "160000"),
}
HEAD: dict[str, Content] = {
    "app.py": "def total(items):\n    items = list(items)\n    return sum(items[1:])\n\n\ndef mean(items):\n"
    "    return total(items) / len(items)\n",
    "logo.png": b"\x89PNG\0\2",
    "old name.txt": None,
    "new name.txt": "the same\n" * 5,
}


@cache
def key() -> str:
    """One RSA key for all tests of this process: making one is slow."""
    return make_key()


@cache
def history() -> Path:
    """The repository that each forge starts with, made once: git is a process for each step."""
    folder = Path(tempfile.mkdtemp(prefix="standin-")) / "demo.git"
    atexit.register(shutil.rmtree, folder.parent)
    git = GitRepository.create(folder)
    git.commit(BASE, message="Start")
    git.commit(HEAD, branch="feature", message="Change")
    return folder


@dataclass
class Client:
    """Asks the stand-in over HTTP."""

    hub: StandIn
    http: httpx2.Client
    token: str = ""

    def jwt(self, **claims: Any) -> str:
        now = int(self.hub.clock())
        return jwt.encode({"iss": str(self.hub.app_id), "iat": now - 60, "exp": now + 540, **claims}, key(), "RS256")

    def new_token(self, **narrowing: Any) -> httpx2.Response:
        installation = self.hub.install("octo")
        path = f"/app/installations/{installation.id}/access_tokens"
        return self.call("POST", path, body=narrowing, app=True)

    def call(
        self, method: str, path: str, *, body: Any = None, app: bool = False, accept: str = "", token: str | None = None
    ) -> httpx2.Response:
        """`path` under `/api/v3`; as the installation, or as the App itself."""
        if not app and token is None and not self.token:
            self.token = self.new_token().json()["token"]
        credential = self.jwt() if app else self.token if token is None else token
        headers = {"authorization": f"Bearer {credential}", "accept": accept or "application/vnd.github+json"}
        return self.http.request(method, f"{self.hub.url}/api/v3{path}", json=body, headers=headers)

    def graphql(self, query: str, **variables: Any) -> Any:
        self.token = self.token or self.new_token().json()["token"]
        headers = {"authorization": f"bearer {self.token}"}
        body = {"query": query, "variables": variables}
        return self.http.post(f"{self.hub.url}/api/graphql", json=body, headers=headers).json()


@dataclass
class Forge:
    """The stand-in with `octo/demo` and its pull request 1, served on loopback."""

    state: StandIn
    client: Client
    base: str
    head: str
    opened: events.Event

    @property
    def installation(self) -> Installation:
        return self.state.install("octo")

    def blob(self, path: str) -> str:
        (entry,) = self.state.repository("octo/demo").git.tree(self.head, path)
        return entry.sha

    def deliver_opened(self) -> None:
        webhooks.deliver(self.state, self.opened, "http://127.0.0.1:9/")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class _Switch:
    """One server for the whole process, in front of the forge of the running test: stopping one takes 0.2 s."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (Starlette() if scope["type"] == "lifespan" else self.app)(scope, receive, send)

    @contextmanager
    def showing(self, app: ASGIApp) -> Iterator[str]:
        """The base URL under which `app` answers; a forge that was there before is there again after it."""
        before, self.app = self.app, app
        try:
            yield _address()
        finally:
            self.app = before


_SWITCH = _Switch()


@cache
def _address() -> str:
    running = ExitStack()
    atexit.register(running.close)
    return running.enter_context(serve(_SWITCH))


@cache
def _http() -> httpx2.Client:
    """One client for the whole process: making one reads all certificates."""
    client = httpx2.Client(trust_env=False)
    atexit.register(client.close)
    return client


@contextmanager
def forge(root: Path, clock: Clock | None = None) -> Iterator[Forge]:
    hub = StandIn(root, clock or Clock(), private_key_pem=key())
    shutil.copytree(history(), root / "octo" / "demo.git")
    git = GitRepository(root / "octo" / "demo.git")
    hub.add_repository("octo/demo", git, roles={"ann": "maintain", "bob": "triage"})
    base, head = git.resolve("main"), git.resolve("feature")
    assert base
    assert head
    with _SWITCH.showing(hub.app) as hub.url:
        opened = events.open_pull(hub, "octo/demo", head="feature", title="Sum all but the first", user="ann")
        yield Forge(hub, Client(hub, _http()), base, head, opened)
