"""What is found out of a server that never speaks of its limits: how much a minute, how many at once."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

import pytest

from reviewer.model.keys import Keys
from reviewer.model.rates.guess import FORGIVEN, Guess
from reviewer.model.rates.headers import Gauge, Told
from reviewer.model.rates.lanes import Ticket
from reviewer.model.rates.pacer import Pacer


class Server(Protocol):
    def lets_in(self, weight: int, now: float) -> bool: ...
    def done(self) -> None: ...


@dataclass
class ByTheMinute:
    """A bucket that refills steadily."""

    level: float = 60_000.0
    at: float = 0.0

    def lets_in(self, weight: int, now: float) -> bool:
        self.level, self.at = min(60_000.0, self.level + (now - self.at) * 1_000), now
        fits = weight <= self.level
        self.level -= weight if fits else 0
        return fits

    def done(self) -> None:
        """Nothing comes back."""


@dataclass
class AtOnce:
    """So many requests at the same time."""

    slots: int
    busy: int = 0

    def lets_in(self, weight: int, now: float) -> bool:
        fits = self.busy < self.slots
        self.busy += fits
        return fits

    def done(self) -> None:
        self.busy -= 1


@dataclass
class Seen:
    calls: int = 0
    refused: int = 0
    tokens: int = 0
    waits: dict[str, list[float]] = field(default_factory=dict)
    longest: dict[int, float] = field(default_factory=dict)  # by weight: seconds until one was let in


def pressed(server: Server, *, seconds: float, latency: tuple[float, float], weigh: Callable[[], int]) -> Seen:
    """24 callers of four repositories, each with always one call under way; nobody is told anything."""
    chance, order, seen, pacer = random.Random(3), count(), Seen(), Pacer("m", Keys(["k"]))
    todo: list[tuple[float, int, str, Any]] = []
    began: dict[Ticket, float] = {}

    def later(at: float, what: str, ticket: Ticket | None = None) -> None:
        heapq.heappush(todo, (at, next(order), what, ticket))

    def joins(lane: str, now: float) -> None:
        ticket = Ticket(weigh(), lane)
        began[ticket] = now
        pacer.lanes.join(ticket)

    def asks(ticket: Ticket, now: float) -> None:
        seen.calls += 1
        if server.lets_in(ticket.weight, now):
            seen.tokens += ticket.weight
            waited = now - began[ticket]
            seen.waits.setdefault(ticket.lane, []).append(waited)
            seen.longest[ticket.weight] = max(waited, seen.longest.get(ticket.weight, 0.0))
            later(now + chance.uniform(*latency), "answer", ticket)
        else:
            seen.refused += 1
            later(now + 0.02, "refusal", ticket)

    def happens(what: str, ticket: Ticket, now: float) -> None:
        if what == "ask":
            asks(ticket, now)
        elif what == "answer":
            server.done()
            pacer.answered(ticket, Told())
            joins(ticket.lane, now)
        else:
            pacer.refused(ticket, Told(), now, lambda row: min(2.0 ** (row - 1), 60.0))
            ticket.key = None
            pacer.lanes.join(ticket, again=1)

    for number in range(24):
        joins(f"repo-{number % 4}", 0.0)
    later(0.0, "look")
    look = 0.0
    while todo and todo[0][0] < seconds:
        now, _, what, ticket = heapq.heappop(todo)
        if what != "look":
            happens(what, ticket, now)
        for granted in pacer.grant(now):
            later(now + 0.01, "ask", granted)
        wait = pacer.wait(now)
        if wait is not None and not now < look <= now + wait:
            look = now + max(wait, 0.01)
            later(look, "look")
    return seen


def any_weight(heavy: int = 0) -> Callable[[], int]:
    chance = random.Random(5)
    return lambda: heavy if heavy and chance.random() < 0.05 else chance.randint(500, 3_000)


@pytest.mark.parametrize("latency", [(0.5, 3.0), (20.0, 40.0)])
def test_the_allowance_of_a_silent_server_is_used_without_a_storm(latency: tuple[float, float]) -> None:
    """At least 90 % of it, refusals are few, and no repository waits for long."""
    seen = pressed(ByTheMinute(), seconds=300, latency=latency, weigh=any_weight())
    assert seen.tokens >= 0.9 * 360_000
    assert seen.refused <= 0.08 * seen.calls
    assert max(wait for waits in seen.waits.values() for wait in waits) < 150


def test_repositories_take_turns_at_a_silent_server() -> None:
    seen = pressed(ByTheMinute(), seconds=300, latency=(0.5, 3.0), weigh=any_weight())
    let_in = [len(waits) for waits in seen.waits.values()]
    assert max(let_in) - min(let_in) <= 4


def test_what_is_large_keeps_its_turn() -> None:
    """Half of a minute's tokens find room between small ones."""
    seen = pressed(ByTheMinute(), seconds=600, latency=(0.5, 3.0), weigh=any_weight(25_000))
    assert seen.longest[25_000] < 300
    assert seen.tokens >= 0.9 * 660_000


@pytest.mark.parametrize("slots", [1, 4])
def test_a_server_that_takes_so_many_at_once_is_kept_busy(slots: int) -> None:
    seen = pressed(AtOnce(slots), seconds=300, latency=(1.0, 2.0), weigh=any_weight())
    assert seen.calls - seen.refused >= 0.8 * slots * 300 / 1.5
    assert seen.refused <= 0.1 * seen.calls


def test_a_key_that_was_used_up_before_is_approached_again() -> None:
    """Nothing was ever let in: one goes first, and with each good answer one more."""
    seen = pressed(ByTheMinute(level=0.0), seconds=300, latency=(0.5, 3.0), weigh=any_weight())
    assert seen.tokens >= 0.9 * 300_000
    assert seen.refused <= 0.15 * seen.calls


def test_refusals_of_one_wave_count_once() -> None:
    """And a row of them ends with what was let in."""
    guess = Guess()
    for at in (1.0, 2.0, 2.1, 2.2):
        guess.send(100, at, 1)
    rows = []
    for at in (2.0, 2.1, 2.2):
        guess.refused(100, at, 3.0, told=False)
        rows.append(guess.row)
    for at in (4.0, 5.0):
        guess.send(100, at, 1)
        guess.refused(100, at, at + 0.1, told=False)
        rows.append(guess.row)
    guess.send(100, 6.0, 1)
    guess.send(100, 7.0, 2)
    guess.refused(100, 7.0, 7.1, told=False)
    assert [*rows, guess.row] == [1, 1, 1, 2, 3, 1]


def test_what_was_guessed_is_forgiven() -> None:
    guess = Guess()
    for number, at in enumerate((1.0, 2.0), start=1):
        guess.send(1_000, at, number)
    guess.refused(1_000, 2.0, 2.1, told=False)
    assert guess.wait(2.2, 1) is None
    assert guess.wait(2.2 + FORGIVEN, 50) == 0.0


def test_what_a_server_says_goes_before_what_is_guessed() -> None:
    pacer = Pacer("m", Keys(["k"]))
    tickets = [Ticket(1_000, str(number)) for number in range(6)]
    for ticket in tickets[:2]:
        pacer.lanes.join(ticket)
    pacer.grant(0.0)
    pacer.refused(tickets[1], Told(), 0.5, lambda _: 1.0)
    pacer.answered(tickets[0], Told(tokens=Gauge(59_000, 60_000, 1.0)))
    for ticket in tickets[2:]:
        pacer.lanes.join(ticket)
    assert pacer.grant(1.5) == tickets[2:]
