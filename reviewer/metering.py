"""Nothing is asked of a model that the budgets do not take, and each call leaves its row in the ledger.

As a limit fills up, less is asked: from 80 % on only the fallback model, from 95 % on only what a review ends with and
what people ask; what is kept is given in any case. An installation with a key of its own has the same budgets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

from reviewer.core.budget import cost
from reviewer.core.errors import ModelError, OutsideError
from reviewer.core.meaning import Kept
from reviewer.core.spending import over, unpriced
from reviewer.core.types import Amount, Answer, Call, Payer, Prompt, Spent, Tier, Usage
from reviewer.ports import Model, Refused, Reserved, Vectors
from reviewer.purse import weight
from reviewer.run import Run

FALLBACK_ONLY, LAST_ONLY, ALL = 0.8, 0.95, 1.0  # shares of a limit, up to which something is asked
FIRST_LOOK, EMBED = "report_findings", "embed"
OVER = "budget"  # the code of an error
NEVER_SENT = {"circuit_open", "keys_refused", "not_set_up"}  # codes of errors
# After these nobody knows whether the provider has done the work: what was reserved for it stays.
UNKNOWN = {"timeout", "connection", "malformed"}
TIERS: tuple[Tier, ...] = ("exact", "structural", "meaning")


@dataclass(frozen=True, slots=True)
class Till:
    """Where one run pays for its calls."""

    run: Run
    payer: Payer

    async def book(self, call: Call, estimate: Usage, *, share: float) -> Reserved:
        """Reserve what a call may take. Raises ModelError where the budgets do not take it."""
        tools = self.run.tools
        limits, dollars = tools.spending.limits, cost(estimate, model=call.model, prices=tools.prices)
        if dollars is None and any(limit.dollars is not None for limit in limits):
            raise self._refused(call, unpriced(call.model), spare=True)
        wants = Amount(estimate.input + estimate.output, dollars or Decimal(0))
        booked = await tools.store.book(self.payer, wants, limits, share=share)
        if isinstance(booked, Refused):
            raise self._refused(call, over(booked.fill, share=share, wants=wants), spare=share < LAST_ONLY)
        if booked.fullest and booked.fullest.share >= FALLBACK_ONLY:
            tools.spending.filling(booked.fullest)
        return booked

    def _refused(self, call: Call, sentence: str, *, spare: bool) -> ModelError:
        """What was never sent is no row of the ledger; whoever counts hears of it."""
        self.run.tools.spending.called(replace(call, outcome=OVER))
        return ModelError(sentence, code=OVER, remedy="another" if spare else "smaller")

    async def paid(self, reserved: Reserved, call: Call) -> None:
        """Settle, and enter the call into the ledger. Where the database is away the answer is not lost: what was
        reserved then counts in full.
        """
        tools, usage = self.run.tools, call.usage
        self.run.paid(Spent({call.model: usage}))
        call = replace(call, cost=cost(usage, model=call.model, prices=tools.prices))
        with suppress(OutsideError):
            await tools.store.settle(reserved, Amount(usage.input + usage.output, call.cost or Decimal(0)))
        await self._enter(call)

    async def failed(self, reserved: Reserved, call: Call) -> None:
        with suppress(OutsideError):
            if call.outcome not in UNKNOWN:
                await self.run.tools.store.settle(reserved, Amount())
        await self._enter(call)

    async def cached(self, hits: Mapping[str, int], *, model: str, prompt: str) -> None:
        """What the cache answered, for the ledger."""
        for tier in TIERS:
            if count := hits.get(tier, 0):
                at = self.run.tools.now()
                await self._enter(Call(self.payer, FIRST_LOOK, model, prompt, at, tier=tier, count=count))

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
        margins = tools.spending.margins
        estimate = Usage(input=margins.reserve(self.name, tokens), output=prompt.max_output)
        entry = Call(till.payer, prompt.tool.name, self.name, prompt.version, tools.now(), estimated=tokens)
        reserved = await till.book(entry, estimate, share=self._share(prompt))
        started = tools.clock()
        try:
            with tools.trace.chat(self.name, prompt) as answered:
                answer = await self._model.call(prompt)
                answered(answer)
        except ModelError as error:
            tools.asked(prompt, error, till.payer)
            seconds = 0.0 if error.code in NEVER_SENT else tools.clock() - started
            await till.failed(reserved, replace(entry, outcome=error.code or "error", seconds=seconds))
            raise
        tools.asked(prompt, answer, till.payer)
        tools.spending.margins = tools.spending.margins.learned(self.name, tokens, answer.usage.input)
        answer = replace(answer, usage=_told(answer, tokens, tools.tokens().count))
        made = replace(entry, usage=answer.usage, seconds=answer.seconds or tools.clock() - started)
        await till.paid(reserved, replace(made, outcome=answer.fault or "ok", request_id=answer.request_id))
        return answer

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
        try:
            with tools.trace.embedding(self.name) as answered:
                vectors, usage = await self._vectors.embed(texts)
                answered(usage)
        except ModelError as error:
            await self._till.failed(reserved, replace(entry, outcome=error.code or "error"))
            raise
        await self._till.paid(reserved, replace(entry, usage=usage, seconds=tools.clock() - started))
        return vectors, usage

    def alike(self, a: bytes, b: bytes) -> float:
        return self._vectors.alike(a, b)

    def keep(self, vectors: Iterable[bytes]) -> Kept:
        return self._vectors.keep(vectors)


def _told(answer: Answer, tokens: int, count: Callable[[str], int]) -> Usage:
    """What the answer took, by our own count where the server does not say."""
    usage = answer.usage
    if usage.input or usage.output:
        return usage
    return replace(usage, input=tokens, output=count(answer.arguments or answer.text))
