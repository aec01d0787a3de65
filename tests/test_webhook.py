"""The door lets in what GitHub signed and nothing else, and a 2xx means that the job is safe."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deliveries import OPENED, SECRET, Queue, app, headers, latin, signature
from starlette.applications import Starlette
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from reviewer.webhook import WEBHOOK_PATH, webhook_route

FIXTURES = Path(__file__).parent.parent / "fixtures" / "webhooks"


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def client(queue: Queue) -> Iterator[TestClient]:
    with TestClient(app(queue)) as client:
        yield client


def test_a_pull_request_is_queued_and_its_job_named(client: TestClient, queue: Queue) -> None:
    """202 means that the job was taken by the queue, under the id that the answer gives."""
    answer = client.post(WEBHOOK_PATH, content=OPENED, headers=headers(OPENED))
    assert (answer.status_code, answer.json()) == (202, {"job": "job-1"})
    assert [(job.repository, job.number, job.trigger) for job in queue.jobs] == [
        ("octo-org/hello", 7, "pull_request.opened")
    ]
    assert queue.jobs[0].delivery == "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@pytest.mark.parametrize(
    ("words", "known", "status"),
    [
        (b"/review full", (), 202),
        (b"fine!", (), 200),
        (b"@ann review this", (), 202),
        (b"@ann review this", ("ann",), 202),
        (b"@ann review this", ("reviewer",), 200),
    ],
)
def test_a_comment_is_a_job_only_with_a_command(
    queue: Queue, words: bytes, known: tuple[str, ...], status: int
) -> None:
    """Most comments hold none; once it is known what we are called, what is said to others is none either."""
    body = (FIXTURES / "issue_comment.created.json").read_bytes().replace(b"/review full", words)
    route = webhook_route(secrets=[SECRET], enqueue=queue.enqueue, names=lambda: known)
    with TestClient(Starlette(routes=[route])) as client:
        answer = client.post(WEBHOOK_PATH, content=body, headers=headers(body, event="issue_comment"))
    assert answer.status_code == status
    assert [job.kind for job in queue.jobs] == (["command"] if status == 202 else [])


@pytest.mark.parametrize("body", [b'{"zen": "Keep it logically awesome."}', b"{}"])
def test_ping_is_answered_200(client: TestClient, body: bytes) -> None:
    """GitHub shows the answer to its ping to whoever sets up the webhook."""
    answer = client.post(WEBHOOK_PATH, content=body, headers=headers(body, event="ping"))
    assert (answer.status_code, list(answer.json())) == (200, ["ignored"])


@pytest.mark.parametrize("event", ["push", "a_new_event"])
def test_events_without_a_use_are_answered_200_with_the_reason(client: TestClient, queue: Queue, event: str) -> None:
    """New events and actions appear on GitHub all the time: they are no error."""
    answer = client.post(WEBHOOK_PATH, content=b"{}", headers=headers(b"{}", event=event))
    assert (answer.status_code, answer.json()) == (200, {"ignored": f"no use for the event '{event}'"})
    assert queue.jobs == []


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "sha256=",
        signature(OPENED, "another secret"),
        signature(OPENED + b" "),
        signature(OPENED)[:-1],
        signature(OPENED).removeprefix("sha256="),
        signature(OPENED).replace("sha256=", "sha1="),
        "sha256=\xff\xfe",
    ],
)
def test_a_wrong_signature_is_refused(client: TestClient, queue: Queue, wrong: str) -> None:
    """The signature is all that tells GitHub from a stranger."""
    sent = headers(OPENED) | {"X-Hub-Signature-256": wrong}
    answer = client.post(WEBHOOK_PATH, content=OPENED, headers=latin(sent))
    assert answer.status_code == 401
    assert queue.jobs == []


def test_a_missing_signature_is_refused_before_anything_else_is_looked_at(client: TestClient) -> None:
    """A stranger learns nothing about headers or JSON: 401 comes before every 400."""
    assert client.post(WEBHOOK_PATH, content=b"not json").status_code == 401


def test_without_a_secret_nothing_is_trusted_and_the_log_says_what_to_set(queue: Queue) -> None:
    """An empty key has an HMAC too: it must never count as a secret."""
    with capture_logs() as logs, TestClient(app(queue, "")) as client:
        answer = client.post(WEBHOOK_PATH, content=OPENED, headers=headers(OPENED, secret=""))
    assert answer.status_code == 401
    assert queue.jobs == []
    assert [entry["reason"] for entry in logs] == [
        "no webhook secret is set, so no delivery can be trusted: set GITHUB_WEBHOOK_SECRET"
    ]


@pytest.mark.parametrize("secret", ["old", "new", "schlüssel"])
def test_every_configured_secret_is_accepted(queue: Queue, secret: str) -> None:
    """While a secret is rotated, deliveries signed with the old and with the new one arrive side by side."""
    with TestClient(app(queue, "old", "new", "schlüssel")) as client:
        answer = client.post(WEBHOOK_PATH, content=OPENED, headers=headers(OPENED, secret=secret))
    assert answer.status_code == 202


def test_every_secret_is_compared_even_after_a_match(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of an answer must not tell which secret matched."""
    compared: list[bool] = []
    real: Callable[[bytes, bytes], bool] = hmac.compare_digest

    def counting(given: bytes, right: bytes) -> bool:
        compared.append(real(given, right))
        return compared[-1]

    monkeypatch.setattr("reviewer.webhook.hmac.compare_digest", counting)
    with TestClient(app(queue, "a", "b", "c")) as client:
        client.post(WEBHOOK_PATH, content=OPENED, headers=headers(OPENED, secret="a"))
    assert compared == [True, False, False]


@pytest.mark.parametrize("name", ["X-GitHub-Event", "X-GitHub-Delivery"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_header_is_a_bad_request(client: TestClient, name: str, value: str | None) -> None:
    """Without the event there is nothing to do, without the delivery no telling of a repeated one."""
    sent = headers(OPENED)
    del sent[name]
    answer = client.post(WEBHOOK_PATH, content=OPENED, headers=sent if value is None else sent | {name: value})
    assert answer.status_code == 400


@pytest.mark.parametrize("broken", [OSError("disk full"), RuntimeError("\ud800"), ExceptionGroup("two", [OSError()])])
def test_a_job_that_cannot_be_stored_is_answered_503(client: TestClient, queue: Queue, broken: Exception) -> None:
    """A 2xx means that the work is safe; else GitHub is told, so that the delivery shows as failed and can be repeated."""
    queue.broken = broken
    with capture_logs() as logs:
        answer = client.post(WEBHOOK_PATH, content=OPENED, headers=headers(OPENED))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert [(entry["event"], entry["log_level"], entry["lane"]) for entry in logs] == [
        ("webhook.unstored", "error", "4242/octo-org/hello#7")
    ]
    queue.broken = None
    assert client.post(WEBHOOK_PATH, content=OPENED, headers=headers(OPENED)).status_code == 202


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    """Somebody who opens the address in a browser is told which method it takes."""
    answer = client.request(method, WEBHOOK_PATH)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
