"""One request to a provider until it is answered: keys in turn, one retry policy, one breaker, errors that say why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from openai import APIStatusError, AsyncOpenAI, OpenAIError, Timeout

from reviewer.core.errors import ModelError
from reviewer.core.types import Lost
from reviewer.model.breaker import Breaker, Unsent
from reviewer.model.exchange import Answered, Request
from reviewer.model.failures import UNKNOWN, Failure, body_failure, failure_of, too_heavy
from reviewer.model.provider import Provider
from reviewer.model.rates import Full, Rates, Ticket, Told, told

LONGEST_WAIT = 60.0  # seconds, whatever retry-after says: a review is waited for
FIRST_WAIT = 1.0  # doubles with each try
SOONEST = 0.1  # after a second refusal in a row, doubling too: a server may say "at once" for ever
URGENTLY = 0.2


@dataclass(frozen=True, slots=True)
class Pace:
    """Time, patience and chance. `total_timeout` bounds one try, also of a server that drips."""

    connect_timeout: float
    read_timeout: float
    total_timeout: float
    tries: int
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float]
    clock: Callable[[], float]
    patience: float = 300.0  # until there is room within the rate limits; what is urgent has URGENTLY of it

    def wait(self, attempt: int, asked: float | None) -> float:
        """What the server asks for and up to a quarter more, else exponential with jitter in its upper half.

        Calls that were refused together would come back together otherwise.
        """
        if asked is not None:
            soonest = SOONEST * 2.0 ** (attempt - 2) if attempt > 1 else 0.0
            return min(max(asked * (1.25 - self.chance() / 4), soonest), LONGEST_WAIT)
        return min(FIRST_WAIT * 2.0 ** (attempt - 1) * (0.5 + self.chance() / 2), LONGEST_WAIT)


@dataclass(slots=True)
class _Tries:
    """How often one request was tried, which keys and fields were refused to it, how long it waited and last took, and
    by which id the provider knows the last try.
    """

    made: int = 0
    throttled: int = 0  # tries that do not count as made: patience ends them
    refused: set[str] = field(default_factory=set)
    fields: frozenset[str] = frozenset()
    waited: float = 0.0  # for room, with the tries for which there was none
    took: float = 0.0  # seconds, the last one
    request_id: str = ""
    lost: Lost = field(default_factory=Lost)


class Requests:
    """The requests to one model. Safe to share between tasks and event loops; the provider keeps the connections."""

    def __init__(self, model: str, *, provider: Provider, pace: Pace, rates: Rates | None = None) -> None:
        self.model = model
        self.provider = provider
        self.pace = pace
        self.rates = rates or Rates(provider.keys, clock=pace.clock, sleep=pace.sleep)
        self._gate = self.rates.gate(model)
        self._breaker = Breaker(model, clock=pace.clock)
        self._refused_fields: frozenset[str] = frozenset()

    @property
    def circuit(self) -> Literal["closed", "half_open", "open"]:
        """The state of the model's breaker."""
        return self._breaker.circuit

    async def answer(self, request: Request) -> Answered:
        """Raises ModelError: `retryable` when the tries ran out, else for the operator to mend.

        That, and what it is cancelled with, says what was lost.
        """
        tries = _Tries()
        try:
            return replace(await self._answer(request, tries), lost=tries.lost)
        except ModelError as error:
            error.lost, error.request_id = tries.lost, tries.request_id
            raise
        except asyncio.CancelledError:
            raise asyncio.CancelledError(tries.lost) from None

    async def _answer(self, request: Request, tries: _Tries) -> Answered:
        while True:
            outcome = await self._breaker.run(lambda: self._attempt(request, tries))
            if isinstance(outcome, Answered):
                return outcome
            if outcome.kind != "retry" or tries.made >= self.pace.tries or self._breaker.open:
                error = outcome.error()
                error.seconds = tries.took
                raise error
            if not outcome.busy:  # else the key is held, for this one and for all others
                await self.pace.sleep(self.pace.wait(tries.made, None))

    def client(self) -> AsyncOpenAI:
        return self.provider.client(Timeout(self.pace.read_timeout, connect=self.pace.connect_timeout))

    async def _attempt(self, request: Request, tries: _Tries) -> Answered | Failure:
        """One try, with what mends it on the spot: another key, a field left out, the wait that the server asks for.

        A server that says when to come back is busy, not ill: to the breaker this is one request. One that says that
        too much was asked for is asked again until there is room or patience ends, as long as it answers anybody.
        """
        while True:
            await request.again(tries.lost)
            ticket = await self._turn(request, tries)
            outcome = await self._once(ticket, request, tries)
            key = ticket.key or ""
            if isinstance(outcome, Answered):
                self.provider.refused.discard(key)
                return outcome
            if outcome.kind == "key":
                tries.refused.add(key)
                self.provider.refuse(key, outcome.code)
            elif outcome.kind == "field":
                self._refused_fields |= {outcome.field}
            elif outcome.kind == "tier":
                tries.fields |= {outcome.field}
            elif outcome.throttled and outcome.kind == "retry":
                tries.throttled += 1
                tries.waited += tries.took
                if self._gate.closed:
                    tries.made = self.pace.tries
                    return outcome
            else:
                tries.made += 1
                if outcome.kind == "final" or outcome.wait is None or tries.made >= self.pace.tries:
                    return outcome

    async def _turn(self, request: Request, tries: _Tries) -> Ticket:
        """Wait until there is room for it within the rate limits of a key."""
        ticket = request.ticket()
        ticket.refused = tries.refused
        patience = self.pace.patience * (URGENTLY if ticket.urgent else 1)
        try:
            left = max(0.0, patience - tries.waited)
            tries.waited += await self._gate.enter(ticket, patience=left, again=tries.made + tries.throttled)
        except Full as full:
            raise Unsent(self._no_room(patience, full.others)) from None
        if self._breaker.open:  # it has opened meanwhile
            self._gate.unsent(ticket)
            raise Unsent(self._breaker.refusal())
        if not ticket.key:
            raise ModelError(self.provider.all_refused(len(tries.refused)), code="keys_refused")
        return ticket

    def _no_room(self, patience: float, others: int) -> ModelError:
        sentence = (
            f"The server of {self.model} refuses every request for its rate limits (429): try again later."
            if self._gate.closed
            else f"The rate limits of {self.model} leave no room within {patience:.0f} s ({others} others wait): ask "
            f"the provider for higher ones, add a key to {self.provider.variable}, or try again later."
        )
        return ModelError(sentence, retryable=True, code="rate_limited", remedy="another")

    async def _once(self, ticket: Ticket, request: Request, tries: _Tries) -> Answered | Failure:
        body = request.body(self._refused_fields | tries.fields)
        headers: Mapping[str, str] = {}
        outcome: Answered | Failure
        began = self.pace.clock()
        try:
            async with asyncio.timeout(request.seconds(body) or self.pace.total_timeout):
                client = self.provider.with_key(self.client(), ticket.key or "")
                text, headers = await request.send(client, body)
            tries.took = self.pace.clock() - began
            answer = json.loads(text)
            failure = body_failure(answer, self.model, request.variable, ticket.key or "")
            outcome = failure or Answered(answer, headers.get("x-request-id", ""), tries.took, fields=frozenset(body))
        except (OpenAIError, TimeoutError, ValueError, RecursionError) as error:
            tries.took = self.pace.clock() - began
            headers = error.response.headers if isinstance(error, APIStatusError) else headers
            spare, key = request.spare(body), ticket.key or ""
            outcome = failure_of(error, model=self.model, variable=request.variable, spare=spare, key=key)
        except BaseException:  # cancelled: it was sent, and nobody knows
            self._gate.lost(ticket, Told())
            tries.lost += UNKNOWN
            raise
        tries.request_id = headers.get("x-request-id", "")
        if isinstance(outcome, Failure):
            tries.lost += outcome.lost
        return self._heard(ticket, outcome, headers, tries.throttled + 1)

    def _heard(
        self, ticket: Ticket, outcome: Answered | Failure, headers: Mapping[str, str], times: int
    ) -> Answered | Failure:
        """What the answer says of the limits is for all who wait."""
        said = told(headers)
        limit = said.tokens.limit if said.tokens else None
        if isinstance(outcome, Answered):
            self._gate.answered(ticket, said)
        elif not outcome.busy:
            self._gate.lost(ticket, said)
        elif limit is not None and ticket.weight > limit:
            self._gate.lost(ticket, said)
            return too_heavy(self.model, limit)
        else:
            wait = outcome.wait

            def held(row: int) -> float:
                return self.pace.wait(row if wait is None else max(row, times), wait)

            self._gate.refused(ticket, said, held, asked=wait, throttled=outcome.throttled)
        return outcome
