"""The log is one line an event in one format, and no secret gets into it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import structlog

from reviewer.logs import REDACTED, Redactor, configure, hide

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    """Logging is the process's: what a test sets up is taken down again."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # pytest's own must not be closed by `force`
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def set_up(log_format: Literal["console", "json"] | None = "json", *, level: str = "info", **more: Any) -> io.StringIO:
    stream = io.StringIO()
    configure(level=level, log_format=log_format, stream=stream, **more)
    return stream


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.replace("\n", "\\n"),
        "-----BEGIN PRIVATE KEY-----\nMIIEow, cut off",
        "ghs_0123456789abcdefghij.with.dots-and_more",
        "github_pat_11ABCDEFG0123456789",
        "sk-proj-0123456789abcdefghij",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjF9.c2ln",
    ],
)
def test_secrets_are_known_by_their_looks(text: str) -> None:
    """Tokens and keys turn up inside of other texts, under names that nobody foresaw."""
    event = Redactor()(None, "info", {"event": f"got {text}", "deep": {"list": [{"x": f"<{text}"}]}})
    assert "MIIEow" not in str(event)
    assert event["event"] == f"got {REDACTED}"
    assert event["deep"] == {"list": [{"x": f"<{REDACTED}"}]}


def test_secrets_in_addresses_and_headers_are_cut_out() -> None:
    """The rest of the line stays readable."""
    redactor = Redactor()
    assert redactor.text("postgresql://me:pa55@db/x") == f"postgresql://{REDACTED}@db/x"
    assert redactor.text("https://x-access-token:abc@github.com/o/r") == f"https://{REDACTED}@github.com/o/r"
    assert redactor.text("Authorization: Bearer abc.def, Accept: x") == f"Authorization: Bearer {REDACTED}, Accept: x"
    assert redactor.text("https://github.com/o/r/pull/7#a:b@c") == "https://github.com/o/r/pull/7#a:b@c"


def test_secrets_are_known_by_their_names_and_counts_are_none() -> None:
    """`tokens` is a number of the model's in this house; a text under the name `token` is a secret."""
    event = {"webhook_secret": "abc", "api-key": b"abc", "authorization": "x", "tokens": 12, "keys": ["a"], "token": ""}
    assert Redactor()(None, "info", event) == event | {
        "webhook_secret": REDACTED,
        "api-key": REDACTED,
        "authorization": REDACTED,
    }


def test_known_secrets_are_cut_out_whole() -> None:
    """A webhook secret looks like any word; a secret inside another must leave no rest."""
    assert Redactor(["correct horse", "correct horse battery", "x"]).text("the correct horse battery, x") == (
        f"the {REDACTED}, x"
    )


def test_tracebacks_are_redacted_too() -> None:
    """An SDK's error quotes the key that was refused."""
    stream = set_up(secrets=["correct horse"])
    refused = RuntimeError("Incorrect API key provided: sk-0123456789abcdefghij for correct horse")
    structlog.get_logger("x").error("model.failed", exc_info=refused)
    line = json.loads(stream.getvalue())
    assert line["exception"].endswith(f"RuntimeError: Incorrect API key provided: {REDACTED} for {REDACTED}")


def test_json_is_one_object_a_line_for_ours_and_for_libraries() -> None:
    """A log shipper parses lines, whoever wrote them."""
    stream = set_up()
    structlog.get_logger("reviewer.x").info("webhook.queued", job="job-1")
    logging.getLogger("uvicorn.error").warning(
        "lost %s", "ghs_0123456789abcdefghij", extra={"delivery": "d", "color_message": "lost"}
    )
    ours, theirs = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (ours["event"], ours["job"], ours["level"], ours["logger"]) == (
        "webhook.queued",
        "job-1",
        "info",
        "reviewer.x",
    )
    assert ours["timestamp"].endswith("Z")
    assert "color_message" not in theirs
    assert (theirs["event"], theirs["level"], theirs["delivery"]) == (f"lost {REDACTED}", "warning", "d")


def test_the_level_holds_and_libraries_do_not_chat() -> None:
    """An HTTP client's line for each request would drown ours."""
    stream = set_up(level="warning")
    structlog.get_logger("x").info("quiet")
    logging.getLogger("httpx").info("GET /")
    assert stream.getvalue() == ""
    stream = set_up(level="info")
    logging.getLogger("httpx").info("GET /")
    structlog.get_logger("x").debug("quiet")
    structlog.get_logger("x").info("loud")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


@pytest.mark.parametrize(("terminal", "first"), [(True, ""), (False, "{")])
def test_the_format_follows_the_terminal(terminal: bool, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """People read a terminal, programs read a pipe."""
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    configure(level="info", log_format=None, stream=stream)
    structlog.get_logger("x").info("server.started", port=8000)
    assert "server.started" in stream.getvalue()
    assert stream.getvalue().startswith("{") is bool(first)


def test_odd_values_do_not_break_a_line() -> None:
    """Logging is never the reason why a delivery fails."""
    stream = set_up()
    structlog.get_logger("x").info("odd", value={1: b"\xff", "s": {2}}, error=ValueError("\ud800"), none=None)
    assert json.loads(stream.getvalue())["error"] == "\ud800"


def test_each_key_of_a_list_is_hidden() -> None:
    """A server's error repeats one of them."""
    hide("aaaabbbbcccc1, ddddeeeeffff2,eeeeffff3333", "a list")
    told = Redactor().text("no: eeeeffff3333, ddddeeeeffff2, aaaabbbbcccc1")
    assert told == "no: [redacted], [redacted], [redacted]"
