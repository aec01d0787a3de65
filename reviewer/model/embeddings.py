"""Embeddings from the provider: many texts in a request, each a small packed vector."""

from __future__ import annotations

import asyncio
import base64
import binascii
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openai import AsyncOpenAI

from reviewer.core.errors import ModelError
from reviewer.core.types import Embedded, Lost, Usage
from reviewer.model import packed
from reviewer.model.failures import malformed
from reviewer.model.loose import listing, mapping, whole
from reviewer.model.provider import Provider
from reviewer.model.rates import Rates, Ticket
from reviewer.model.requests import Pace, Requests

DIMENSIONS = 256  # asked of the models that shorten; the others give what they have
WITHIN = 10.0  # seconds for a request, which is tried once: whoever asks has another way to compare
AT_ONCE = 256  # texts in a request
# A token has at least one byte. OpenAI's models take 8,192 tokens of a text, and 300,000 in a request.
LONGEST = 8_000  # bytes of a text; the rest of it is cut off
MOST = 250_000  # bytes in a request
BYTES = 3  # in a token, about
SHORT = 500  # characters that any model takes

_SHORTENS = "text-embedding-3-"
_DOUBTFUL = (ValueError, TypeError, KeyError, OverflowError, struct.error, binascii.Error)


class Embeddings:
    """Satisfies `ports.Vectors`, with the keys and connections of the provider's other models."""

    form = packed.VERSION

    def __init__(self, name: str, *, provider: Provider, pace: Pace, rates: Rates | None = None) -> None:
        self.name = name
        pace = replace(pace, tries=1, total_timeout=WITHIN, patience=WITHIN)
        self._requests = Requests(name, provider=provider, pace=pace, rates=rates)

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """A vector for each text, in their order; an empty one for a blank text. Raises ModelError.

        Nothing is cut out of the texts: that is done before.
        """
        whole_texts = [_fitting(text) for text in texts]
        vectors: list[bytes] = [b""] * len(texts)
        usage, seconds = Usage(), 0.0
        clock = self._requests.pace.clock
        began = clock()
        for places in _batches(whole_texts):
            found = await self._after(usage, [whole_texts[place] for place in places])
            usage, seconds = usage + found.usage, seconds + found.seconds
            for place, vector in zip(places, found.vectors, strict=True):
                vectors[place] = vector
        if len({len(vector) for vector in vectors if vector}) > 1:
            error = malformed().error()
            error.lost = Lost(0, usage)  # it was an answer for the server
            raise error
        return Embedded(vectors, usage, seconds, max(0.0, clock() - began - seconds))

    @staticmethod
    def alike(a: bytes, b: bytes) -> float:
        """See `packed.alike`."""
        return packed.alike(a, b)

    @staticmethod
    def keep(vectors: Iterable[bytes]) -> packed.Near:
        return packed.Near(vectors)

    async def _after(self, before: Usage, texts: list[str]) -> Embedded:
        """What was paid before is not lost with what fails."""
        try:
            return await self._some(texts)
        except ModelError as error:
            error.lost += Lost(0, before)
            raise
        except asyncio.CancelledError as cancelled:
            lost = sum((each for each in cancelled.args if isinstance(each, Lost)), Lost(0, before))
            raise asyncio.CancelledError(lost) from None

    async def _some(self, texts: list[str]) -> Embedded:
        """One request, or several where the server takes less at once; of a text that is too long, its beginning."""
        try:
            answered = await self._requests.answer(_Texts(self.name, tuple(texts)))
        except ModelError as error:
            if error.remedy != "smaller" or (len(texts) == 1 and len(texts[0]) <= SHORT):
                raise
            if len(texts) == 1:
                return await self._some([texts[0][: len(texts[0]) // 2]])
            half = len(texts) // 2
            one = await self._some(texts[:half])
            other = await self._after(one.usage, texts[half:])
            vectors = [*one.vectors, *other.vectors]
            return Embedded(vectors, one.usage + other.usage, one.seconds + other.seconds)
        usage = _usage(answered.body, texts)
        try:
            return Embedded(_vectors(answered.body, len(texts)), usage, answered.seconds)
        except ModelError as error:
            error.lost = Lost(0, usage)
            raise


@dataclass(frozen=True, slots=True)
class _Texts:
    """Satisfies `Request`."""

    model: str
    texts: tuple[str, ...]
    variable: str = "REVIEWER_EMBEDDING_MODEL"

    def body(self, refused: frozenset[str]) -> dict[str, Any]:
        # The SDK asks for base64 where nothing is said. A server knows either or does not look.
        encoding = "float" if "encoding_format" in refused else "base64"
        body: dict[str, Any] = {"model": self.model, "input": list(self.texts), "encoding_format": encoding}
        if self.model.rpartition("/")[2].startswith(_SHORTENS) and "dimensions" not in refused:
            body["dimensions"] = DIMENSIONS
        return body

    def spare(self, body: dict[str, Any]) -> tuple[str, ...]:
        encoding = ("encoding_format",) if body["encoding_format"] == "base64" else ()
        return *(name for name in ("dimensions",) if name in body), *encoding

    def ticket(self) -> Ticket:
        return Ticket(_weight(self.texts))

    def seconds(self, body: dict[str, Any]) -> None:  # noqa: ARG002
        return None

    async def again(self, lost: Lost) -> None:
        """It is tried once."""

    async def send(self, client: AsyncOpenAI, body: dict[str, Any]) -> tuple[bytes, Mapping[str, str]]:
        raw = await client.embeddings.with_raw_response.create(**body)
        return raw.http_response.content, raw.headers


def _fitting(text: str) -> str:
    """The beginning of the text, without what is no Unicode; "" where nothing can be seen."""
    encoded = text.strip().encode("utf-8", "replace")
    return encoded[:LONGEST].decode("utf-8", "ignore").strip()


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """The places of the texts that go together."""
    batch: list[int] = []
    weight = 0
    for place, text in enumerate(texts):
        size = len(text.encode())
        if batch and (len(batch) == AT_ONCE or weight + size > MOST):
            yield batch
            batch, weight = [], 0
        if size:
            batch.append(place)
            weight += size
    if batch:
        yield batch


def _vectors(body: dict[str, Any], wanted: int) -> list[bytes]:
    """In the order of the texts. Raises ModelError for anything but one vector for each."""
    entries = [mapping(entry) for entry in listing(body.get("data"))]
    try:
        by_place = {int(entry.get("index", place)): entry["embedding"] for place, entry in enumerate(entries)}
        if len(entries) != wanted or by_place.keys() != set(range(wanted)):
            raise malformed().error()
        return [packed.pack(_numbers(by_place[place])) for place in range(wanted)]
    except _DOUBTFUL:
        raise malformed().error() from None


def _numbers(embedding: str | list[Any]) -> Sequence[float]:
    """What came as base64 of little-endian floats, or as numbers."""
    if isinstance(embedding, str):
        octets = base64.b64decode(embedding, validate=True)
        return struct.unpack(f"<{len(octets) // 4}f", octets)
    return [float(value) for value in embedding]


def _usage(body: dict[str, Any], texts: Sequence[str]) -> Usage:
    """Of one request; where the server does not say it, rather too much."""
    used = mapping(body.get("usage"))
    said = whole(used.get("prompt_tokens")) or whole(used.get("total_tokens"))
    return Usage(input=said or _weight(texts), calls=1)


def _weight(texts: Sequence[str]) -> int:
    return sum(len(text.encode()) for text in texts) // BYTES
