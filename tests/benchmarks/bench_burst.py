"""Measures the webhook's door in a burst, through the real server: `python tests/benchmarks/bench_burst.py`.

Sends 1,000 signed deliveries for different pull requests over 32 connections, kills the server with SIGKILL right
after the last answer, starts it again and counts the jobs. Then the same requests go to a bare Starlette handler, on
uvicorn as well, that makes one WAL insert with synchronous=FULL for each. `--database URL` takes another database for
the server, `--no-worker` measures it without a worker.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from reviewer.standin.github import StandIn
from reviewer.webhook import WEBHOOK_PATH

DELIVERIES, CONNECTIONS = 1_000, 32

BARE = """
import asyncio, sqlite3, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

store = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False)
store.execute("PRAGMA journal_mode=WAL")
store.execute("PRAGMA synchronous=FULL")
store.execute("CREATE TABLE jobs (id TEXT PRIMARY KEY, body BLOB NOT NULL)")

async def take(request):
    body = await request.body()
    store.execute("INSERT INTO jobs VALUES (?, ?)", (request.headers["x-github-delivery"], body))
    return JSONResponse({"job": "x"}, status_code=202)

async def alive(request):
    return JSONResponse({})

app = Starlette(routes=[Route("/api/github/webhooks", take, methods=["POST"]), Route("/healthz", alive)])
uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{url} did not answer")


def requests(secret: str, port: int) -> list[bytes]:
    """Whole HTTP requests: the client's own work is to be small beside the server's."""
    made = []
    for number in range(1, DELIVERIES + 1):
        pull = {"number": number, "draft": False, "head": {"sha": f"{number:040x}"}, "body": "x" * 12_000}
        repository = {"full_name": "octo/bench", "owner": {"login": "octo"}, "name": "bench"}
        payload = {"action": "opened", "number": number, "pull_request": pull, "repository": repository}
        body = json.dumps({**payload, "installation": {"id": 1}, "sender": {"login": "ann", "type": "User"}}).encode()
        head = {
            "Host": f"127.0.0.1:{port}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": f"delivery-{number}",
            "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        }
        lines = [f"POST {WEBHOOK_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        made.append("\r\n".join([*lines, "", ""]).encode() + body)
    return made


async def burst(port: int, sent: list[bytes]) -> tuple[float, list[float], dict[int, int]]:
    """Seconds for all, seconds of each answer, answers by status."""
    took: list[float] = []
    statuses: dict[int, int] = {}
    waiting = iter(sent)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(length)
            took.append(time.perf_counter() - begun)
            status = int(head[9:12])
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return time.perf_counter() - begun, took, statuses


def measure(name: str, port: int, sent: list[bytes], after: Callable[[], None]) -> tuple[float, int]:
    seconds, took, statuses = asyncio.run(burst(port, sent))
    after()
    took.sort()
    p50, p99, most = (took[min(len(took) - 1, int(len(took) * share))] * 1000 for share in (0.5, 0.99, 1))
    rate = len(sent) / seconds
    print(f"{name}: {rate:.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, slowest {most:.1f} ms, answers {statuses}")
    return rate, statuses.get(202, 0)


def serve(hub: StandIn, folder: Path, database: str, *more: str) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    environment = {
        **os.environ,
        "GITHUB_APP_ID": str(hub.app_id),
        "GITHUB_PRIVATE_KEY": hub.private_key_pem,
        "GITHUB_WEBHOOK_SECRET": hub.webhook_secret,
        "GITHUB_API_URL": f"{hub.url}/api/v3",
        "OPENAI_API_KEY": "recorded",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "REVIEWER_DATABASE_URL": database,
        "REVIEWER_OPERATOR_TOKEN": "bench",
        "LOG_LEVEL": "critical",
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-m", "reviewer", "serve", "--port", str(port), *more]
    server = subprocess.Popen(command, env=environment, cwd=folder)
    wait_for(f"http://127.0.0.1:{port}/healthz")
    return server, port


def known(port: int) -> int:
    """How many of the deliveries the server has a job for."""
    count = 0
    for number in range(1, DELIVERIES + 1):
        headers = {"Authorization": "Bearer bench"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/jobs/delivery-{number}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            count += json.load(answer)["job"] == f"delivery-{number}"
    return count


def bare_handler(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", BARE, str(folder / "bare.db"), str(port)])
    wait_for(f"http://127.0.0.1:{port}/healthz")
    return server, port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="", help="of the server; a SQLite file by default")
    parser.add_argument("--no-worker", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hub = StandIn(folder)
        with hub.serve():
            more = ["--no-worker"] if chosen.no_worker else []
            database = chosen.database or f"sqlite:///{folder / 'reviewer.db'}"
            server, port = serve(hub, folder, database, *more)
            time.sleep(2)
            rate, taken = measure("reviewer serve", port, requests(hub.webhook_secret, port), server.kill)
            server.wait()
            server, port = serve(hub, folder, database, "--no-worker")
            print(f"after SIGKILL and a new start: {known(port)} of {taken} jobs")
            server.terminate()
            server.wait()
        server, port = bare_handler(folder)
        bare, _ = measure("bare handler", port, requests("secret", port), server.kill)
        server.wait()
        with sqlite3.connect(folder / "bare.db") as store:
            assert store.execute("SELECT count(*) FROM jobs").fetchone() == (DELIVERIES,)
        print(f"ratio: {rate / bare:.2f}")


if __name__ == "__main__":
    main()
