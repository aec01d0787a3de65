"""What was spent on the model, and whether more may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reviewer.core.types import Amount, Call, Fill, Limit, Payer


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a call may take. `accounts` are the rows that it is booked on, as the ledger names them."""

    amount: Amount
    accounts: tuple[str, ...] = ()
    fullest: Fill | None = None  # of the limits that it counts for, with this call; None without any


@dataclass(frozen=True, slots=True)
class Refused:
    """The limit that does not take the call."""

    fill: Fill


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
        self, payer: Payer, wants: Amount, limits: Sequence[Limit], *, share: float = 1.0
    ) -> Reserved | Refused:
        """Reserve before a call, on all limits at once or on none. It is refused where more than `share` of a limit
        would be used. What is never settled counts in full: nobody knows what it cost.
        """

    async def settle(self, reserved: Reserved, took: Amount) -> None:
        """What the call came to, in place of what was reserved."""

    async def keep_call(self, call: Call) -> None: ...
