"""What the benchmarks share: the stand-ins in this process, the real server in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.standin.server import serve
from reviewer.webhook import WEBHOOK_PATH

TOKEN = "bench"
START_WITHIN = 60.0  # seconds


@dataclass
class Server:
    """`reviewer serve` (or another command) with an environment; may be killed and started again on the same port."""

    environment: Mapping[str, str]
    folder: Path
    port: int
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def webhook(self) -> str:
        return self.url + WEBHOOK_PATH

    def start(self) -> None:
        command = [sys.executable, "-m", "reviewer", "serve", "--port", str(self.port), *self.arguments]
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(command, env=self.environment, cwd=self.folder, stderr=log)
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.02)
        raise SystemExit(f"the server did not start; its log is {self.folder / 'server.log'}")

    def stop(self, with_signal: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(with_signal)
            self.process.wait(60)
        self.process = None

    def status(self, job: str) -> str:
        """Where the job stands, "" while the server does not answer."""
        request = urllib.request.Request(f"{self.url}/jobs/{job}", headers={"Authorization": f"Bearer {TOKEN}"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return str(json.load(answer)["status"])
        except OSError:
            return ""

    def memory(self, what: str = "VmHWM") -> float:
        """In MB: VmRSS now, VmHWM at its highest."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(what))


class Trap:
    """Springs at the nth request that the server makes of the stand-ins; whoever waits for that kills the server."""

    def __init__(self) -> None:
        self.what = ""  # the request at which it sprang last
        self.set(0, done=False)

    def set(self, at: int, *, done: bool) -> None:
        """0 for never; `done`: the request is carried out first, but not answered."""
        self.at, self.done, self.seen, self.sprung = at, done, 0, threading.Event()

    def guard(self, app: ASGIApp) -> ASGIApp:
        async def served(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not self.at:
                return await app(scope, receive, send)
            self.seen += 1
            if self.seen != self.at:
                return await app(scope, receive, send)
            if self.done:
                await app(scope, receive, _swallow)
            self.what = f"{scope['method']} {scope['path']}"
            self.sprung.set()
            return await asyncio.sleep(1)  # the server dies meanwhile

        return served


async def _swallow(_message: Message) -> None:
    """An answer that never gets there."""


@dataclass
class Stands:
    hub: StandIn
    model: StandInModel
    server: Server
    trap: Trap
    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(value)


@contextmanager
def stands(folder: Path, model: StandInModel, *, database: str = "", **extra: str) -> Iterator[Stands]:
    """Everything up and running; `extra` are more environment variables of the server."""
    hub, trap = StandIn(folder), Trap()
    hub.app = trap.guard(hub.app)
    with ExitStack() as stack:
        stack.enter_context(hub.serve())
        model_url = stack.enter_context(serve(trap.guard(model.app)))
        environment = {
            **os.environ,
            "GITHUB_APP_ID": str(hub.app_id),
            "GITHUB_PRIVATE_KEY": hub.private_key_pem,
            "GITHUB_WEBHOOK_SECRET": hub.webhook_secret,
            "GITHUB_API_URL": f"{hub.url}/api/v3",
            "OPENAI_API_KEY": "recorded",
            "OPENAI_BASE_URL": f"{model_url}/v1",
            "REVIEWER_DATABASE_URL": database or f"sqlite:///{folder / 'reviewer.db'}",
            "REVIEWER_OPERATOR_TOKEN": TOKEN,
            "LOG_LEVEL": "warning",
            **extra,
        }
        server = Server(environment, folder, free_port())
        server.start()
        stack.callback(server.stop)
        hub.webhook_url = server.webhook
        yield Stands(hub, model, server, trap)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def code(files: int, lines: int, *, seed: str = "") -> dict[str, str]:
    """Ordinary code: so many files of so many lines; another `seed` makes other text."""
    return {f"src/part_{part:04}.py": "".join(_line(part, at, seed) for at in range(lines)) for part in range(files)}


def _line(part: int, at: int, seed: str) -> str:
    if at % 10 == 0:
        return f"def compute_{part}_{at}(left: int, right: int) -> int:  # {seed}\n"
    return f"    value_{at} = combine(left * {part}, right - {at % 7}, key='part-{part}-{at}{seed}')\n"


def finding(path: str, line: int, quote: str, *, severity: str = "medium", title: str = "A finding") -> dict[str, Any]:
    return {
        "path": path,
        "line": line,
        "end_line": None,
        "quote": quote,
        "severity": severity,
        "category": "logic",
        "confidence": 0.9,
        "title": title,
        "body": "It fails for an empty list.",
        "suggestion": None,
    }
