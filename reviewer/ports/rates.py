"""What the keys have left of the rate limits of their models, to be looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyRates:
    """To be looked at. Limits are for their whole period, most often a minute; None while none is known.

    `held` is in seconds from now.
    """

    key: str  # masked
    requests: float | None
    requests_left: float | None
    tokens: float | None
    tokens_left: float | None
    held: float
    in_flight: int


@dataclass(frozen=True, slots=True)
class ModelRates:
    """To be looked at: how many wait for a model, and what each of its keys has left."""

    model: str
    waiting: int
    urgent: int  # of those
    keys: tuple[KeyRates, ...]
