"""Where a run pays: what a call may take is reserved before it is sent, and what it took is entered after it.

What is under way is kept with its reservation, so that a call whose process ends is in the ledger too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from reviewer.core.budget import bill
from reviewer.core.errors import ModelError, OutsideError
from reviewer.core.spending import FALLBACK_ONLY, FIRST_LOOK, LAST_ONLY, OVER, fits, over, unpriced
from reviewer.core.types import Amount, Call, Limit, Lost, Payer, Spent, Tier, Usage
from reviewer.ports import Pays, Refused, Reserved
from reviewer.run import Run

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 0.0)  # seconds after bookings against which only calls under way stand
SOON = (1.0, 2.0, 4.0, 0.0)  # where somebody waits
FIRST = 60.0  # seconds that calls wait for the first answer of a model
LEAST = 4  # a smaller call has one part in so many of the input; the output's most is the same
Remedy = Literal["", "smaller", "another"]
HUNKS: tuple[Tier, ...] = ("exact", "structural", "miss")  # tiers of the cache
LOST, FAILED = (
    "lost",
    "failed",
)  # outcomes of a try that was made again: nobody knows what it took, or its server said it


@dataclass(frozen=True, slots=True)
class Till:
    """Where one run pays for its calls."""

    run: Pays
    payer: Payer

    @asynccontextmanager
    async def turn(self, model: str) -> AsyncIterator[None]:
        """For a whole call, its estimate included: of a model that has never answered nobody knows how it counts, so
        where there are limits its calls come one at a time until it has, though none waits for long.

        What it answered to others, or before a restart, is in the ledger.
        """
        tools, spending = self.run.tools, self.run.tools.spending
        if not spending.limits or spending.margins.knows(model):
            yield
            return
        lock, locked = spending.firsts.setdefault(model, asyncio.Lock()), False
        try:
            with suppress(TimeoutError):
                locked = await asyncio.wait_for(lock.acquire(), FIRST)
            if not spending.margins.knows(model):
                with suppress(OutsideError):
                    answers = await tools.store.counted(model)
                    spending.margins = spending.margins.recalled(model, answers, window=tools.limits.window)
            if locked and spending.margins.knows(model):
                lock.release()
                locked = False
            yield
        finally:
            if locked:
                lock.release()

    async def book(self, call: Call, estimate: Usage, *, share: float, own: bool = False) -> Booked:
        """Reserve what a call may take. Raises ModelError where the budgets do not take it.

        `own`: it is not the operator who pays.
        """
        try:
            reserved = await self.reserve(call, estimate, share=share, own=own)
        except ModelError:  # what was never sent is no row of the ledger; whoever counts hears of it
            self.run.tools.spending.called(replace(call, outcome=OVER))
            raise
        return Booked(self, call, estimate, share, own, reserved)

    async def reserve(self, call: Call, estimate: Usage, *, share: float, own: bool) -> Reserved:
        """For one try. Raises ModelError where the budgets do not take it.

        Where calls under way have reserved what it needs, it is tried again for a while: they seldom take all of it.
        """
        tools, spending = self.run.tools, self.run.tools.spending
        limits = [limit for limit in spending.limits if not (own and limit.level == "everything")]
        if any(limit.dollars is not None for limit in limits) and self._dollars(call, estimate) is None:
            raise ModelError(unpriced(call.model), code=OVER, remedy="another")
        wants = self._amount(call, estimate)
        for pause in SOON if self.payer.urgent else PAUSES:
            booked = await self._booked(replace(call, usage=estimate), wants, limits, share)
            if isinstance(booked, Reserved):
                if booked.fullest and booked.fullest.share >= FALLBACK_ONLY:
                    spending.filling(booked.fullest)
                return booked
            full = booked.fill
            if not fits(full, wants, share=share, free=booked.open):
                break
            await tools.sleep(pause)
        spending.filling(full)
        least = self._amount(call, replace(estimate, input=estimate.input // LEAST))
        smaller: Remedy = "smaller" if fits(full, least, share=share) else ""
        sentence = over(full, share=share, wants=wants)
        raise ModelError(sentence, code=OVER, remedy="another" if share < LAST_ONLY else smaller)

    async def _booked(self, call: Call, wants: Amount, limits: list[Limit], share: float) -> Reserved | Refused:
        """Where the run is cancelled meanwhile, what was reserved is given back: nothing was sent."""
        booking = asyncio.ensure_future(self.run.tools.store.book(call, wants, limits, share=share))
        try:
            return await asyncio.shield(booking)
        except asyncio.CancelledError:
            with suppress(OutsideError):
                if isinstance(booked := await booking, Reserved):
                    await self.settle(booked, replace(call, usage=Usage(), outcome="cancelled"), Lost())
            raise

    def _amount(self, call: Call, usage: Usage) -> Amount:
        return Amount(usage.input + usage.output, self._dollars(call, usage) or Decimal(0))

    def _dollars(self, call: Call, usage: Usage) -> Decimal | None:
        """At the full price; None without one."""
        return bill(Spent({call.model: usage}), prices=self.run.tools.prices)

    @asynccontextmanager
    async def asking(self, booked: Booked) -> AsyncIterator[None]:
        """What goes wrong in it ends the reservation, also where the run is cancelled."""
        call = booked.call
        try:
            yield
        except ModelError as error:
            call = replace(call, outcome=error.code or "error", seconds=error.seconds, request_id=error.request_id)
            await asyncio.shield(booked.paid(call, error.lost))
            error.lost = booked.at_most(error.lost)
            raise
        except asyncio.CancelledError as cancelled:
            lost = next((each for each in cancelled.args if isinstance(each, Lost)), booked.entered + Lost(1))
            await asyncio.shield(booked.paid(replace(call, outcome="cancelled"), lost))
            raise
        except Exception:
            await asyncio.shield(booked.paid(replace(call, outcome="error"), booked.entered + Lost(1)))
            raise

    async def settle(
        self, reserved: Reserved, call: Call, lost: Lost, *, flex: bool = False, untold: bool = False
    ) -> None:
        """Settle, and enter the call into the ledger, with what was lost for this reservation: the most that it may
        have been (`lost.most`) where nobody knows, in which lies whatever is known. An answer whose server does not
        say counts as what was reserved (`untold`): it may have thought for long.
        Where the database is away the answer is not lost: what was reserved then counts in full.
        """
        tools, usage = self.run.tools, call.usage + lost.usage
        if lost.most.input + lost.most.output > usage.input + usage.output:
            usage = replace(lost.most, calls=usage.calls)
        if usage != Usage():
            spent = Spent({call.model: usage}, {call.model: call.usage} if flex else {}, lost.unknown)
            self.run.paid(spent)
            rows = replace(usage, calls=usage.calls + lost.unknown)
            call = replace(call, usage=rows, cost=bill(spent, prices=tools.prices))
        tokens, dollars = usage.input + usage.output, call.cost or Decimal(0)
        if untold:
            tokens, dollars = max(tokens, reserved.amount.tokens), max(dollars, reserved.amount.dollars)
        tools.spending.called(call)
        with suppress(OutsideError):
            await tools.store.settle(reserved, Amount(tokens, dollars), call)

    async def cached(self, hits: Mapping[str, int], *, model: str, prompt: str) -> None:
        """What the cache answered and what it did not, for the ledger: once a run, also where its job runs again."""
        # All of them where there is one: else another time would fill in what is not there.
        hunks = any(hits.get(tier) for tier in HUNKS)
        for tier in (*(HUNKS if hunks else ()), *(("meaning",) if hits.get("meaning") else ())):
            row = f"{self.payer.run}:{tier}" if self.payer.run else ""
            call = Call(self.payer, FIRST_LOOK, model, prompt, self.run.tools.now(), tier=tier, id=row)
            call = replace(call, count=hits.get(tier, 0))
            self.run.tools.spending.called(call)
            with suppress(OutsideError):
                await self.run.tools.store.keep_call(call)


@dataclass(slots=True)
class Booked:
    """A call, and what is reserved for the try of it that is under way; None once that is in the ledger."""

    till: Till
    call: Call
    estimate: Usage  # the most that a try may take
    share: float
    own: bool
    reserved: Reserved | None
    entered: Lost = field(default_factory=Lost)  # by tries that are in the ledger

    async def again(self, lost: Lost) -> None:
        """Before another try, since one of which nobody knows may have to be paid for in full: enter the one before,
        and reserve once more. `lost`: what all before it took. Raises ModelError where the budgets do not take it.
        """
        if lost == self.entered:
            return
        last, before = lost - self.entered, self.reserved
        self.entered, self.reserved = lost, None
        if before:
            call = replace(self.call, outcome=LOST if last.unknown else FAILED)
            await asyncio.shield(self.till.settle(before, call, self.at_most(last)))
        self.reserved = await self.till.reserve(self.call, self.estimate, share=self.share, own=self.own)

    async def paid(self, call: Call, lost: Lost, *, flex: bool = False, untold: bool = False) -> None:
        """The end of it; `lost` by all of its tries."""
        if self.reserved is None:  # all that was sent is in the ledger
            self.till.run.tools.spending.called(call)
            return
        await self.till.settle(self.reserved, call, self.at_most(lost - self.entered), flex=flex, untold=untold)

    def at_most(self, lost: Lost) -> Lost:
        return replace(lost, most=self.estimate.times(lost.unknown))


def till_of(run: Run, *, urgent: bool) -> Till:
    job = run.job
    payer = Payer(job.installation, job.repository, job.number, run.id, job.delivery, job.author, urgent=urgent)
    return Till(run, payer)
