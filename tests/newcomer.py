"""A newcomer's browser at a server that is not set up, with the server, its vault and GitHub as fakes with a memory."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.testclient import TestClient

from reviewer import resources
from reviewer.core.errors import Gone, OutsideError, UsageError
from reviewer.ports.registering import KeptAlready, Registered
from reviewer.setup import Kit, Setup

TOKEN, WEB = "a-token-of-this-start", "https://github.com"
APP = Registered("77", "reviewer", f"{WEB}/apps/reviewer", "-----PEM-----", "hush-hush-hush")
BASE = "https://reviewer.acme.dev"


@dataclass
class Vault:
    place: str = "/srv/.env"
    kept: dict[str, str] = field(default_factory=dict)
    broken: str = ""

    def check(self) -> None:
        if self.broken:
            raise UsageError(self.broken)

    def keep(self, values: Mapping[str, str], *, unless: Collection[str] = ()) -> None:
        self.check()
        if there := [name for name in unless if name in self.kept]:
            raise KeptAlready(f"{there[0]} is kept already.")
        self.kept |= values


@dataclass
class Server:
    """As it would go on with what was set."""

    has: dict[str, str] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)
    running: bool = False
    trouble: str = ""
    broken: str = ""
    model: Exception | None = None
    tried: list[Mapping[str, str]] = field(default_factory=list)
    started: int = 0
    given: dict[str, str] = field(default_factory=dict)

    NEEDED = ("GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET")

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.NEEDED if name not in self.has)

    @property
    def present(self) -> tuple[str, ...]:
        return tuple(name for name in self.NEEDED if name in self.has)

    @property
    def has_model(self) -> bool:
        return "OPENAI_API_KEY" in self.has

    def set_outside(self, *names: str) -> tuple[str, ...]:
        return tuple(name for name in names if name in self.outside)

    def check(self) -> None:
        if self.broken:
            raise OutsideError(self.broken)

    async def go_on(self, values: Mapping[str, str]) -> None:
        self.given = dict(values)
        self.has |= values
        if self.broken:
            self.trouble = self.broken
            raise OutsideError(self.broken)
        self.running, self.started = True, self.started + 1

    async def try_model(self, values: Mapping[str, str]) -> float:
        self.tried.append(values)
        if self.model:
            raise self.model
        return 0.2


@dataclass
class GitHub:
    """Gives APP for any code once."""

    fails: list[Exception] = field(default_factory=list)
    app: Registered = APP
    codes: list[str] = field(default_factory=list)

    async def register(self, code: str) -> Registered:
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop(0)
        if code in self.codes:
            raise Gone("GitHub answers 404 to POST /app-manifests/CODE/conversions", status=404)
        self.codes.append(code)
        return self.app


class Person:
    """A browser at a server that is not set up."""

    def __init__(self, **kit: Any) -> None:
        self.vault, self.server, self.github, self.now = Vault(), Server(), GitHub(), 1_000.0
        self.hidden: list[str] = []
        usual: dict[str, Any] = {
            "token": TOKEN,
            "web": WEB,
            "app": resources.app_manifest(),
            "vault": self.vault,
            "register": self.github.register,
            "server": self.server,
            "hide": lambda secret, _whose: self.hidden.append(secret),
            "now": lambda: self.now,
        }
        self.app = Starlette(routes=Setup(Kit(**usual | kit)).routes())
        self.http = TestClient(self.app, base_url=BASE, follow_redirects=False)

    def get(self, path: str = "/setup", **headers: str) -> httpx2.Response:
        return self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, step: str, **fields: str) -> httpx2.Response:
        return self.http.post("/setup", data={"step": step, **fields})

    def enters(self) -> Person:
        assert self.get(f"/setup?token={TOKEN}").status_code == 303
        return self

    def offered(self) -> tuple[str, dict[str, Any]]:
        """Where the form goes, and the manifest in it."""
        page = self.get().text
        (action,) = re.findall(r'action="(https?:[^"]+)"', page)
        (manifest,) = re.findall(r'name="manifest" value="([^"]*)"', page)
        return html.unescape(action), json.loads(html.unescape(manifest))

    def state(self) -> str:
        return parse_qs(urlsplit(self.offered()[0]).query)["state"][0]

    def comes_back(self, code: str = "c0de", *, state: str = "") -> httpx2.Response:
        return self.get(f"/setup/callback?code={code}&state={state or self.state()}")


def said(answer: httpx2.Response) -> str:
    """What an answer says as wrong."""
    return html.unescape(" ".join(re.findall(r'role="alert">(.*?)</p>', answer.text)))
