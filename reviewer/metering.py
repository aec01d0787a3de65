"""Nothing is asked of a model that the budgets do not take, and each call leaves its row in the ledger.

As a limit fills up, less is asked: from 80 % on only the fallback model, from 95 % on only what a review ends with and
what people ask; what is kept is given in any case. An installation with a key of its own has the same
budgets, but for the one of everything together: that is the operator's money.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from reviewer.core.budget import cost
from reviewer.core.errors import ModelError, OutsideError
from reviewer.core.meaning import Kept
from reviewer.core.spending import ALL, FALLBACK_ONLY, FIRST_LOOK, LAST_ONLY, fits, over, unpriced
from reviewer.core.types import Amount, Answer, Call, Lost, Payer, Prompt, Spent, Tier, Usage
from reviewer.ports import Keyed, Model, Reserved, Vectors
from reviewer.purse import weight
from reviewer.run import Run

EMBED = "embed"
OVER = "budget"  # the code of an error
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 0.0)  # seconds after bookings against which only calls under way stand
SOON = (1.0, 2.0, 4.0, 0.0)  # where somebody waits
LEAST = 4  # a smaller call has one part in so many of the input; the output's most is the same
Remedy = Literal["", "smaller", "another"]
HUNKS: tuple[Tier, ...] = ("exact", "structural", "miss")  # tiers of the cache


@dataclass(frozen=True, slots=True)
class Till:
    """Where one run pays for its calls."""

    run: Run
    payer: Payer

    async def book(self, call: Call, estimate: Usage, *, share: float, own: bool = False) -> Reserved:
        """Reserve what a call may take. Raises ModelError where the budgets do not take it.

        Where calls under way have reserved what it needs, it is tried again for a while: they seldom take all of it.
        `own`: it is not the operator who pays.
        """
        tools, spending = self.run.tools, self.run.tools.spending
        limits = [limit for limit in spending.limits if not (own and limit.level == "everything")]
        if any(limit.dollars is not None for limit in limits) and self._dollars(call, estimate) is None:
            raise self._refused(call, unpriced(call.model), "another")
        wants = self._amount(call, estimate)
        for pause in SOON if self.payer.urgent else PAUSES:
            booked = await tools.store.book(self.payer, wants, limits, share=share)
            if isinstance(booked, Reserved):
                if booked.fullest and booked.fullest.share >= FALLBACK_ONLY:
                    spending.filling(booked.fullest)
                spending.open.append((self.payer, booked))
                return booked
            full, free = booked.fill, spending.held(self.payer, booked.fill.limit.level)
            if not fits(full, wants, share=share, free=free):
                break
            await tools.sleep(pause)
        spending.filling(full)
        least = self._amount(call, replace(estimate, input=estimate.input // LEAST))
        smaller: Remedy = "smaller" if fits(full, least, share=share) else ""
        sentence = over(full, share=share, wants=wants)
        raise self._refused(call, sentence, "another" if share < LAST_ONLY else smaller)

    def _amount(self, call: Call, usage: Usage) -> Amount:
        return Amount(usage.input + usage.output, self._dollars(call, usage) or Decimal(0))

    def _dollars(self, call: Call, usage: Usage, *, flex: bool = False) -> Decimal | None:
        """None without a price."""
        return cost(usage, model=call.model, prices=self.run.tools.prices, flex=flex)

    def _refused(self, call: Call, sentence: str, remedy: Remedy) -> ModelError:
        """What was never sent is no row of the ledger; whoever counts hears of it."""
        self.run.tools.spending.called(replace(call, outcome=OVER))
        return ModelError(sentence, code=OVER, remedy=remedy)

    @asynccontextmanager
    async def asking(self, reserved: Reserved, call: Call) -> AsyncIterator[None]:
        """What goes wrong in it ends the reservation, also where the run is cancelled."""
        try:
            yield
        except ModelError as error:
            call = replace(call, outcome=error.code or "error", seconds=error.seconds)
            await asyncio.shield(self.paid(reserved, call, error.lost))
            raise
        except asyncio.CancelledError as cancelled:
            lost = next((each for each in cancelled.args if isinstance(each, Lost)), Lost(1))
            await asyncio.shield(self.paid(reserved, replace(call, outcome="cancelled"), lost))
            raise
        except BaseException:
            self.run.tools.spending.ended(reserved)
            raise

    async def paid(
        self, reserved: Reserved, call: Call, lost: Lost, *, flex: bool = False, untold: bool = False
    ) -> None:
        """Settle, and enter the call into the ledger, with what its lost tries took; those of which nobody knows count
        as what was reserved, and so does an answer whose server does not say (`untold`): it may have thought for long.
        Where the database is away the answer is not lost: what was reserved then counts in full.
        """
        tools, usage = self.run.tools, call.usage + lost.usage
        if usage != Usage():
            self.run.paid(Spent({call.model: usage}))
            answer, before = self._dollars(call, call.usage, flex=flex), self._dollars(call, lost.usage)
            call = replace(call, usage=usage, cost=None if answer is None or before is None else answer + before)
        tokens = usage.input + usage.output + lost.unknown * reserved.amount.tokens
        dollars = (call.cost or Decimal(0)) + lost.unknown * reserved.amount.dollars
        if untold:
            tokens, dollars = max(tokens, reserved.amount.tokens), max(dollars, reserved.amount.dollars)
        with suppress(OutsideError):
            await tools.store.settle(reserved, Amount(tokens, dollars))
        tools.spending.ended(reserved)
        await self._enter(call)

    async def cached(self, hits: Mapping[str, int], *, model: str, prompt: str) -> None:
        """What the cache answered and what it did not, for the ledger: once a run, also where its job runs again."""
        # All of them where there is one: else another time would fill in what is not there.
        hunks = any(hits.get(tier) for tier in HUNKS)
        for tier in (*(HUNKS if hunks else ()), *(("meaning",) if hits.get("meaning") else ())):
            row = f"{self.payer.run}:{tier}" if self.payer.run else ""
            call = Call(self.payer, FIRST_LOOK, model, prompt, self.run.tools.now(), tier=tier, id=row)
            await self._enter(replace(call, count=hits.get(tier, 0)))

    async def _enter(self, call: Call) -> None:
        self.run.tools.spending.called(call)
        with suppress(OutsideError):
            await self.run.tools.store.keep_call(call)


def till_of(run: Run, *, urgent: bool) -> Till:
    job = run.job
    payer = Payer(job.installation, job.repository, job.number, run.id, job.delivery, job.author, urgent=urgent)
    return Till(run, payer)


class Metered:
    """Satisfies `ports.Model`: a model behind its till. `spare`: another one is asked where this one is not."""

    def __init__(self, model: Model, till: Till, *, spare: bool) -> None:
        self.name = model.name
        self._model, self._till, self._spare = model, till, spare

    async def call(self, prompt: Prompt) -> Answer:
        till, tools = self._till, self._till.run.tools
        tokens = prompt.tokens or weight(prompt, tools.tokens().count)
        prompt = replace(prompt, tokens=tokens, urgent=till.payer.urgent)
        estimate = self._estimate(prompt)
        entry = Call(till.payer, prompt.tool.name, self.name, prompt.version, tools.now(), estimated=tokens)
        reserved = await till.book(entry, estimate, share=self._share(prompt), own=await _is_own(self._model))
        started = tools.clock()
        async with till.asking(reserved, entry):
            try:
                with tools.trace.chat(self.name, prompt) as answered:
                    answer = await self._model.call(prompt)
                    answered(answer)
            except ModelError as error:
                tools.asked(prompt, error, till.payer, self.name)
                raise
        tools.asked(prompt, answer, till.payer, self.name)
        untold = not answer.usage.output
        answer = self._learned(prompt, answer)
        took = answer.seconds or tools.clock() - started
        made = replace(entry, usage=answer.usage, seconds=took, waited=answer.waited, outcome=answer.fault or "ok")
        made = replace(made, request_id=answer.request_id)
        await asyncio.shield(till.paid(reserved, made, answer.lost, flex=answer.flex, untold=untold))
        return replace(answer, usage=answer.usage + answer.lost.usage)

    def _estimate(self, prompt: Prompt) -> Usage:
        """The most that the call may take."""
        margins, most = self._till.run.tools.spending.margins, prompt.max_output
        into = margins.reserve(self.name, prompt.tokens)
        return Usage(input=into, output=margins.output(self.name, most, room=self._room(prompt)))

    def _room(self, prompt: Prompt) -> int:
        """Tokens that an answer can take, whatever it was told."""
        return max(0, self._till.run.tools.limits.window - prompt.tokens)

    def _learned(self, prompt: Prompt, answer: Answer) -> Answer:
        """With what it took, by our own count where the server does not say."""
        tools, name, usage = self._till.run.tools, self.name, answer.usage
        margins = tools.spending.margins.learned(name, prompt.tokens, usage.input)
        output = usage.output or tools.tokens().count(answer.arguments or answer.text)
        room = self._room(prompt)
        tools.spending.margins = margins.said(name, prompt.max_output, output, room=room, capped=answer.capped)
        return replace(answer, usage=replace(usage, input=usage.input or prompt.tokens, output=output))

    def _share(self, prompt: Prompt) -> float:
        if self._spare:
            return FALLBACK_ONLY
        return LAST_ONLY if prompt.tool.name == FIRST_LOOK else ALL


class MeteredVectors:
    """Satisfies `ports.Vectors`."""

    def __init__(self, vectors: Vectors, till: Till) -> None:
        self.name, self.form = vectors.name, vectors.form
        self._vectors, self._till = vectors, till

    async def embed(self, texts: Sequence[str]) -> tuple[list[bytes], Usage]:
        tools = self._till.run.tools
        tokens = sum(tools.tokens().count(text) for text in texts)
        estimate = Usage(input=tools.spending.margins.reserve(self.name, tokens))
        entry = Call(self._till.payer, EMBED, self.name, "", tools.now(), estimated=tokens)
        reserved = await self._till.book(entry, estimate, share=LAST_ONLY)
        started = tools.clock()
        async with self._till.asking(reserved, entry):
            with tools.trace.embedding(self.name) as answered:
                vectors, usage = await self._vectors.embed(texts)
                answered(usage)
        made = replace(entry, usage=usage, seconds=tools.clock() - started)
        await asyncio.shield(self._till.paid(reserved, made, Lost()))
        return vectors, usage

    def alike(self, a: bytes, b: bytes) -> float:
        return self._vectors.alike(a, b)

    def keep(self, vectors: Iterable[bytes]) -> Kept:
        return self._vectors.keep(vectors)


async def _is_own(model: Model) -> bool:
    """Whether it is on an installation's own key; where that cannot be found out, the call itself fails."""
    try:
        return isinstance(model, Keyed) and await model.on_own_key()
    except ModelError:
        return False
