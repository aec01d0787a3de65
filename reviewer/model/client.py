"""One call of the model: the prompt as either API wants it, and the answer that its reply holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from openai import AsyncOpenAI

from reviewer.core.errors import ModelError
from reviewer.core.types import Answer, Lost, Prompt
from reviewer.model import chat, responses
from reviewer.model.breaker import Unsent
from reviewer.model.embeddings import Embeddings
from reviewer.model.failures import TIER
from reviewer.model.provider import Provider
from reviewer.model.rates import ModelRates, Rates, Ticket
from reviewer.model.reply import CACHE_KEY_LIMIT
from reviewer.model.requests import Pace, Requests
from reviewer.ports.keys import RefusedKey

Api = Literal["responses", "chat"]

FLEX_TIMEOUT = 900.0  # seconds, as OpenAI asks for the flex tier: it is slow, at half the price
CHARACTERS = 3  # in a token
CAPS = {"max_output_tokens", "max_completion_tokens", "max_tokens"}  # fields that say how long an answer may be


class OpenAIModel:
    """Satisfies `ports.Model`. Safe to share between tasks and event loops; the provider keeps the connections."""

    def __init__(
        self,
        name: str,
        *,
        api: Api,
        provider: Provider,
        pace: Pace,
        rates: Rates | None = None,
        flex: bool = False,
    ) -> None:
        self.name = name
        self._api: Api = api
        self._flex = flex
        self._requests = Requests(name, provider=provider, pace=pace, rates=rates)

    def sibling(self, name: str) -> OpenAIModel:
        """Another model of the same provider, over the same connections."""
        shared = self._requests
        return OpenAIModel(
            name, api=self._api, provider=shared.provider, pace=shared.pace, rates=shared.rates, flex=self._flex
        )

    def embeddings(self, name: str) -> Embeddings:
        """A model of the same provider that embeds, over the same connections."""
        shared = self._requests
        return Embeddings(name, provider=shared.provider, pace=shared.pace, rates=shared.rates)

    def rates(self) -> tuple[ModelRates, ...]:
        """What each model of the provider has left of its rate limits, for each key."""
        return self._requests.rates.view()

    def share(self, sharers: int) -> None:
        """So many processes use the provider's keys, this one too."""
        self._requests.rates.share(sharers)

    async def call(self, prompt: Prompt) -> Answer:
        """Raises ModelError: `retryable` when the tries ran out, else for the operator to mend."""
        clock = self._requests.pace.clock
        started = clock()
        flex = self._flex and not prompt.urgent
        asked = _Call(prompt, self.name, self._api, own_server=self._requests.provider.own_server, flex=flex)
        answered = await self._requests.answer(asked)
        reader = chat.reply if self._api == "chat" else responses.reply
        reply = reader(answered.body, prompt, model=self.name)
        return Answer(
            arguments=reply.arguments,
            usage=reply.usage,
            model=reply.model,
            fault=reply.fault,
            text=reply.text,
            request_id=answered.request_id,
            seconds=answered.seconds,
            waited=max(0.0, clock() - started - answered.seconds),
            lost=answered.lost,
            capped=bool(CAPS & answered.fields),
            flex=answered.body.get(TIER) == "flex",
        )

    @property
    def circuit(self) -> Literal["closed", "half_open", "open"]:
        """The state of its breaker."""
        return self._requests.circuit

    def refused_keys(self) -> tuple[RefusedKey, ...]:
        """Those of its provider that the server refuses now."""
        return self._requests.provider.refused_keys()

    async def aclose(self) -> None:
        """Close this event loop's connections, those of its siblings too."""
        await self._requests.provider.aclose()


@dataclass(frozen=True, slots=True)
class _Call:
    """Satisfies `Request`."""

    prompt: Prompt
    model: str
    api: Api
    own_server: bool
    flex: bool = False
    variable: str = "REVIEWER_MODEL"

    def body(self, refused: frozenset[str]) -> dict[str, Any]:
        key = self.prompt.cache_key
        if len(key) > CACHE_KEY_LIMIT:
            key = hashlib.sha256(key.encode()).hexdigest()
        tier = {TIER: "flex"} if self.flex and TIER not in refused else {}
        if self.api == "responses":
            return responses.request(self.prompt, model=self.model, cache_key=key) | tier
        body = chat.request(self.prompt, model=self.model, cache_key=key, own_server=self.own_server)
        return chat.adapted(body, refused) | tier

    def spare(self, body: dict[str, Any]) -> tuple[str, ...]:
        names = chat.spare(body) if self.api == "chat" else ()
        return (*names, TIER) if TIER in body else names

    def ticket(self) -> Ticket:
        prompt = self.prompt
        weight = (prompt.tokens or _estimate(prompt)) + prompt.max_output
        return Ticket(weight, prompt.cache_key, prompt.urgent)

    def seconds(self, body: dict[str, Any]) -> float | None:
        return FLEX_TIMEOUT if TIER in body else None

    async def again(self, lost: Lost) -> None:
        if self.prompt.again is None:
            return
        try:
            await self.prompt.again(lost)
        except ModelError as error:
            raise Unsent(error) from None

    async def send(self, client: AsyncOpenAI, body: dict[str, Any]) -> tuple[bytes, Mapping[str, str]]:
        if TIER in body:
            client = client.with_options(timeout=FLEX_TIMEOUT)
        if self.api == "chat":
            raw = await client.chat.completions.with_raw_response.create(**body)
        else:
            raw = await client.responses.with_raw_response.create(**body)
        return raw.http_response.content, raw.headers


def _estimate(prompt: Prompt) -> int:
    """Tokens of input where nobody has counted them: rather too many."""
    return (len(prompt.system) + len(prompt.user) + len(str(prompt.tool.schema))) // CHARACTERS
