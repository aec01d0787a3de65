"""Whatever body comes to the door, its size, its form or its meaning, the answer is clear and never a server error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from deliveries import OPENED, Queue, app, headers, latin
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.types import Message

from reviewer.webhook import MAX_BODY, WEBHOOK_PATH


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def client(queue: Queue) -> Iterator[TestClient]:
    with TestClient(app(queue)) as client:
        yield client


BAD_JSON = {
    "empty": b"",
    "text": b"hello",
    "cut": OPENED[:-40],
    "array": b"[1]",
    "null": b"null",
    "string": b'"x"',
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "deep": b'{"a":' * 200_000,
    "deep array": b"[" * 900_000,
    "a number of 10,000 digits": b'{"a": ' + b"9" * 10_000 + b"}",
    "NUL": b"\x00",
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_what_is_not_a_json_object_is_a_bad_request(client: TestClient, queue: Queue, body: bytes) -> None:
    """Signed or not, the body may be anything: it is refused in one sentence that does not quote it."""
    answer = client.post(WEBHOOK_PATH, content=body, headers=headers(body))
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert queue.jobs == []


def test_strange_texts_in_unused_places_do_no_harm(client: TestClient) -> None:
    """A title may hold lone surrogates, NULs and huge numbers beside: the job does not need them."""
    delivery = json.loads(OPENED)
    delivery["pull_request"]["title"] = "\ud800 \x00 \U0010ffff"
    delivery["surprise"] = {"n": 10**400, "deep": json.loads("[" * 300 + "]" * 300)}
    body = json.dumps(delivery).encode()
    assert client.post(WEBHOOK_PATH, content=body, headers=headers(body)).status_code == 202


def test_a_form_with_the_payload_is_taken_too(client: TestClient, queue: Queue) -> None:
    """A webhook whose content type was left at GitHub's old default sends a form; the signature is over the form."""
    body = urlencode({"payload": OPENED.decode()}).encode()
    sent = headers(body) | {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert client.post(WEBHOOK_PATH, content=body, headers=sent).status_code == 202
    assert [job.number for job in queue.jobs] == [7]


@pytest.mark.parametrize("body", [b"", b"payload", b"payload=", b"other=1", b"payload=%ff", b"&".join([b"a=1"] * 50)])
def test_a_form_without_a_payload_is_a_bad_request(client: TestClient, body: bytes) -> None:
    """The same answer as for any other body that holds no JSON object."""
    sent = headers(body) | {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(WEBHOOK_PATH, content=body, headers=sent).status_code == 400


def padded(size: int) -> bytes:
    start = OPENED.rstrip().removesuffix(b"}") + b', "padding": "'
    return start + b"x" * (size - len(start) - 2) + b'"}'


def test_the_largest_body_that_github_sends_is_taken(client: TestClient) -> None:
    """25 MB is the limit, not beyond it."""
    body = padded(MAX_BODY)
    assert len(body) == 25 * 1024 * 1024
    assert client.post(WEBHOOK_PATH, content=body, headers=headers(body)).status_code == 202


def test_one_byte_more_is_refused_even_when_signed(client: TestClient, queue: Queue) -> None:
    """The size comes first: nothing is computed over a body that GitHub never sends."""
    body = padded(MAX_BODY + 1)
    assert client.post(WEBHOOK_PATH, content=body, headers=headers(body)).status_code == 413
    assert queue.jobs == []


async def exchange(
    queue: Queue, messages: Iterator[Message], sent_headers: dict[str, str]
) -> tuple[list[Message], int]:
    """What the app answers to hand-made messages, and how many of them it read."""
    read = 0
    answered: list[Message] = []

    async def receive() -> Message:
        nonlocal read
        read += 1
        return next(messages)

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": WEBHOOK_PATH,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent_headers.items()],
    }
    await app(queue)(scope, receive, send)
    return answered, read


def endless() -> Iterator[Message]:
    while True:
        yield {"type": "http.request", "body": b"x" * 1024 * 1024, "more_body": True}


def test_an_endless_body_is_cut_off_while_it_is_read(queue: Queue) -> None:
    """Without a Content-Length the limit holds all the same, and no more than it is ever kept."""
    answered, read = asyncio.run(exchange(queue, endless(), headers(b"")))
    assert (answered[0]["status"], read) == (413, 26)


@pytest.mark.parametrize("declared", [str(MAX_BODY + 1), "9" * 5000])
def test_a_declared_size_over_the_limit_is_refused_unread(queue: Queue, declared: str) -> None:
    """Nothing is read of what is known to be too large."""
    answered, read = asyncio.run(exchange(queue, endless(), headers(b"") | {"Content-Length": declared}))
    assert (answered[0]["status"], read) == (413, 0)


def test_a_sender_that_hangs_up_does_no_harm(queue: Queue) -> None:
    """A connection that breaks in the middle of the body is no job and no error."""
    half: Iterator[Message] = iter(
        [{"type": "http.request", "body": OPENED[:50], "more_body": True}, {"type": "http.disconnect"}]
    )
    answered, _ = asyncio.run(exchange(queue, half, headers(OPENED)))
    assert answered[0]["status"] == 400
    assert queue.jobs == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["action", "installation", "id", "repository", "pull_request", "head", "sha", "number"])
            | st.text(max_size=4),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode())
EVENTS = st.sampled_from(["pull_request", "check_run", "check_suite", "ping", "push", "\xff"])


def test_no_signed_body_whatsoever_is_answered_with_a_server_error() -> None:
    """Whoever holds the secret can still not make the process fail."""
    queue = Queue()
    with TestClient(app(queue)) as client:

        @settings(deadline=None, max_examples=150)
        @given(body=BODIES, event=EVENTS, form=st.booleans())
        def check(body: bytes, event: str, form: bool) -> None:
            kind = "application/x-www-form-urlencoded" if form else "application/json"
            sent = headers(body, event=event) | {"Content-Type": kind}
            answer = client.post(WEBHOOK_PATH, content=body, headers=latin(sent))
            assert answer.status_code in {200, 202, 400}
            assert isinstance(answer.json(), dict)

        check()
