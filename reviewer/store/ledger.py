"""What was spent on the model: accounts that no booking takes over a limit, and a row for each call."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

import sqlalchemy as sa

from reviewer.core.spending import begin, end
from reviewer.core.types import Amount, Call, Fill, Limit, Payer
from reviewer.ports import Account, Refused, Reserved
from reviewer.store.accounts import LONGEST, Booking, Key, Used, bookings, fill, key_of, name_of, used
from reviewer.store.database import Database
from reviewer.store.statements import insert, whole
from reviewer.store.tables import ACCOUNTS, CALLS

MOST = 100  # accounts that are shown


class _Full(Exception):
    """Ends a transaction so that nothing of it stands."""

    def __init__(self, fill: Fill) -> None:
        super().__init__()
        self.fill = fill


class SqlLedger(Database):
    """Satisfies `ports.Ledger` and `ports.Accounts`.

    The database's clock says which window a call falls into. What is booked stays on that window, also when it is
    settled after its end.
    """

    async def book(
        self, payer: Payer, wants: Amount, limits: Sequence[Limit], *, share: float = 1.0
    ) -> Reserved | Refused:
        if all(limit.level == "person" and not payer.person for limit in limits):
            return Reserved(wants)
        return await asyncio.to_thread(self._book, payer, wants, limits, share)

    def _book(self, payer: Payer, wants: Amount, limits: Sequence[Limit], share: float) -> Reserved | Refused:
        want, fills = used(wants), list[Fill]()
        try:
            with self.transaction() as connection:
                booked = bookings(payer, limits, self.time(connection))
                for nth, booking in enumerate(booked):
                    after = _add(connection, booking, want, booking.caps(share))
                    if after is None:
                        _refuse(connection, booked, nth, want, share)
                    fills += [booking.fill(limit, after) for limit in booking.limits]
        except _Full as full:
            return Refused(full.fill)
        names = tuple(name_of(booking.key) for booking in booked)
        return Reserved(wants, names, max(fills, key=lambda each: each.share))

    async def settle(self, reserved: Reserved, took: Amount) -> None:
        """To be done once: where it raises OutsideError it may have been done, and not doing it counts in full."""
        changed = used(took) - used(reserved.amount)
        if reserved.accounts and any(changed):
            await asyncio.to_thread(self._settle, [key_of(name) for name in reserved.accounts], changed)

    def _settle(self, keys: Sequence[Key], changed: Used) -> None:
        with self.transaction() as connection:
            for key in keys:  # as they were booked, which is the order for all
                values = {ACCOUNTS.c[name]: ACCOUNTS.c[name] + value for name, value in changed._asdict().items()}
                connection.execute(sa.update(ACCOUNTS).where(*_is(key)).values(values))

    async def keep_call(self, call: Call) -> None:
        await asyncio.to_thread(self._keep_call, row_of(call, self.now()))

    def _keep_call(self, row: dict[str, Any]) -> None:
        with self.transaction() as connection:
            connection.execute(insert(connection, CALLS).values(row).on_conflict_do_nothing())

    async def accounts(self, limits: Sequence[Limit]) -> list[Account]:
        return await asyncio.to_thread(self._accounts, limits)

    def _accounts(self, limits: Sequence[Limit]) -> list[Account]:
        found: list[Account] = []
        with self.transaction() as connection:
            at = self.time(connection)
            for limit in limits:
                found += _fullest(connection, limit, at)
        return sorted(found, key=lambda account: account.fill.share, reverse=True)[:MOST]


def _add(connection: sa.Connection, booking: Booking, want: Used, caps: Used) -> Used | None:
    """What the account holds with it; None, and nothing added, where that is more than it may hold.

    One statement: PostgreSQL locks the row, and looks at it again when somebody else was just writing to it.
    """
    if want.tokens > caps.tokens or want.nanos > caps.nanos:
        return None  # where there is no row yet, the statement's condition is not asked
    new = insert(connection, ACCOUNTS).values({**booking.key._asdict(), **want._asdict(), "until": booking.until})
    after = {name: ACCOUNTS.c[name] + value for name, value in want._asdict().items()}
    added = new.on_conflict_do_update(
        index_elements=list(Key._fields),
        set_=after,
        where=sa.and_(*(total <= getattr(caps, name) for name, total in after.items())),
    ).returning(ACCOUNTS.c.tokens, ACCOUNTS.c.nanos)
    row = connection.execute(added).one_or_none()
    return Used(*row) if row else None


def _refuse(connection: sa.Connection, booked: Sequence[Booking], nth: int, want: Used, share: float) -> NoReturn:
    """Of the limits that do not take the call the one that lasts longest: only then is there room again.

    The transaction sees what it has added itself, to those before the `nth`.
    """
    full: list[Fill] = []
    for at, booking in enumerate(booked):
        caps = booking.caps(share)
        query = sa.select(ACCOUNTS.c.tokens, ACCOUNTS.c.nanos).where(*_is(booking.key))
        row = connection.execute(query).one_or_none()
        there = (Used(*row) if row else Used()) - (want if at < nth else Used())
        over = [limit for limit in booking.limits if there.of(limit) + want.of(limit) > caps.of(limit)]
        full += [booking.fill(limit, there) for limit in over]
    raise _Full(max(full, key=lambda each: (each.until, each.share)))


def _fullest(connection: sa.Connection, limit: Limit, at: float) -> list[Account]:
    """Through all installations, for the operator; what all share is there before anybody has used of it."""
    by = ACCOUNTS.c.nanos if limit.tokens is None else ACCOUNTS.c.tokens
    of = ACCOUNTS.c.period == limit.window, ACCOUNTS.c.begin == begin(limit.window, at)
    query = sa.select(ACCOUNTS.c.installation, ACCOUNTS.c.who, ACCOUNTS.c.tokens, ACCOUNTS.c.nanos)
    query = query.where(*of, ACCOUNTS.c.level == limit.level).order_by(by.desc(), *ACCOUNTS.primary_key).limit(MOST)
    rows = [(row.installation, row.who, Used(row.tokens, row.nanos)) for row in connection.execute(query)]
    if limit.level == "everything" and not rows:
        rows = [(0, "", Used())]
    until = end(limit.window, at)
    return [
        Account(installation, who, held.amount, fill(limit, held, until, whose=(installation, who)))
        for installation, who, held in rows
    ]


def _is(key: Key) -> Collection[sa.ColumnElement[bool]]:
    return [ACCOUNTS.c[name] == value for name, value in key._asdict().items()]


def row_of(call: Call, now: float) -> dict[str, Any]:
    """Names are cut to a length; the cost is kept exactly, and once more as a number that can be added up."""
    texts = {
        **{name: getattr(call.payer, name) for name in ("repository", "run", "delivery", "person")},
        **{name: getattr(call, name) for name in ("purpose", "model", "prompt", "outcome", "tier", "request_id")},
    }
    usage = {name: getattr(call.usage, name) for name in ("input", "cached", "output", "reasoning", "calls")}
    at = call.at or now
    return {
        "installation": call.payer.installation,
        # In order of time, so that new ones lie together.
        "call": whole(call.id[:LONGEST]) or f"{int(at * 1_000):012x}{secrets.token_hex(6)}",
        **{name: whole(text[:LONGEST]) for name, text in texts.items()},
        **usage,
        "number": call.payer.number,
        "cost": "" if call.cost is None else f"{call.cost:f}",
        "nanos": used(Amount(dollars=call.cost or Amount().dollars)).nanos,
        "at": at,
        "seconds": call.seconds,
        "count": call.count,
        "estimated": call.estimated,
    }
