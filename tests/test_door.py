"""Guesses at the operator token run out wherever they are made, and nobody locks the operator out."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from structlog.testing import capture_logs

from reviewer import door as module
from reviewer.door import LINES, SPARE, SPARE_EVERY, TRIES, Door
from reviewer.status import Status

TOKEN = "correct horse battery staple"
HERE, THERE = "192.0.2.1", "198.51.100.2"


class Guarded:
    """A door with a clock of its own."""

    def __init__(self, token: str = TOKEN) -> None:
        self.now = 0.0
        self.door = Door(token, lambda: self.now)

    def asks(self, given: str, address: str = HERE) -> float | None:
        return self.door.refuses(given, address=address, path="/")

    def guesses(self, times: int, address: str = HERE) -> None:
        for nth in range(times):
            self.asks(f"guess {nth}", address)


def test_the_right_token_is_let_in_beside_guesses() -> None:
    """Behind one proxy all have one address: who guesses there uses up its tries, and not the operator's look."""
    guarded = Guarded()
    guarded.guesses(TRIES + SPARE - 1)
    assert guarded.asks(TOKEN) is None
    guarded.guesses(1)
    assert guarded.asks(TOKEN) == SPARE_EVERY
    assert guarded.asks(TOKEN, THERE) is None
    guarded.now += SPARE_EVERY
    assert guarded.asks(TOKEN) is None


def test_guesses_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """From one address, from a network of IPv6, and from more addresses than are remembered."""
    guarded = Guarded()
    guarded.guesses(1_000)
    looked = [guarded.asks("x", f"2001:db8::{nth:x}") for nth in range(1, 100)]
    assert looked.count(0.0) == TRIES
    assert guarded.asks("x", "2001:db8:0:1::1") == 0.0
    monkeypatch.setattr(module, "ADDRESSES", 10)
    looked = [guarded.asks("x", f"2001:db8:1:{nth:x}::1") for nth in range(100)]
    assert looked.count(0.0) < 10
    guarded.now += 60
    assert guarded.asks("x", "2001:db8:2::1") == 0.0
    assert len(guarded.door._guessed) == 1


def test_addresses_that_mean_the_same() -> None:
    """IPv4 in the clothes of IPv6 is no network of its own; what is no address is taken as it is."""
    assert module._network("::ffff:192.0.2.1") == HERE
    assert module._network("fe80::1%eth0") == "fe80::/64"
    assert module._network("testclient") == "testclient"


def test_no_token_opens_nothing() -> None:
    """A worker has none."""
    assert Guarded("").asks("") == 0.0


def test_refusals_are_told_but_not_each() -> None:
    """A flood does not fill the log; what was left out is counted. No token is in it."""
    guarded = Guarded()
    with capture_logs() as lines:
        guarded.guesses(LINES + 7)
        guarded.now += 6
        guarded.asks("guess", THERE)
    assert [(line["event"], line["address"], line["more"]) for line in lines] == [
        *[("operator.refused", HERE, 0)] * LINES,
        ("operator.refused", THERE, 7),
    ]
    assert "guess" not in str(lines)


def test_guesses_at_a_job_count_too() -> None:
    """The page and `/jobs` have one door: after guesses there is 429, and who sends no token guesses nothing."""
    guarded = Guarded()

    async def job(_: str) -> dict[str, Any]:
        return {"status": "done"}

    status = Status(job, SimpleNamespace(), SimpleNamespace(), guarded.door)  # type: ignore[arg-type]

    def asked(authorization: str) -> int:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/jobs/x",
            "query_string": b"",
            "server": ("x", 80),
            "headers": [(b"authorization", authorization.encode())] if authorization else [],
            "path_params": {"job": "x"},
            "client": (HERE, 1),
        }
        return asyncio.run(status.show_job(Request(scope))).status_code

    assert [asked("") for _ in range(TRIES + SPARE + 1)] == [401] * (TRIES + SPARE + 1)
    assert [asked("Bearer wrong") for _ in range(TRIES)] == [401] * TRIES
    guarded.guesses(SPARE)
    assert asked("Bearer wrong") == asked(f"Bearer {TOKEN}") == 429
    guarded.now += 60
    assert asked(f"Bearer {TOKEN}") == 200
