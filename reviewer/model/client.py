"""One call of the model: the prompt as either API wants it, and the answer that its reply holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from openai import AsyncOpenAI

from reviewer.core.types import Answer, Prompt
from reviewer.model import chat, responses
from reviewer.model.embeddings import Embeddings
from reviewer.model.provider import Provider
from reviewer.model.reply import CACHE_KEY_LIMIT
from reviewer.model.requests import Pace, Requests

Api = Literal["responses", "chat"]


class OpenAIModel:
    """Satisfies `ports.Model`. Safe to share between tasks and event loops; the provider keeps the connections."""

    def __init__(self, name: str, *, api: Api, provider: Provider, pace: Pace) -> None:
        self.name = name
        self._api: Api = api
        self._requests = Requests(name, provider=provider, pace=pace)

    def sibling(self, name: str) -> OpenAIModel:
        """Another model of the same provider, over the same connections."""
        return OpenAIModel(name, api=self._api, provider=self._requests.provider, pace=self._requests.pace)

    def embeddings(self, name: str) -> Embeddings:
        """A model of the same provider that embeds, over the same connections."""
        return Embeddings(name, provider=self._requests.provider, pace=self._requests.pace)

    async def call(self, prompt: Prompt) -> Answer:
        """Raises ModelError: `retryable` when the tries ran out, else for the operator to mend."""
        clock = self._requests.pace.clock
        started = clock()
        asked = _Call(prompt, self.name, self._api, own_server=self._requests.provider.own_server)
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
            seconds=clock() - started,
        )

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
    variable: str = "REVIEWER_MODEL"

    def body(self, refused: frozenset[str]) -> dict[str, Any]:
        key = self.prompt.cache_key
        if len(key) > CACHE_KEY_LIMIT:
            key = hashlib.sha256(key.encode()).hexdigest()
        if self.api == "responses":
            return responses.request(self.prompt, model=self.model, cache_key=key)
        body = chat.request(self.prompt, model=self.model, cache_key=key, own_server=self.own_server)
        return chat.adapted(body, refused)

    def spare(self, body: dict[str, Any]) -> tuple[str, ...]:
        return tuple(name for name in chat.REPLACEABLE if name in body) if self.api == "chat" else ()

    async def send(self, client: AsyncOpenAI, body: dict[str, Any]) -> tuple[bytes, str]:
        if self.api == "chat":
            raw = await client.chat.completions.with_raw_response.create(**body)
        else:
            raw = await client.responses.with_raw_response.create(**body)
        return raw.http_response.content, raw.headers.get("x-request-id", "")
