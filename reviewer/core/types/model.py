"""What goes to the model and what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from reviewer.core.types.finding import Finding


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model is forced to call, with its strict JSON schema."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One call of the model, whole. `system` never changes within a prompt version and repository: it comes first.

    `parts` are the texts that the two messages were made of, by name, for whoever weighs them; they are not sent.
    """

    system: str
    user: str
    tool: Tool
    version: str
    max_output: int  # tokens
    most_output: int = 0  # tokens, where it was cut off with less; 0: it is not asked again for that
    temperature: float | None = None
    effort: str | None = None
    cache_key: str = ""
    seed: int | None = None
    tokens: int = 0  # of input, as they were counted; 0 where nobody did
    urgent: bool = False  # somebody waits for the answer
    parts: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    # Awaited before each try, with what those before it took. Raises ModelError where there is to be none.
    again: Callable[[Lost], Awaitable[None]] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or several calls; `cached` is part of `input`, `reasoning` part of `output`."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.output + other.output,
            self.reasoning + other.reasoning,
            self.calls + other.calls,
        )

    def __sub__(self, other: Usage) -> Usage:
        return self + other.times(-1)

    def times(self, count: int) -> Usage:
        of = (self.input, self.cached, self.output, self.reasoning, self.calls)
        return Usage(*(count * each for each in of))


@dataclass(frozen=True, slots=True)
class Lost:
    """What the tries of a call took that came to no answer: `unknown` of them were sent and nobody knows what became of
    them; `usage` is of those of which the server said it. `most`: what the unknown ones took at most, where somebody
    has reserved it.
    """

    unknown: int = 0
    usage: Usage = field(default_factory=Usage)
    most: Usage = field(default_factory=Usage)

    def __add__(self, other: Lost) -> Lost:
        return Lost(self.unknown + other.unknown, self.usage + other.usage, self.most + other.most)

    def __sub__(self, other: Lost) -> Lost:
        return Lost(self.unknown - other.unknown, self.usage - other.usage, self.most - other.most)

    def spent(self, model: str) -> Spent:
        took = self.usage + self.most
        return Spent({model: took}, lost=self.unknown) if took != Usage() else Spent()


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens by the name of the model that was asked: each has its own price. Of these, `flex` cost half of it.

    So many tries are `lost`, which count as the most that they may have taken, and not as calls.
    """

    by_model: Mapping[str, Usage] = field(default_factory=dict)
    flex: Mapping[str, Usage] = field(default_factory=dict)
    lost: int = 0

    @property
    def total(self) -> Usage:
        return sum(self.by_model.values(), Usage())

    def __add__(self, other: Spent) -> Spent:
        by_model, flex = _added(self.by_model, other.by_model), _added(self.flex, other.flex)
        return Spent(by_model, flex, self.lost + other.lost)

    def on(self, model: str) -> Usage:
        return self.by_model.get(model, Usage())


def _added(one: Mapping[str, Usage], other: Mapping[str, Usage]) -> dict[str, Usage]:
    """The names of the first one first."""
    return {name: one.get(name, Usage()) + other.get(name, Usage()) for name in (*one, *other)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `arguments` is the function call's JSON text, "" if there was none; `fault` is what is wrong.

    `capped`: the server was told how long it may be; `flex`: it came from the tier of service at half the price.
    """

    arguments: str
    usage: Usage
    model: str
    fault: Literal["", "text", "truncated", "refused"] = ""
    text: str = ""  # what the model said instead, for the log
    request_id: str = ""
    seconds: float = 0.0  # that the last try took
    waited: float = 0.0  # before it: for room within the rate limits, and with tries that failed
    lost: Lost = field(default_factory=Lost)  # before it; no part of `usage`
    capped: bool = True
    flex: bool = False

    def spent(self, model: str) -> Spent:
        """By the model that was asked, with the tries before it, which were not at half the price."""
        return Spent({model: self.usage}, {model: self.usage} if self.flex else {}) + self.lost.spent(model)


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors, one for each text."""

    vectors: Sequence[bytes]
    usage: Usage
    seconds: float = 0.0  # that the requests took which were answered
    waited: float = 0.0  # beside that: for room within the rate limits, and with tries that failed


@dataclass(frozen=True, slots=True)
class Report:
    """A parsed `report_findings` answer: the good findings, and a sentence for each entry that was not good.

    `malformed`: the text was not whole JSON of the agreed shape; the findings are what could be saved out of it.
    """

    findings: tuple[Finding, ...] = ()
    rejects: tuple[str, ...] = ()
    malformed: bool = False
