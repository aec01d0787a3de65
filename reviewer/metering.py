"""Nothing is asked of a model that the budgets do not take, and each call leaves its row in the ledger.

As a limit fills up, less is asked: from 80 % on only the fallback model, from 95 % on only what a review ends with and
what people ask; what is kept is given in any case. An installation with a key of its own has the same
budgets, but for the one of everything together: that is the operator's money.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

from reviewer.core.errors import ModelError
from reviewer.core.meaning import Kept
from reviewer.core.spending import ALL, FALLBACK_ONLY, FIRST_LOOK, LAST_ONLY
from reviewer.core.types import Answer, Call, Embedded, Lost, Prompt, Usage
from reviewer.ports import Keyed, Model, Vectors
from reviewer.purse import weight
from reviewer.till import Till

EMBED = "embed"


class Metered:
    """Satisfies `ports.Model`: a model behind its till. `spare`: another one is asked where this one is not."""

    def __init__(self, model: Model, till: Till, *, spare: bool) -> None:
        self.name = model.name
        self._model, self._till, self._spare = model, till, spare

    async def call(self, prompt: Prompt) -> Answer:
        till, tools = self._till, self._till.run.tools
        tokens = prompt.tokens or weight(prompt, tools.tokens().count)
        prompt = replace(prompt, tokens=tokens, urgent=till.payer.urgent)
        async with till.turn(self.name):
            return await self._call(prompt)

    async def _call(self, prompt: Prompt) -> Answer:
        till, tools = self._till, self._till.run.tools
        entry = Call(till.payer, prompt.tool.name, self.name, prompt.version, tools.now())
        entry = replace(entry, estimated=prompt.tokens, most=prompt.max_output)
        estimate, own = self._estimate(prompt), await _is_own(self._model)
        booked = await till.book(entry, estimate, share=self._share(prompt), own=own)
        prompt = replace(prompt, again=booked.again)
        started = tools.clock()
        async with till.asking(booked):
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
        made = replace(made, request_id=answer.request_id, capped=answer.capped)
        await asyncio.shield(booked.paid(made, answer.lost, flex=answer.flex, untold=untold))
        return replace(answer, lost=booked.at_most(answer.lost))

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

    async def embed(self, texts: Sequence[str]) -> Embedded:
        tokens = sum(self._till.run.tools.tokens().count(text) for text in texts)
        async with self._till.turn(self.name):
            return await self._embed(texts, tokens)

    async def _embed(self, texts: Sequence[str], tokens: int) -> Embedded:
        tools = self._till.run.tools
        estimate = Usage(input=tools.spending.margins.reserve(self.name, tokens))
        entry = Call(self._till.payer, EMBED, self.name, "", tools.now(), estimated=tokens)
        booked = await self._till.book(entry, estimate, share=LAST_ONLY)
        async with self._till.asking(booked):
            with tools.trace.embedding(self.name) as answered:
                found = await self._vectors.embed(texts)
                answered(found.usage)
        tools.spending.margins = tools.spending.margins.learned(self.name, tokens, found.usage.input)
        made = replace(entry, usage=found.usage, seconds=found.seconds, waited=found.waited)
        await asyncio.shield(booked.paid(made, Lost()))
        return found

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
