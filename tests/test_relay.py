"""Webhooks by a channel: the bytes that GitHub signed come out of it, and a broken channel is called again."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from reviewer.core.types import Job
from reviewer.relay import Relay, delivery_in
from reviewer.standin.server import serve
from reviewer.webhook import webhook_route

SECRET = "s3cret"
PAYLOAD = {
    "action": "opened",
    "number": 1,
    "installation": {"id": 5},
    "repository": {"id": 6, "full_name": "octo/hello", "default_branch": "main", "owner": {"login": "octo"}},
    "pull_request": {
        "number": 1,
        "title": 'Größe → "größer"\n\u2028</b> 😀',
        "draft": False,
        "head": {"sha": "a" * 40},
    },
    "sender": {"login": "ann", "type": "User"},
}


def event(body: Any = None, secret: str = SECRET, **more: Any) -> dict[str, Any]:
    """As smee.io sends it: GitHub signs compact JSON in UTF-8."""
    body = PAYLOAD if body is None else body
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "host": "smee.io",
        "content-type": "application/json",
        "content-length": "1",
        "x-github-event": "pull_request",
        "x-github-delivery": "d-1",
        "x-hub-signature-256": f"sha256={hmac.digest(secret.encode(), raw, 'sha256').hex()}",
    }
    return {**headers, "body": body, "query": {}, "timestamp": 1, **more}


class Channel:
    """A channel that sends each of its connections a list of lines, and then ends it; an int is a status instead."""

    def __init__(self, *connections: list[str] | int) -> None:
        self.left = list(connections)
        self.asked: list[dict[str, str]] = []
        self.app = Starlette(routes=[Route("/abc", self.listen)])

    async def listen(self, request: Request) -> Response:
        self.asked.append(dict(request.headers))
        lines = self.left.pop(0) if self.left else 404
        if isinstance(lines, int):
            return Response(status_code=lines)

        async def told() -> AsyncIterator[str]:
            for line in lines:
                yield line

        return StreamingResponse(told(), media_type="text/event-stream")


def sent(*events: dict[str, Any], first: int = 0) -> list[str]:
    hello = [f"id: {first}\nevent: ready\ndata: {{}}\n\n"]
    return hello + [
        f"id: {first + at}\ndata: {json.dumps(each, ensure_ascii=False)}\n\n" for at, each in enumerate(events, 1)
    ]


def relayed(channel: Channel, *, naps: int) -> tuple[list[Job], list[float]]:
    """The jobs that came of it, and the pauses, of which the last one ends it."""
    jobs: list[Job] = []
    slept: list[float] = []

    async def enqueue(job: Job) -> str:
        jobs.append(job)
        return "id"

    async def nap(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) >= naps:
            raise asyncio.CancelledError

    with serve(channel.app) as url:
        door = webhook_route(secrets=[SECRET], enqueue=enqueue)
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(Relay(f"{url}/abc", door.app, sleep=nap).forever())
    return jobs, slept


def test_a_delivery_reaches_our_own_door() -> None:
    """With its signature, over the bytes as GitHub wrote them; where the channel had ended, it is called again."""
    channel = Channel(sent(event()), sent(event(**{"x-github-delivery": "d-2"}), first=7))
    jobs, naps = relayed(channel, naps=3)
    assert [job.delivery for job in jobs] == ["d-1", "d-2"]
    assert naps == [1.0, 1.0, 2.0]
    assert [each["accept"] for each in channel.asked] == ["text/event-stream"] * 3
    assert [each.get("last-event-id") for each in channel.asked] == [None, "1", "8"]


def test_what_is_not_from_github_is_refused_and_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Anybody may write into a channel; what is no delivery harms nothing."""
    wrong = [event(secret="another"), event(secret="another"), {"no": "body"}, event()]
    channel = Channel([*sent(*wrong), "data: {\n\n", "event: ping\ndata: {}\n\n"])
    jobs, _ = relayed(channel, naps=1)
    assert len(jobs) == 1
    told = capsys.readouterr().out
    assert told.count("relay.refused") == 1
    assert "the signature does not match" in told
    assert told.count("relay.not_a_delivery") == 2


@pytest.mark.parametrize(
    "odd",
    [
        'data: {"body": {}, "x-github-中": "x"}',
        'data: {"body": {}, "x-github-\\n": "x"}',
        'data: {"bodyB": "", "content-type": "中"}',
        'data: {"bodyB": "", "content-type": "a\\nb"}',
        "id: 中\ndata: {}",
        f"retry: {'9' * 400}",
        f'data: {{"body": {"[" * 5_000}{"]" * 5_000}}}',
    ],
)
def test_no_event_ends_the_relay(odd: str) -> None:
    """What follows is taken, and the channel is called again."""
    jobs, _ = relayed(Channel([f"{odd}\n\n", *sent(event(), first=3)], 404), naps=2)
    assert [job.delivery for job in jobs] == ["d-1"]


def test_what_breaks_our_own_door_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """And harms no other delivery."""
    channel = Channel(sent(event(), event(**{"x-github-delivery": "d-2"})))
    taken: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        taken.append(dict(scope["headers"])[b"x-github-delivery"].decode())
        raise RuntimeError(taken[-1])

    async def nap(_seconds: float) -> None:
        raise asyncio.CancelledError

    with serve(channel.app) as url, pytest.raises(asyncio.CancelledError):
        asyncio.run(Relay(f"{url}/abc", app, sleep=nap).forever())
    assert taken == ["d-1", "d-2"]
    assert capsys.readouterr().out.count("relay.odd_event") == 1


def test_a_channel_that_is_down_is_called_ever_more_seldom() -> None:
    _, naps = relayed(Channel(500, 500, 404, 500, 502, 503), naps=7)
    assert naps == [2.0, 5.0, 10.0, 30.0, 30.0, 30.0, 30.0]


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: {"body": json.loads(text)},
        lambda text: {"body": text},
        lambda text: {"bodyB": base64.b64encode(text.encode()).decode()},
    ],
    ids=["parsed", "text", "bytes"],
)
def test_the_bytes_are_those_that_were_signed(changed: Callable[[str], dict[str, Any]]) -> None:
    """However the channel carries them; headers that are not the delivery's own stay behind."""
    text = json.dumps(PAYLOAD, ensure_ascii=False, separators=(",", ":"))
    headers, body = delivery_in(json.dumps({"x-github-event": "ping", "authorization": "x", **changed(text)}))
    assert body == text.encode()
    assert headers == {"x-github-event": "ping", "content-type": "application/json"}


@pytest.mark.parametrize("data", ["", "[]", "7", "{}", "[" * 100_000, '{"bodyB": "?"}', '{"x-github-event": "ping"}'])
def test_what_is_no_delivery_is_said(data: str) -> None:
    with pytest.raises(ValueError, match="the channel sent"):
        delivery_in(data)
