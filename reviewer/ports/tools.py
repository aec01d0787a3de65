"""Everything that a review acts through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reviewer.core.budget import Prices
from reviewer.core.meaning import Bars
from reviewer.core.prompts import Example, PromptFile, Split
from reviewer.core.spending import Margins
from reviewer.core.types import Call, Fill, Finding, Form, Limit, Line, Material, Outline, Secret
from reviewer.ports.commands import Hourly
from reviewer.ports.github import GitHub
from reviewer.ports.model import Model, Tokens, Vectors
from reviewer.ports.store import Store
from reviewer.ports.trace import UNTRACED, Asked, Trace, unkept


class Secrets(Protocol):
    """A kept rule set for secrets."""

    async def find(self, texts: Sequence[str]) -> list[list[Secret]]:
        """The secrets in each text. Raises OutsideError when it cannot look: then nothing may be sent."""


Forms = Callable[[Mapping[str, tuple[str, Sequence[Line]]]], dict[str, Form]]  # by chunk key, of path and lines
Outlines = Callable[[Mapping[str, str]], dict[str, Outline]]  # by path, of the files' texts; what has none is left out


class Source(Protocol):
    """Where findings come from beside the model; pure over its material."""

    name: str

    def find(self, material: Material) -> list[Finding]: ...


class Cases(Protocol):
    """Labelled cases to find the bars of an embedding model on."""

    @property
    def name(self) -> str:
        """Of another name are other cases."""

    @property
    def texts(self) -> Sequence[str]:
        """All that is compared in them."""

    def bars(self, vectors: Mapping[str, bytes], alike: Callable[[bytes, bytes], float]) -> Bars | None:
        """None where no bar tells the same from the nearly same."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one review may take; 0 is no limit."""

    tokens: int = 1_000_000  # of input
    seconds: float = 900.0  # in which model calls may begin
    window: int = 128_000  # tokens that the model takes at once, its answer included


@dataclass(slots=True)
class Spending:
    """What may be spent, what was learned of how models count, and who is told: of each row of the ledger, and of a
    limit that is nearly full.
    """

    limits: tuple[Limit, ...] = ()
    called: Callable[[Call], None] = lambda _call: None
    filling: Callable[[Fill], None] = lambda _fill: None
    margins: Margins = field(default_factory=Margins)
    firsts: dict[str, asyncio.Lock] = field(default_factory=dict)  # by a model that has never answered


@dataclass(frozen=True, slots=True)
class Tools:
    """Everything that a review acts through, built in one place (`app`)."""

    github: Callable[[int, str], GitHub]  # (installation, owner/name)
    model: Callable[[str, int], Model]  # by model name, for an installation (0: of this machine)
    tokens: Callable[[], Tokens]  # built at first use: the ranks weigh 66 MB
    store: Store
    secrets: Secrets
    outlines: Outlines
    forms: Forms
    sources: tuple[Source, ...]
    prompts: dict[str, PromptFile]  # by name: "review" and its variants "review.NAME", "confirm", "ask", "rebut"
    examples: tuple[Example, ...]  # the library that each call gets some of
    prices: Prices  # by model
    limits: Limits
    vectors: Callable[[int], Awaitable[Vectors | None]]  # what an installation's texts are compared by; None: words
    cases: Callable[[], Cases]  # to find out what its likenesses are worth
    default_model: str
    fallback_model: str
    clock: Callable[[], float]  # monotonic seconds
    now: Callable[[], float]  # seconds since the epoch
    sleep: Callable[[float], Awaitable[None]]
    trace: Trace = UNTRACED
    spending: Spending = field(default_factory=Spending)
    hourly: Hourly = field(default_factory=Hourly)
    asked: Asked = unkept  # keeps prompts and answers for the operator
    split: Split = field(default_factory=Split)  # between the variants of the review's prompt
    allowed_models: Sequence[str] = ()  # that a configuration may name, `*` for any characters; none: any

    def fallback(self, model: Model, installation: int) -> Model | None:
        """What is asked where `model` does not answer; None where there is no other."""
        other = self.model(self.fallback_model, installation) if self.fallback_model else model
        return None if other.name == model.name else other
