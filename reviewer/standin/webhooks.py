"""Sends webhooks as GitHub does: signed over the raw bytes, with a GUID that a redelivery repeats."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid

from reviewer.standin.events import Event
from reviewer.standin.records import Delivery
from reviewer.standin.state import State

_SECONDS = 10  # GitHub waits no longer for an answer


def headers(event: str, payload: bytes, *, guid: str, secret: str) -> dict[str, str]:
    """The headers of a delivery of these bytes."""
    digest = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/stand-in",
        "x-github-event": event,
        "x-github-delivery": guid,
        "x-github-hook-id": "1",
        "x-github-hook-installation-target-type": "integration",
        "x-hub-signature-256": f"sha256={digest}",
    }


def deliver(hub: State, event: Event, url: str = "", *, guid: str = "", redelivery: bool = False) -> Delivery:
    """Post an event to `url` (default: the hub's `webhook_url`) and keep it in the log of deliveries."""
    number = hub.next_id()
    guid = guid or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{hub.url}/{number}"))
    begun = time.monotonic()
    url = url or hub.webhook_url
    status = send(url, event, guid=guid, secret=hub.webhook_secret)
    seconds = round(time.monotonic() - begun, 3)
    record = Delivery(number, guid, event.name, event.payload, url, hub.clock(), status, seconds, redelivery)
    with hub.lock:
        hub.deliveries.append(record)
    return record


def send(url: str, event: Event, *, guid: str, secret: str) -> int:
    """The HTTP status of the answer; 0 when nobody answered in time."""
    payload = written(event.payload)
    request = urllib.request.Request(  # noqa: S310 - an address that the test or the demo gave
        url, payload, headers(event.name, payload, guid=guid, secret=secret), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never by a proxy: it is this machine
    try:
        with opener.open(request, timeout=_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def written(payload: object) -> bytes:
    """As GitHub writes it: no blanks, letters as they are. What passes a body on parsed can write it so again."""
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a letter
        return json.dumps(payload, separators=(",", ":")).encode()


def redeliver(hub: State, record: Delivery) -> Delivery:
    """Send it again to where it went, under the same GUID."""
    return deliver(hub, Event(record.event, record.payload), record.url, guid=record.guid, redelivery=True)
