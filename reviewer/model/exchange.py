"""What is asked of a provider, and what its answer comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from openai import AsyncOpenAI

from reviewer.core.types import Lost
from reviewer.model.rates import Ticket


class Request(Protocol):
    """What is asked."""

    @property
    def variable(self) -> str:
        """Where the operator names the model."""

    def body(self, refused: frozenset[str]) -> dict[str, Any]:
        """What is sent, without the fields that this server has refused."""

    def spare(self, body: dict[str, Any]) -> tuple[str, ...]:
        """The fields of the body that it can do without, those first that are more often refused."""

    def ticket(self) -> Ticket:
        """What it weighs, and for whom it is asked."""

    def seconds(self, body: dict[str, Any]) -> float | None:
        """How long one try may take where that is longer than usual."""

    async def again(self, lost: Lost) -> None:
        """Before each try; those before it took `lost`. Raises Unsent where what they may have cost leaves nothing."""

    async def send(self, client: AsyncOpenAI, body: dict[str, Any]) -> tuple[bytes, Mapping[str, str]]:
        """The body as it came, and the headers: the SDK's own objects break on what compatible servers leave out."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The body of an answer, which is an object with an answer in it."""

    body: dict[str, Any]
    request_id: str
    seconds: float = 0.0  # that the try took which it came with
    lost: Lost = field(default_factory=Lost)  # by tries before it
    fields: frozenset[str] = frozenset()  # of the request as it was sent
