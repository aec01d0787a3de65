"""Accounts: on which ones a call is booked, in what order, and how much of each may be used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from reviewer.core.spending import begin, end
from reviewer.core.types import Amount, Fill, Level, Limit, Payer, Window
from reviewer.store.locking import ORDER
from reviewer.store.statements import whole

NANO = 10**9  # billionths of a dollar are whole numbers: databases add them without a rounding
NO_LIMIT = 2**62
LONGEST = 200  # characters of a name


class Key(NamedTuple):
    """The primary key of an account."""

    installation: int  # 0 for everything
    level: Level
    who: str  # repository or login, in small letters: GitHub does not tell them apart
    period: Window
    begin: int  # seconds since the epoch


class Used(NamedTuple):
    """Tokens and billionths of a dollar, used or reserved."""

    tokens: int = 0
    nanos: int = 0

    def __sub__(self, other: Used) -> Used:
        return Used(self.tokens - other.tokens, self.nanos - other.nanos)

    def of(self, limit: Limit) -> int:
        """In the unit of the limit."""
        return self.nanos if limit.tokens is None else self.tokens

    @property
    def amount(self) -> Amount:
        return Amount(self.tokens, Decimal(self.nanos) / NANO)


@dataclass(frozen=True, slots=True)
class Booking:
    """An account that a call is booked on, and the limits that hold for it."""

    key: Key
    until: int  # when its window ends
    limits: tuple[Limit, ...]

    def fill(self, limit: Limit, held: Used) -> Fill:
        return fill(limit, held, self.until, whose=(self.key.installation, self.key.who))

    def caps(self, share: float) -> Used:
        """Up to where such a share of each limit goes; rounded down."""
        tokens = (cap(limit, share) for limit in self.limits if limit.tokens is not None)
        nanos = (cap(limit, share) for limit in self.limits if limit.tokens is None)
        return Used(min(tokens, default=NO_LIMIT), min(nanos, default=NO_LIMIT))


def used(amount: Amount) -> Used:
    """Money is rounded up, so that what is reserved is never less than what may be spent."""
    return Used(amount.tokens, int((amount.dollars * NANO).to_integral_value(ROUND_CEILING)))


def cap(limit: Limit, share: float = 1.0) -> int:
    """So much of the limit, in its unit: tokens or billionths of a dollar."""
    total = limit.tokens if limit.tokens is not None else (limit.dollars or 0) * NANO
    return int((Decimal(str(share)) * total).to_integral_value(ROUND_FLOOR))


def fill(limit: Limit, account: Used, until: float, *, whose: tuple[int, str]) -> Fill:
    """`whose`: the installation (0: none) and the name of the account."""
    total, (installation, who) = cap(limit), whose
    return Fill(limit, account.of(limit) / total if total else 1.0, until, who or f"{installation or ''}")


def bookings(payer: Payer, limits: Sequence[Limit], at: float) -> list[Booking]:
    """The accounts that limits hold for, in the order in which they are to be locked; a limit for each person holds
    for nobody where no person is known.
    """
    found: dict[Key, list[Limit]] = {}
    for limit in limits:
        if limit.level != "person" or payer.person:
            found.setdefault(_key(payer, limit, at), []).append(limit)
    keys = sorted(found, key=lambda key: (ORDER.index(key.level), *key))
    return [Booking(key, end(key.period, at), tuple(found[key])) for key in keys]


def name_of(key: Key) -> str:
    return json.dumps(key)


def key_of(name: str) -> Key:
    return Key(*json.loads(name))


def _key(payer: Payer, limit: Limit, at: float) -> Key:
    who = {"repository": payer.repository, "person": payer.person}.get(limit.level, "")
    installation = 0 if limit.level == "everything" else payer.installation
    return Key(installation, limit.level, whole(who[:LONGEST]).lower(), limit.window, begin(limit.window, at))
