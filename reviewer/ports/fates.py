"""What became of the findings that were said, and what each look at a pull request came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from reviewer.core.types import Quality

Became = Literal["open", "fixed", "dismissed", "outdated", "refuted"]
"""`refuted`: the code is as it was, and a second look did not uphold it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one run came to. `said` are the findings of the model that it said first, their severity by name; `became`
    is what it saw of these and of earlier ones, by name.
    """

    installation: int
    repository: str
    number: int
    run: str
    prompt: str  # label
    model: str
    tokens: int  # of all calls, input and output
    quality: Quality
    said: Mapping[str, str] = field(default_factory=dict)
    became: Mapping[str, Became] = field(default_factory=dict)


class Fates(Protocol):
    """Everything is keyed by installation first."""

    async def keep_look(self, looked: Looked) -> None:
        """Kept twice it counts once. Of a finding that was never said nothing is kept. Raises OutsideError."""
