"""A model behind a provider, one that embeds texts, and exact token counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from reviewer.core.meaning import Kept
from reviewer.core.types import Answer, Embedded, Prompt


class Model(Protocol):
    """One model behind one provider. Raises ModelError for what is not an answer."""

    name: str

    async def call(self, prompt: Prompt) -> Answer: ...


@runtime_checkable
class Keyed(Protocol):
    """A model of which it is found out at each call whose key it goes on."""

    async def on_own_key(self) -> bool:
        """Whether an installation pays, and not the operator. Raises ModelError where that cannot be found out."""


class Vectors(Protocol):
    """One embedding model behind one provider. Only vectors of one name and form can be compared."""

    name: str
    form: int  # how the vectors are packed: kept ones of another form are made anew

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """A vector for each text, in their order; an empty one for a blank text. Raises ModelError, soon."""

    def alike(self, a: bytes, b: bytes) -> float:
        """The cosine of two of the vectors; 0 where one is empty."""

    def keep(self, vectors: Iterable[bytes]) -> Kept:
        """An index of many."""


class Tokens(Protocol):
    """Exact token counts."""

    def count(self, text: str) -> int: ...
