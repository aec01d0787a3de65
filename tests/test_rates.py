"""The decisions of the pacer, without a clock or a network: what is let go, when, and whose turn it is."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.model.keys import Keys
from reviewer.model.rates.allowance import COLD
from reviewer.model.rates.bucket import Bucket
from reviewer.model.rates.headers import Gauge, Told, reset_after, seconds, told
from reviewer.model.rates.lanes import URGENT_IN_A_ROW, Lanes, Ticket
from reviewer.model.rates.pacer import Pacer

weights = st.integers(1, 3_000)
tickets = st.builds(Ticket, weights, st.sampled_from("abcd"), st.booleans())


@dataclass
class Strict:
    """A server that counts as OpenAI does, and what it has let in: (when, weight)."""

    limit: float
    level: float
    at: float = 0.0
    let_in: list[tuple[float, int]] = field(default_factory=list)
    refused: int = 0

    def ask(self, weight: int, now: float) -> tuple[bool, Told]:
        self.level = min(self.limit, self.level + (now - self.at) * self.limit / 60)
        self.at = now
        fits = weight <= self.level
        if fits:
            self.level -= weight
            self.let_in.append((now, weight))
        else:
            self.refused += 1
        reset = (self.limit - self.level) * 60 / self.limit
        return fits, Told(tokens=Gauge(int(self.level), self.limit, reset))


def played(server: Strict, arrivals: list[tuple[float, Ticket]], *, latency: float, seed: int) -> list[Ticket]:
    """All of them asked through one pacer, each answered within `latency` seconds; in the order of their going."""
    chance, order, gone = random.Random(seed), count(), []
    pacer = Pacer("m", Keys(["k"]))
    todo: list[tuple[float, int, str, Any]] = [(at, next(order), "join", ticket) for at, ticket in arrivals]
    heapq.heapify(todo)
    while todo:
        now, _, what, thing = heapq.heappop(todo)
        if what == "join":
            pacer.lanes.join(thing)
        elif what == "ask":
            fits, said = server.ask(thing.weight, now)
            heapq.heappush(todo, (now + chance.uniform(0, latency), next(order), "answer", (thing, fits, said)))
        elif what == "answer":
            ticket, fits, said = thing
            if fits:
                pacer.answered(ticket, said)
            else:
                pacer.refused(ticket, said, now, lambda row: 2.0**row)
                pacer.lanes.join(ticket, again=True)
        for ticket in pacer.grant(now):
            gone.append(ticket)
            heapq.heappush(todo, (now + chance.uniform(0, 0.05), next(order), "ask", ticket))
        wait = pacer.wait(now)
        if wait is not None and not any(each[2] == "look" and each[0] > now for each in todo):
            heapq.heappush(todo, (now + max(wait, 0.001), next(order), "look", None))
    assert pacer.idle
    return gone


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 200), tickets), min_size=1, max_size=80),
    st.floats(0.01, 50),
    st.integers(0, 9),
)
def test_never_more_than_the_server_allows(arrivals: list[tuple[float, Ticket]], latency: float, seed: int) -> None:
    """In no minute more than the full bucket and what refills, and nothing is refused, however slow the answers come;
    and each one goes, once.
    """
    server = Strict(30_000, 30_000)  # what goes before the first answer fits
    gone = played(server, arrivals, latency=latency, seed=seed)
    assert server.refused == 0
    assert Counter(map(id, gone)) == Counter(id(ticket) for _, ticket in arrivals)
    for began, _ in server.let_in:
        for ended, _ in server.let_in:
            if began <= ended:
                taken = sum(weight for at, weight in server.let_in if began <= at <= ended)
                assert taken <= 30_000 * (1 + (ended - began) / 60) + 1


@settings(max_examples=20, deadline=None)
@given(st.lists(st.builds(Ticket, st.integers(10, 3_000), st.sampled_from("ab")), min_size=30, max_size=60))
def test_what_there_is_gets_used(waiting: list[Ticket]) -> None:
    """With always somebody waiting no more than a small reserve is left unused: no idling beside full shelves."""
    server = Strict(30_000, 30_000)
    played(server, [(0.0, ticket) for ticket in waiting], latency=2, seed=1)
    total, ended = sum(ticket.weight for ticket in waiting), server.let_in[-1][0]
    needed = max(0.0, total - 30_000) * 60 / 30_000
    assert ended <= needed + 25  # seconds: of what is left, half is sent until the server has been heard again


@settings(max_examples=20, deadline=None)
@given(st.lists(tickets, min_size=10, max_size=40), st.integers(0, 9))
def test_a_key_that_was_in_use_before_is_learned(waiting: list[Ticket], seed: int) -> None:
    """Another has emptied it: some are refused at first, none is lost, and then there is no storm of refusals."""
    server = Strict(30_000, 0)
    played(server, [(0.0, ticket) for ticket in waiting], latency=1, seed=seed)
    assert len(server.let_in) == len(waiting)
    assert server.refused <= COLD + 2


@given(st.lists(tickets, max_size=60))
def test_lanes_take_turns(waiting: list[Ticket]) -> None:
    """Whoever waits goes within the bound that `Lanes` states, and each goes once, first come first served in a lane."""
    lanes = Lanes()
    for ticket in waiting:
        lanes.join(ticket)
    assert len(lanes) == len(waiting)
    gone = []
    while lanes.head() is not None:
        head = lanes.head()
        gone.append(lanes.take())
        assert gone[-1] is head
    assert Counter(map(id, gone)) == Counter(map(id, waiting))
    for urgent in (True, False):
        for name in "abcd":
            own = [ticket for ticket in gone if (ticket.lane, ticket.urgent) == (name, urgent)]
            assert own == [ticket for ticket in waiting if (ticket.lane, ticket.urgent) == (name, urgent)]
            longest = 4 * (1 + (URGENT_IN_A_ROW if not urgent else 1))
            places = [-1, *(gone.index(ticket) for ticket in own)]
            assert all(after - before <= longest for before, after in pairwise(places))


def test_what_hurries_goes_first_and_starves_nobody() -> None:
    """However many urgent ones keep coming, each fifth is one that does not hurry."""
    lanes = Lanes()
    for _ in range(3):
        lanes.join(Ticket(1, "slow"))
    gone = ""
    for _ in range(15):
        lanes.join(Ticket(1, "fast", urgent=True))
        lanes.join(Ticket(1, "fast", urgent=True))
        gone += "u" if lanes.take().urgent else "b"
    assert gone == "uuuub" * 3


@given(st.lists(tickets, max_size=30), st.data())
def test_who_leaves_gives_the_place_back(waiting: list[Ticket], data: st.DataObject) -> None:
    lanes = Lanes()
    for ticket in waiting:
        lanes.join(ticket)
    leaving = [ticket for ticket in waiting if data.draw(st.booleans())]
    for ticket in leaving:
        lanes.leave(ticket)
        lanes.leave(ticket)
    left = []
    while len(lanes):
        left.append(lanes.take())
    assert Counter(map(id, left)) == Counter(id(ticket) for ticket in waiting if ticket not in leaving)
    with pytest.raises(IndexError):
        lanes.take()


def test_a_large_request_is_not_overtaken_for_ever() -> None:
    """Small ones that would fit wait behind it."""
    pacer = Pacer("m", Keys(["k"]))
    first, large, small = Ticket(10), Ticket(9_000, "a"), Ticket(10, "b")
    pacer.lanes.join(first)
    pacer.grant(0.0)
    pacer.answered(first, Told(tokens=Gauge(5_000, 10_000, 30)))
    pacer.lanes.join(large)
    pacer.lanes.join(small)
    assert pacer.grant(1.0) == []
    assert pacer.wait(1.0) == pytest.approx((9_200 + 9_980 - 5_000) * 60 / 10_000 - 1, abs=60)
    assert pacer.grant(60.0)[0] is large


def test_before_anything_is_known_a_few_go() -> None:
    """Until the first answer: then all, where the server says nothing of limits."""
    pacer = Pacer("m", Keys(["k"]))
    waiting = [Ticket(1_000_000) for _ in range(COLD + 5)]
    for ticket in waiting:
        pacer.lanes.join(ticket)
    assert pacer.grant(0.0) == waiting[:COLD]
    assert (pacer.wait(0.0), pacer.grant(50.0)) == (None, [])
    pacer.answered(waiting[0], Told())
    assert pacer.grant(50.0) == waiting[COLD:]


def test_what_never_left_is_given_back() -> None:
    """A call that is cancelled while it waits, or that the server refused, takes nothing from the others."""
    pacer = Pacer("m", Keys(["k"]))
    first = Ticket(100)
    pacer.lanes.join(first)
    pacer.grant(0.0)
    pacer.answered(first, Told(tokens=Gauge(9_900, 10_000, 0.6)))
    for _ in range(50):
        ticket = Ticket(9_000)
        pacer.lanes.join(ticket)
        assert pacer.grant(1.0) == [ticket]
        pacer.unsent(ticket)
    (key,) = pacer.view(1.0).keys
    assert (pacer.idle, key.tokens, key.in_flight) == (True, 10_000, 0)
    assert key.tokens_left is not None
    assert key.tokens_left > 9_900


def test_others_are_left_room() -> None:
    """What is missing though we sent nothing, another has taken: more is left alone from then on."""
    alone, shared = Bucket(), Bucket()
    for bucket, left in ((alone, 60_000.0), (shared, 40_000.0)):
        bucket.heard(Gauge(60_000, 60_000, 0), 0.0)
        bucket.heard(Gauge(left, 60_000, (60_000 - left) / 1_000), 10.0)
    assert (alone.wait(30_000, 10.0), alone.others) == (0.0, 0.0)
    assert shared.wait(30_000, 10.0) > 5
    assert shared.others > 0
    shared.heard(Gauge(59_000, 60_000, 1.0), 5.0)  # older news
    assert shared.left(10.0) == 40_000


def test_where_others_take_each_keeps_to_its_part() -> None:
    """Of what was left by the last news, however long ago that is; where nobody else is seen, all of it is ours."""
    alone, shared = Bucket(), Bucket()
    for bucket, left in ((alone, 60_000.0), (shared, 40_000.0)):
        bucket.sharers = 2
        bucket.heard(Gauge(60_000, 60_000, 0), 0.0)
        bucket.heard(Gauge(left, 60_000, (60_000 - left) / 1_000), 10.0)
    assert alone.wait(50_000, 10.0) == 0.0
    # 20 s later all would be there again, and half of it is ours, less a half of what is spared for bursts
    assert shared.wait(20_000, 30.0) == 0.0
    shared.send(20_000, 30.0)
    assert shared.wait(20_000, 30.0) == pytest.approx((20_000 - 10_000) / 500, abs=20)
    shared.heard(Gauge(0, None, None), 31.0)
    assert shared.limit == 60_000


def test_nothing_left_of_an_unknown_limit_says_nothing() -> None:
    """A server that gives no limit, and 0 with a refusal, is not one that allows a token a minute."""
    bucket = Bucket()
    bucket.heard(Gauge(0), 0.0)
    assert (bucket.limit, bucket.wait(1_000, 0.0)) == (None, 0.0)


def test_limits_by_the_day_refill_by_the_day() -> None:
    """8,030 of 10,000 left and all there in 4h43m36s: that is 10,000 a day."""
    bucket = Bucket()
    bucket.heard(Gauge(0, 10_000, 86_400), 0.0)
    assert bucket.wait(1, 0.0) > 200 * 60 / 100
    assert bucket.refill == pytest.approx(10_000 / 86_400)
    bucket.heard(Gauge(8_030, 10_000, 17_016.314), 1.0)
    assert bucket.refill == pytest.approx(10_000 / 86_400)


@pytest.mark.parametrize(
    ("text", "value"),
    [("6m0s", 360.0), ("1s", 1.0), ("120ms", 0.12), ("4h43m36.314s", 17_016.314), ("55", 55.0), ("7.66s", 7.66)]
    + [(text, None) for text in ("", "soon", "-1", "1e9", "s", "1s2", "٣s", "9" * 400)],
)
def test_resets_have_several_forms(text: str, value: float | None) -> None:
    assert seconds(text) == (None if value is None else pytest.approx(value))


def test_what_servers_say_and_leave_out() -> None:
    """Azure gives what remains alone, -1 for what it does not know, and a header of its own with a refusal."""
    azure = {"x-ratelimit-remaining-requests": "79", "x-ratelimit-remaining-tokens": "61353"}
    assert told(azure) == Told(Gauge(79), Gauge(61_353))
    nothing = {"x-ratelimit-limit-tokens": "0", "x-ratelimit-remaining-tokens": "0"}
    assert told(nothing) == Told()
    unknown = {"x-ratelimit-limit-tokens": "-1", "x-ratelimit-remaining-tokens": "-1", "x-ratelimit-reset-tokens": "0"}
    assert told(unknown) == told({}) == Told()
    assert (reset_after({"x-rate-limit-reset-tokens": "55"}), reset_after({})) == (55.0, None)
    everything = {"x-ratelimit-limit-tokens": "150000", "x-ratelimit-remaining-tokens": "149984"}
    assert told(everything | {"x-ratelimit-reset-tokens": "6ms"}) == Told(None, Gauge(149_984, 150_000, 0.006))


@given(st.text(max_size=30))
def test_any_header_can_be_read(text: str) -> None:
    assert (seconds(text) or 0) >= 0
    told({f"x-ratelimit-{what}-tokens": text for what in ("limit", "remaining", "reset")})
