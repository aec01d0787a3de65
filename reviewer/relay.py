"""Webhooks by a channel that speaks as smee.io does, for development on a machine that GitHub cannot reach.

A channel sends each delivery as an event: one JSON object with the headers (in small letters) and the body, parsed.
GitHub signs bytes, so the body is written again as JavaScript writes it, which is how GitHub wrote it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import structlog
from httpx_sse import EventSource, ServerSentEvent, SSEError
from starlette.types import ASGIApp

from reviewer.proxies import proxy_for
from reviewer.webhook import WEBHOOK_PATH

SILENCE, CONNECT = 90.0, 10.0  # seconds; a channel says something every 30
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before a channel is called again, the last one for ever
LONGEST_PAUSE = 60.0  # that a channel may ask for
PASSED_ON = ("x-github-", "x-hub-")
JSON = "application/json"

_log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class Relay:
    """`app` answers on the webhook's path, and looks at signatures as ever. Raises UsageError for a proxy on the way to
    the channel that cannot be used.
    """

    channel: str
    app: ASGIApp
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _proxy: str | None = field(init=False, repr=False)
    _heard: bool = False  # in this connection
    _last: str = ""  # event that the channel gave an id
    _asked: float = 0.0  # seconds that the channel wants us to wait before we call again
    _refused: set[int] = field(default_factory=set)  # told already
    _odd: set[str] = field(default_factory=set)  # so were these

    def __post_init__(self) -> None:
        self._proxy = proxy_for(self.channel)

    async def forever(self) -> None:
        _log.warning(
            "relay.development", mend="WEBHOOK_PROXY_URL is for development: who knows the channel reads along"
        )
        failures = 0
        while True:
            self._heard = False
            try:
                reason = await self._listen()
            except Exception as error:  # noqa: BLE001 - whatever a channel sends, the next one may be a delivery
                reason = type(error).__name__
            failures = 0 if self._heard else failures + 1
            if failures < 2:  # the rest of an outage is no news
                _log.warning("relay.lost", reason=reason)
            await self.sleep(max(self._asked, PAUSES[min(failures, len(PAUSES) - 1)]))

    async def _listen(self) -> str:
        """Hand deliveries on until the channel ends; why it did."""
        headers = {"accept": "text/event-stream", "cache-control": "no-store"}  # smee.io compares the first as a whole
        headers |= {"last-event-id": self._last} if self._last else {}
        timeout = httpx.Timeout(SILENCE, connect=CONNECT)
        inside = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://relay")
        outside = httpx.AsyncClient(timeout=timeout, proxy=self._proxy, trust_env=False)
        try:
            async with inside, outside, outside.stream("GET", self.channel, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    return f"the channel answers {answer.status_code}"
                async for event in EventSource(answer).aiter_sse():
                    if not self._heard:
                        _log.info("relay.connected")
                    self._heard = True
                    await self._take_any(event, inside)
        except (httpx.HTTPError, SSEError) as error:
            return f"{type(error).__name__}: {error}".rstrip(": ")
        return "the channel ended"

    async def _take_any(self, event: ServerSentEvent, inside: httpx.AsyncClient) -> None:
        """Anybody may write into a channel: an event that cannot be taken is told once, and the next one is taken."""
        try:
            await self._take(event, inside)
        except Exception as error:  # noqa: BLE001 - as above
            kind = type(error).__name__
            if kind not in self._odd:
                self._odd.add(kind)
                _log.warning("relay.odd_event", error=kind, reason=str(error))

    async def _take(self, event: ServerSentEvent, inside: httpx.AsyncClient) -> None:
        self._last = event.id if event.id and _is_plain(event.id) else self._last
        self._asked = min(event.retry, int(LONGEST_PAUSE * 1000)) / 1000 if event.retry is not None else self._asked
        if event.event != "message":  # `ready`, `ping`
            return
        try:
            headers, body = delivery_in(event.data)
        except ValueError as error:
            _log.warning("relay.not_a_delivery", reason=str(error))
            return
        answer = await inside.post(WEBHOOK_PATH, content=body, headers=headers)
        if answer.status_code < httpx.codes.BAD_REQUEST or answer.status_code in self._refused:
            return
        self._refused.add(answer.status_code)
        _log.warning("relay.refused", status=answer.status_code, reason=_why(answer.status_code), answer=answer.text)


def _why(status: int) -> str:
    if status == httpx.codes.UNAUTHORIZED:
        return (
            "the signature does not match: the App has another webhook secret, the delivery is not from GitHub, or the "
            "channel changed its body (each App's webhook has to send application/json)"
        )
    return "see the line before"


def delivery_in(data: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of an event. Raises ValueError, which says nothing of the content."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        message = "the channel sent something that is not JSON"
        raise ValueError(message) from None
    if not isinstance(event, dict) or not ("body" in event or "bodyB" in event):
        message = "the channel sent JSON without a body"
        raise ValueError(message)
    headers = {
        name.lower(): value
        for name, value in event.items()
        if isinstance(value, str) and name.lower().startswith(PASSED_ON) and _is_name(name) and _is_plain(value)
    }
    if "bodyB" in event:  # servers that keep the bytes
        try:
            raw = base64.b64decode(str(event["bodyB"]), validate=True)
        except (binascii.Error, ValueError):
            message = "the channel sent a body that is no base64"
            raise ValueError(message) from None
        kind = event.get("content-type")
        return headers | {"content-type": kind if isinstance(kind, str) and kind and _is_plain(kind) else JSON}, raw
    body = event["body"]
    try:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        message = "the channel sent a body that is too deep"
        raise ValueError(message) from None
    return headers | {"content-type": JSON}, text.encode("utf-8", "surrogatepass")


def _is_plain(value: str) -> bool:
    """Whether it can be a header's value."""
    return value.isascii() and value.isprintable()


def _is_name(name: str) -> bool:
    return name.isascii() and name.replace("-", "").replace("_", "").isalnum()
