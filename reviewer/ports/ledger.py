"""What was spent on the model, and whether more may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reviewer.core.spending import Counted
from reviewer.core.types import Amount, Call, Fill, Limit


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a call may take. `accounts` are the rows that it is booked on, as the ledger names them; `id` is its own."""

    amount: Amount
    accounts: tuple[str, ...] = ()
    fullest: Fill | None = None  # of the limits that it counts for, with this call; None without any
    id: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The limit that does not take the call. Of what it counts, `open` is only reserved, for calls under way."""

    fill: Fill
    open: Amount = field(default_factory=Amount)


@dataclass(frozen=True, slots=True)
class Account:
    """What one of a limit's level has used or reserved in the present window. `who` is a repository or a login."""

    installation: int  # 0 for everything
    who: str  # "" for everything and for an installation
    used: Amount
    fill: Fill


class Accounts(Protocol):
    """For an operator."""

    async def accounts(self, limits: Sequence[Limit]) -> list[Account]:
        """Those that the limits hold for and that were used in their present windows, the fullest first, no more than
        can be shown; of each limit for everything the one there is.
        """


class Ledger(Protocol):
    """Shared by all workers; what is booked at the same time adds up. Each method raises OutsideError."""

    async def book(
        self, call: Call, wants: Amount, limits: Sequence[Limit], *, share: float = 1.0
    ) -> Reserved | Refused:
        """Reserve before a call, on all limits at once or on none. It is refused where more than `share` of a limit
        would be used. What is never settled counts in full, since nobody knows what it cost: once its worker is gone
        it is entered as a call that was "lost", with what was reserved. `call.usage` is what that is made of.
        """

    async def settle(self, reserved: Reserved, took: Amount, call: Call) -> None:
        """What the call came to, in place of what was reserved, and its row: once, however often this is done."""

    async def keep_call(self, call: Call) -> None:
        """A row of what was never booked."""

    async def counted(self, model: str) -> Sequence[Counted]:
        """How the model counted the last calls that it answered, those of other workers too; the oldest first."""
