"""Signed deliveries as GitHub sends them, and an app with only the door and a queue to send them to."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from starlette.applications import Starlette

from reviewer.core.types import Job
from reviewer.webhook import webhook_route

SECRET = "it's a secret"
OPENED = (Path(__file__).parent.parent / "fixtures" / "webhooks" / "pull_request.opened.json").read_bytes()


class Queue:
    """A durable queue with memory: knows its jobs, and can be broken."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.broken: Exception | None = None

    async def enqueue(self, job: Job) -> str:
        if self.broken:
            raise self.broken
        self.jobs.append(job)
        return f"job-{len(self.jobs)}"


def app(queue: Queue, *secrets: str) -> Starlette:
    return Starlette(routes=[webhook_route(secrets=secrets or (SECRET,), enqueue=queue.enqueue)])


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(body: bytes, *, event: str = "pull_request", secret: str = SECRET, **more: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": signature(body, secret),
        **more,
    }


def latin(sent: dict[str, str]) -> dict[bytes, bytes]:
    """Headers with bytes over 127, as they may come over the wire."""
    return {name.encode(): value.encode("latin-1") for name, value in sent.items()}
