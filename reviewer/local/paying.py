"""The till of a local review: its calls are booked, settled and entered as those of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from reviewer.core.budget import Prices
from reviewer.core.types import Payer, Spent
from reviewer.local.kit import HERE, Keeps, Kit
from reviewer.local.subject import Subject
from reviewer.metering import Metered
from reviewer.ports import Limits, Model, Spending, Tokens
from reviewer.ports.trace import UNTRACED, Asked, Trace, unkept
from reviewer.till import Till


@dataclass(frozen=True, slots=True)
class LocalDesk:
    """Satisfies `ports.Desk`."""

    store: Keeps
    tokens: Callable[[], Tokens]
    prices: Prices
    limits: Limits
    spending: Spending
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    trace: Trace = UNTRACED
    asked: Asked = unkept


@dataclass(slots=True)
class LocalRun:
    """Satisfies `ports.Pays`. `spent` counts also what came to nothing."""

    tools: LocalDesk
    spent: Spent = field(default_factory=Spent)

    def paid(self, spent: Spent) -> None:
        self.spent += spent


def till_for(subject: Subject, kit: Kit) -> Till:
    """Somebody waits for it: what is to be slow and cheap is not for a local review."""
    desk = LocalDesk(kit.store, kit.tokens, kit.prices, kit.limits, kit.spending)
    payer = Payer(HERE, subject.repository, run=kit.holder, person=kit.person, urgent=True)
    return Till(LocalRun(desk), payer)


def metered(model: Model, fallback: Model | None, till: Till) -> tuple[Model, Model | None]:
    spare = Metered(fallback, till, spare=False) if fallback else None
    return Metered(model, till, spare=spare is not None), spare
