"""What was spent on the model: accounts that no booking takes over a limit, and a row for each call, open or ended."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import sqlalchemy as sa

from reviewer.core.spending import Counted, begin, end
from reviewer.core.types import Amount, Call, Fill, Limit
from reviewer.ports import Account, Refused, Reserved
from reviewer.store.accounts import LONGEST, Booking, Key, Used, bookings, fill, key_of, name_of, used
from reviewer.store.database import Database
from reviewer.store.open_calls import held, open_row, settles
from reviewer.store.statements import insert, whole
from reviewer.store.tables import ACCOUNTS, CALLS
from reviewer.store.tables_open import OPEN_CALLS

MOST = 100  # accounts that are shown
LATELY = 30 * 86_400  # seconds that are looked back on for how a model counts
ANSWERED = ("ok", "text", "truncated", "refused")


class _Full(Exception):
    """Ends a transaction so that nothing of it stands."""

    def __init__(self, refused: Refused) -> None:
        super().__init__()
        self.refused = refused


class SqlLedger(Database):
    """Satisfies `ports.Ledger` and `ports.Accounts`. `holder` is set by the job engine: the name of this worker.

    The database's clock says which window a call falls into. What is booked stays on that window, also when it is
    settled after its end.
    """

    holder = ""

    async def book(
        self, call: Call, wants: Amount, limits: Sequence[Limit], *, share: float = 1.0
    ) -> Reserved | Refused:
        return await asyncio.to_thread(self._book, call, wants, limits, share)

    def _book(self, call: Call, wants: Amount, limits: Sequence[Limit], share: float) -> Reserved | Refused:
        want, fills = used(wants), list[Fill]()
        try:
            with self.transaction() as connection:
                at = self.time(connection)
                booked, row = bookings(call.payer, limits, at), row_of(call, at)
                names = tuple(name_of(booking.key) for booking in booked)
                under_way = open_row(row, wants, names, holder=self.holder, at=at)  # before others wait for us
                for nth, booking in enumerate(booked):
                    after = _add(connection, booking, want, booking.caps(share))
                    if after is None:
                        _refuse(connection, booked, nth, want, share)
                    fills += [booking.fill(limit, after) for limit in booking.limits]
                connection.execute(sa.insert(OPEN_CALLS), under_way)
        except _Full as full:
            return full.refused
        return Reserved(wants, names, max(fills, key=lambda each: each.share, default=None), row["call"])

    async def settle(self, reserved: Reserved, took: Amount, call: Call) -> None:
        row = row_of(replace(call, id=reserved.id), self.now())
        await asyncio.to_thread(self._settle, row, reserved.accounts, used(took) - used(reserved.amount))

    def _settle(self, row: dict[str, Any], accounts: Sequence[str], changed: Used) -> None:
        with self.transaction() as connection:
            if not settles(connection, row) or not any(changed):
                return
            for name in accounts:  # as they were booked, which is the order for all
                values = {unit: ACCOUNTS.c[unit] + value for unit, value in changed._asdict().items()}
                connection.execute(sa.update(ACCOUNTS).where(*_is(key_of(name))).values(values))

    async def keep_call(self, call: Call) -> None:
        await asyncio.to_thread(self._keep_call, row_of(call, self.now()))

    def _keep_call(self, row: dict[str, Any]) -> None:
        with self.transaction() as connection:
            connection.execute(insert(connection, CALLS).values(row).on_conflict_do_nothing())

    async def counted(self, model: str) -> list[Counted]:
        return await asyncio.to_thread(self._counted, model)

    def _counted(self, model: str) -> list[Counted]:
        columns = (CALLS.c[name] for name in ("estimated", "input", "most", "output", "uncapped"))
        # Of several tries it is not known which one took how much; what embeds has no output that could teach.
        one = sa.or_(CALLS.c.calls == 1, CALLS.c.output == 0)
        lately = CALLS.c.at >= self.now() - LATELY, CALLS.c.model == whole(model[:LONGEST])
        query = sa.select(*columns).where(*lately, CALLS.c.tier == "", CALLS.c.outcome.in_(ANSWERED), one)
        with self.transaction() as connection:
            rows = connection.execute(query.order_by(CALLS.c.at.desc()).limit(MOST)).all()
        return [
            Counted(row.estimated, row.input, row.most, row.output, capped=not row.uncapped) for row in reversed(rows)
        ]

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
    full: list[tuple[Fill, Key]] = []
    for at, booking in enumerate(booked):
        caps = booking.caps(share)
        query = sa.select(ACCOUNTS.c.tokens, ACCOUNTS.c.nanos).where(*_is(booking.key))
        row = connection.execute(query).one_or_none()
        there = (Used(*row) if row else Used()) - (want if at < nth else Used())
        over = [limit for limit in booking.limits if there.of(limit) + want.of(limit) > caps.of(limit)]
        full += [(booking.fill(limit, there), booking.key) for limit in over]
    fill, key = max(full, key=lambda each: (each[0].until, each[0].share))
    raise _Full(Refused(fill, held(connection, key)))


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
        "most": call.most,
        "uncapped": int(not call.capped),
    }
