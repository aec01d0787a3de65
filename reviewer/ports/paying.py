"""What it takes to pay for calls of the model: a run of the server does, and so does a review on this machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from reviewer.core.budget import Prices
from reviewer.core.types import Spent
from reviewer.ports.ledger import Ledger
from reviewer.ports.model import Tokens
from reviewer.ports.tools import Limits, Spending
from reviewer.ports.trace import Asked, Trace


class Desk(Protocol):
    """What calls are counted with; `Tools` is one. Each as there."""

    @property
    def store(self) -> Ledger: ...
    @property
    def tokens(self) -> Callable[[], Tokens]: ...
    @property
    def prices(self) -> Prices: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def spending(self) -> Spending: ...
    @property
    def clock(self) -> Callable[[], float]: ...
    @property
    def now(self) -> Callable[[], float]: ...
    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def asked(self) -> Asked: ...


class Pays(Protocol):
    """Whoever is told what an answer of the model cost."""

    @property
    def tools(self) -> Desk: ...

    def paid(self, spent: Spent) -> None: ...
