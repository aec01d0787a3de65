"""The one door: size limit, signature over the raw bytes, parse, enqueue durably, answer."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from reviewer.core.commands import keys as command_keys
from reviewer.core.errors import ReviewerError
from reviewer.core.events import job_of
from reviewer.core.types import Ignored, Job

WEBHOOK_PATH = "/api/github/webhooks"

# GitHub's own cap: an event with a larger payload is never delivered.
MAX_BODY = 25 * 1024 * 1024

# From here on checking and parsing take milliseconds, in which the event loop would answer nobody else.
_LARGE_BODY = 1024 * 1024

# A GUID, and no more than a database can hold and a log line can show.
_DELIVERY = re.compile(r"[\x21-\x7e]{1,128}")

_RETRY_AFTER = "30"  # seconds

Names = Callable[[], Collection[str]]  # what people call us in comments; none while that is not known

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Delivery:
    event: str
    id: str
    payload: object


class _Refused(Exception):
    """The request is not a delivery that we take; `sentence` is for the log, `answer` (or it) for the sender."""

    def __init__(self, status: int, sentence: str, *, answer: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.answer = answer or sentence


def webhook_route(
    *,
    secrets: Sequence[str],
    enqueue: Callable[[Job], Awaitable[str]],
    names: Names = tuple,
    app: str = "",
    path: str = WEBHOOK_PATH,
    answered: Callable[[int], object] | None = None,
) -> Route:
    """The route of `webhook_endpoint`; other methods than POST are answered 405.

    `answered` is told each answer's status.
    """
    endpoint = webhook_endpoint(secrets=secrets, enqueue=enqueue, names=names, app=app)

    async def told(request: Request) -> Response:
        response = await endpoint(request)
        if answered:
            answered(response.status_code)
        return response

    return Route(path, told, methods=["POST"])


def webhook_endpoint(
    *,
    secrets: Sequence[str],
    enqueue: Callable[[Job], Awaitable[str]],
    names: Names = tuple,
    app: str = "",
    limit: int = MAX_BODY,
) -> Callable[[Request], Awaitable[Response]]:
    """A Starlette endpoint for GitHub's deliveries.

    `secrets` are all webhook secrets that are valid now (several while one is rotated). `enqueue` returns the job's
    id once the job is durable; whatever it raises is answered 503. `names` are what people call us, `app` is our
    App's id or client id. `limit` is the largest body taken, in bytes.
    """
    keys = tuple(secret.encode() for secret in secrets if secret)

    async def endpoint(request: Request) -> Response:
        try:
            body = await _read(request.headers, request, limit)
            if len(body) > _LARGE_BODY:
                delivery = await asyncio.to_thread(_open, request.headers, body, keys)
            else:
                delivery = _open(request.headers, body, keys)
        except _Refused as refusal:
            _log.warning("webhook.refused", status=refusal.status, reason=refusal.sentence)
            return _answer(refusal.status, error=refusal.answer)
        except ClientDisconnect:
            _log.info("webhook.disconnected")
            return Response(status_code=400)  # nobody reads it
        return await _take(delivery, enqueue, names, app)

    return endpoint


async def _take(delivery: _Delivery, enqueue: Callable[[Job], Awaitable[str]], names: Names, app: str) -> Response:
    log = _log.bind(github_event=delivery.event[:60], delivery=delivery.id)
    known = names()
    job = job_of(delivery.event, delivery.id, delivery.payload, keys=lambda body: command_keys(body, known), app=app)
    if isinstance(job, Ignored):
        log.info("webhook.ignored", reason=job.reason)
        return _answer(200, ignored=job.reason)
    log = log.bind(repository=job.repository, head=job.head, lane=job.lane, trigger=job.trigger)
    try:
        identity = await enqueue(job)
    except Exception as error:
        # The job is not safe; GitHub shows the 503, from where it can be delivered again. What we know how to say needs
        # no traceback: on a full disk there is one such line for each delivery.
        ours = isinstance(error, ReviewerError)
        log.exception("webhook.unstored", status=503, reason=str(error) if ours else "", exc_info=not ours)
        return _answer(503, error="the job cannot be stored now; deliver the event again later")
    log.info("webhook.queued", job=identity)
    return _answer(202, job=identity)


async def _read(headers: Headers, request: Request, limit: int) -> bytes:
    """The raw body. Raises _Refused as soon as it is clear that it is over `limit`, without reading on."""
    declared = headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > len(str(limit)) + 10 or int(declared) > limit):
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(limit: int) -> _Refused:
    return _Refused(413, f"the body is over {limit:,} bytes, which GitHub never sends")


def _open(headers: Headers, body: bytes, keys: Sequence[bytes]) -> _Delivery:
    """Signature, then headers, then JSON: nothing of the body is parsed before it is known who wrote it."""
    _verify(headers, body, keys)
    event, delivery = headers.get("x-github-event", ""), headers.get("x-github-delivery", "")
    if not event or not _DELIVERY.fullmatch(delivery):
        raise _Refused(400, "X-GitHub-Event or X-GitHub-Delivery is missing or malformed: this is not from GitHub")
    return _Delivery(event, delivery, _parse(headers, body))


def _verify(headers: Headers, body: bytes, keys: Sequence[bytes]) -> None:
    """Raises _Refused unless X-Hub-Signature-256 is the HMAC of `body` under one of `keys`.

    Every key is compared, in constant time, so that the time of the answer tells nothing about any of them.
    """
    if not keys:
        reason = "no webhook secret is set, so no delivery can be trusted: set GITHUB_WEBHOOK_SECRET"
        raise _Refused(401, reason, answer="missing or wrong signature")
    given = headers.get("x-hub-signature-256", "").encode()
    matches = [hmac.compare_digest(given, b"sha256=" + hmac.digest(key, body, "sha256").hex().encode()) for key in keys]
    if not any(matches):
        reason = "X-Hub-Signature-256 is " + (
            "made with another secret than GITHUB_WEBHOOK_SECRET, or over another body"
            if given
            else "missing: set a secret in the GitHub App's webhook settings"
        )
        raise _Refused(401, reason, answer="missing or wrong signature")


def _parse(headers: Headers, body: bytes) -> dict[str, object]:
    """The JSON object in `body`, which may also be a form with the field `payload` (a webhook's other content type)."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        text = body.decode("utf-8")
        if kind == "application/x-www-form-urlencoded":
            text = parse_qs(text, strict_parsing=True, errors="strict", max_num_fields=10)["payload"][0]
        payload = json.loads(text, parse_constant=_no_constant)
    except (ValueError, KeyError, RecursionError) as error:
        # Only the kind of the error: its text may quote the payload.
        raise _Refused(400, f"the body is not JSON ({type(error).__name__})") from None
    if not isinstance(payload, dict):
        raise _Refused(400, "the body is JSON, but not an object")
    return payload


def _no_constant(word: str) -> object:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(word)


def _answer(status: int, **content: str) -> Response:
    """Plain ASCII JSON, so that no text that came in can make the answer fail."""
    headers = {"Retry-After": _RETRY_AFTER} if status == 503 else None
    return Response(json.dumps(content), status_code=status, headers=headers, media_type="application/json")
