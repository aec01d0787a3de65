"""One call of the model: keys in turn, one retry policy, and every failure a ModelError that says what to mend."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from openai import AsyncOpenAI, OpenAIError, Timeout

from reviewer.core.errors import ModelError
from reviewer.core.types import Answer, Prompt
from reviewer.model import chat, responses
from reviewer.model.breaker import Breaker
from reviewer.model.failures import Failure, body_failure, failure_of
from reviewer.model.provider import Provider
from reviewer.model.reply import CACHE_KEY_LIMIT, Reply

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


@dataclass(slots=True)
class _Tries:
    """How often one call was tried, and which keys were refused to it."""

    made: int = 0
    refused: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Answered:
    reply: Reply
    request_id: str


class OpenAIModel:
    """Satisfies `ports.Model`. Safe to share between tasks and event loops; the provider keeps the connections."""

    def __init__(self, name: str, *, api: Literal["responses", "chat"], provider: Provider, pace: Pace) -> None:
        self.name = name
        self._api = api
        self._provider = provider
        self._pace = pace
        self._breaker = Breaker(name, clock=pace.clock)
        self._refused_fields: frozenset[str] = frozenset()

    def sibling(self, name: str) -> OpenAIModel:
        """Another model of the same provider, over the same connections."""
        return OpenAIModel(name, api=self._api, provider=self._provider, pace=self._pace)

    async def call(self, prompt: Prompt) -> Answer:
        """Raises ModelError: `retryable` when the tries ran out, else for the operator to mend."""
        started = self._pace.clock()
        tries = _Tries()
        while True:
            outcome = await self._breaker.run(lambda: self._attempt(prompt, tries))
            if isinstance(outcome, _Answered):
                return self._answer(outcome, self._pace.clock() - started)
            if outcome.kind != "retry" or tries.made >= self._pace.tries or self._breaker.open:
                raise outcome.error()
            await self._pace.sleep(self._pace.wait(tries.made, None))

    async def _attempt(self, prompt: Prompt, tries: _Tries) -> _Answered | Failure:
        """One try, with what mends it on the spot: another key, a field left out, the wait that the server asks for.

        A server that says when to come back is busy, not ill: to the breaker this is one request.
        """
        while True:
            key = self._next_key(tries.refused)
            outcome = await self._once(key, prompt)
            if isinstance(outcome, _Answered):
                return outcome
            if outcome.kind == "key":
                tries.refused.add(key)
                self._provider.keys.set_aside(key)
            elif outcome.kind == "field":
                self._refused_fields |= {outcome.field}
            else:
                tries.made += 1
                if outcome.kind == "final" or outcome.wait is None or tries.made >= self._pace.tries:
                    return outcome
                await self._pace.sleep(self._pace.wait(tries.made, outcome.wait))

    async def aclose(self) -> None:
        """Close this event loop's connections, those of its siblings too."""
        await self._provider.aclose()

    def _next_key(self, refused: set[str]) -> str:
        key = self._provider.keys.next(refused)
        if key is None:
            raise ModelError(
                f"The model server refuses every key in {self._provider.variable} ({len(refused)} tried): "
                "replace it, or check the account's quota and billing.",
                code="keys_refused",
            )
        return key

    async def _once(self, key: str, prompt: Prompt) -> _Answered | Failure:
        body = self._request(prompt)
        try:
            async with asyncio.timeout(self._pace.total_timeout):
                text, request_id = await self._send(self._client().with_options(api_key=key), body)
            answer = json.loads(text)
        except (OpenAIError, TimeoutError, ValueError, RecursionError) as error:
            return failure_of(error, model=self.name, sent=body)
        failure = body_failure(answer, self.name)
        if failure is not None:
            return failure
        reader = chat.reply if self._api == "chat" else responses.reply
        return _Answered(reader(answer, prompt, model=self.name), request_id)

    def _request(self, prompt: Prompt) -> dict[str, Any]:
        key = prompt.cache_key
        if len(key) > CACHE_KEY_LIMIT:
            key = hashlib.sha256(key.encode()).hexdigest()
        if self._api == "responses":
            return responses.request(prompt, model=self.name, cache_key=key)
        body = chat.request(prompt, model=self.name, cache_key=key, own_server=self._provider.own_server)
        return chat.adapted(body, self._refused_fields)

    async def _send(self, client: AsyncOpenAI, body: dict[str, Any]) -> tuple[bytes, str]:
        """The body as it came, and the request id: the SDK's own objects break on what compatible servers leave out."""
        if self._api == "chat":
            raw = await client.chat.completions.with_raw_response.create(**body)
        else:
            raw = await client.responses.with_raw_response.create(**body)
        return raw.http_response.content, raw.headers.get("x-request-id", "")

    def _client(self) -> AsyncOpenAI:
        return self._provider.client(Timeout(self._pace.read_timeout, connect=self._pace.connect_timeout))

    @staticmethod
    def _answer(outcome: _Answered, seconds: float) -> Answer:
        reply = outcome.reply
        return Answer(
            arguments=reply.arguments,
            usage=reply.usage,
            model=reply.model,
            fault=reply.fault,
            text=reply.text,
            request_id=outcome.request_id,
            seconds=seconds,
        )
