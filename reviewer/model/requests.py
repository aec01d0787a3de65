"""One request to a provider until it is answered: keys in turn, one retry policy, one breaker, errors that say why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from openai import AsyncOpenAI, OpenAIError, Timeout

from reviewer.core.errors import ModelError
from reviewer.model.breaker import Breaker
from reviewer.model.failures import Failure, body_failure, failure_of
from reviewer.model.provider import Provider

LONGEST_WAIT = 60.0  # seconds, whatever retry-after says: a review is waited for
FIRST_WAIT = 1.0  # doubles with each try


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

    def wait(self, attempt: int, asked: float | None) -> float:
        """What the server asks for and up to a quarter more, else exponential with jitter in its upper half.

        Calls that were refused together would come back together otherwise.
        """
        if asked is not None:
            return min(asked * (1.25 - self.chance() / 4), LONGEST_WAIT)
        return min(FIRST_WAIT * 2.0 ** (attempt - 1) * (0.5 + self.chance() / 2), LONGEST_WAIT)


class Request(Protocol):
    """What is asked."""

    @property
    def variable(self) -> str:
        """Where the operator names the model."""

    def body(self, refused: frozenset[str]) -> dict[str, Any]:
        """What is sent, without the fields that this server has refused."""

    def spare(self, body: dict[str, Any]) -> tuple[str, ...]:
        """The fields of the body that it can do without, those first that are more often refused."""

    async def send(self, client: AsyncOpenAI, body: dict[str, Any]) -> tuple[bytes, str]:
        """The body as it came, and the request id: the SDK's own objects break on what compatible servers leave out."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The body of an answer, which is an object with an answer in it."""

    body: dict[str, Any]
    request_id: str


@dataclass(slots=True)
class _Tries:
    """How often one request was tried, and which keys were refused to it."""

    made: int = 0
    refused: set[str] = field(default_factory=set)


class Requests:
    """The requests to one model. Safe to share between tasks and event loops; the provider keeps the connections."""

    def __init__(self, model: str, *, provider: Provider, pace: Pace) -> None:
        self.model = model
        self.provider = provider
        self.pace = pace
        self._breaker = Breaker(model, clock=pace.clock)
        self._refused_fields: frozenset[str] = frozenset()

    async def answer(self, request: Request) -> Answered:
        """Raises ModelError: `retryable` when the tries ran out, else for the operator to mend."""
        tries = _Tries()
        while True:
            outcome = await self._breaker.run(lambda: self._attempt(request, tries))
            if isinstance(outcome, Answered):
                return outcome
            if outcome.kind != "retry" or tries.made >= self.pace.tries or self._breaker.open:
                raise outcome.error()
            await self.pace.sleep(self.pace.wait(tries.made, None))

    def client(self) -> AsyncOpenAI:
        return self.provider.client(Timeout(self.pace.read_timeout, connect=self.pace.connect_timeout))

    async def _attempt(self, request: Request, tries: _Tries) -> Answered | Failure:
        """One try, with what mends it on the spot: another key, a field left out, the wait that the server asks for.

        A server that says when to come back is busy, not ill: to the breaker this is one request.
        """
        while True:
            key = self._next_key(tries.refused)
            outcome = await self._once(key, request)
            if isinstance(outcome, Answered):
                return outcome
            if outcome.kind == "key":
                tries.refused.add(key)
                self.provider.keys.set_aside(key)
            elif outcome.kind == "field":
                self._refused_fields |= {outcome.field}
            else:
                tries.made += 1
                if outcome.kind == "final" or outcome.wait is None or tries.made >= self.pace.tries:
                    return outcome
                await self.pace.sleep(self.pace.wait(tries.made, outcome.wait))

    def _next_key(self, refused: set[str]) -> str:
        key = self.provider.keys.next(refused)
        if key is None:
            raise ModelError(
                f"The model server refuses every key in {self.provider.variable} ({len(refused)} tried): "
                "replace it, or check the account's quota and billing.",
                code="keys_refused",
            )
        return key

    async def _once(self, key: str, request: Request) -> Answered | Failure:
        body = request.body(self._refused_fields)
        try:
            async with asyncio.timeout(self.pace.total_timeout):
                text, request_id = await request.send(self.client().with_options(api_key=key), body)
            answer = json.loads(text)
        except (OpenAIError, TimeoutError, ValueError, RecursionError) as error:
            return failure_of(error, model=self.model, variable=request.variable, spare=request.spare(body))
        failure = body_failure(answer, self.model, request.variable)
        return failure or Answered(answer, request_id)
