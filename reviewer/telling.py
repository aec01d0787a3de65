"""Answers a question about a change with one call of the model, or with what was answered to it before.

An answer is kept for the head and for the finding or thread that the question was put in; the same question in other
words (`core.meaning.asked`) gets it too. A question is known by its words alone, never by an embedding: those call
"is it full?" and "is it empty?" much alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from reviewer.asking import Course, Reading, ask
from reviewer.core.findings import Reply, kept_reply, parse_reply, trimmed_reply
from reviewer.core.meaning import asked_again, fold_question
from reviewer.core.prompts import Matter, PromptFile, ask_prompt
from reviewer.core.types import Answer, Prompt
from reviewer.matter import Gathered
from reviewer.ports import Answers, Entry, Secrets
from reviewer.purse import Purse
from reviewer.question import FAULTS, Question, fitted
from reviewer.redacting import clean
from reviewer.run import Run
from reviewer.together import beside

MOST = 20_000  # tokens of input for one question, asked again and of the fallback model included
MOST_KNOWN, LONGEST_KNOWN = 30, 500  # questions about one thing that are told again in other words; characters of one


@dataclass(frozen=True, slots=True)
class Answered:
    """`problem` says why there is no reply, `later` that there may be one later; `before`: it was there already."""

    reply: Reply | None
    before: bool = False
    problem: str = ""
    later: bool = False


@dataclass(frozen=True, slots=True)
class _About:
    """Satisfies `asking.Inquiry`, for one thing at a time: what is the answer? `place` is what it is good for."""

    question: Question
    file: PromptFile
    store: Answers
    secrets: Secrets
    place: str
    code: tuple[str, ...]
    reply: bool  # to what somebody said of our finding: that is one comment, and not asked again

    def prompt(self, things: Sequence[Matter]) -> Prompt:
        settings = self.question.config.model
        return ask_prompt(
            fitted(self.file, self.question.window),
            things[0],
            reply=self.reply,
            temperature=settings.temperature,
            effort=settings.effort,
            cache_key=self.question.cache_key,
        )

    async def read(self, answer: Answer) -> Reading[Reply]:
        said = parse_reply(answer.arguments) or Reply()
        text, reason = await clean([said.answer, said.reason], self.secrets)
        said = trimmed_reply(replace(said, answer=text, reason=reason))
        if answer.fault:
            return Reading(said, FAULTS[answer.fault])
        if parse_reply(answer.arguments) is None:
            return Reading(said, "was not the JSON that was asked for")
        return Reading(said, "" if said.answer or self.reply else "was empty")

    def join(self, first: Reply, second: Reply) -> Reply:  # noqa: ARG002 - half an answer is worth nothing beside a new one
        return second

    async def recall(self, things: Sequence[Matter], model: str) -> list[tuple[Matter, Reply]]:
        (matter,) = things
        reply = await self._kept(matter.question, model) or await self._kept_alike(matter.question, model)
        return [(matter, reply)] if reply else []

    async def keep(self, things: Sequence[Matter], said: Reply, model: str) -> Reply:
        (matter,) = things
        entries = {self._key(matter.question, model): self._entry(kept_reply(said), model)}
        if not self.reply and len(matter.question) <= LONGEST_KNOWN:
            known = [each for each in await self._known(model) if each != matter.question]
            listed = json.dumps([*known, matter.question][-MOST_KNOWN:])
            entries[self._list(model)] = self._entry(listed, model)
        await self.store.keep_answers(self.question.installation, entries)
        return said

    async def _kept(self, asked: str, model: str) -> Reply | None:
        text = await self._text(self._key(asked, model))
        return parse_reply(text) if text else None

    async def _kept_alike(self, asked: str, model: str) -> Reply | None:
        known = [] if self.reply else await self._known(model)
        if not known:
            return None
        lines = [line for text in self.code for line in text.split("\n")]
        at = await beside(lambda: asked_again(asked, known, code=lines))
        return None if at is None else await self._kept(known[at], model)

    async def _known(self, model: str) -> list[str]:
        """The questions that were answered about the same thing, the newest last."""
        text = await self._text(self._list(model))
        listed = json.loads(text) if text else []
        return [str(each) for each in listed]

    async def _text(self, key: str) -> str:
        kept: Mapping[str, str] = await self.store.answers(self.question.installation, [key])
        return kept.get(key, "")

    def _entry(self, text: str, model: str) -> Entry:
        return self.question.entry(text, "question", model, self.file)

    def _key(self, asked: str, model: str) -> str:
        return f"ask:{self._digest(model, fold_question(asked) or asked)}"

    def _list(self, model: str) -> str:
        return f"asked:{self._digest(model, '')}"

    def _digest(self, model: str, asked: str) -> str:
        settings = self.question.config.model
        made = [self.file.label, model, settings.temperature, settings.effort]
        return sha256(json.dumps([made, self.question.scope, self.place, asked]).encode()).hexdigest()


async def tell(
    this: Run, gathered: Gathered, *, place: str, prompt: Literal["ask", "rebut", "settle"] = "ask"
) -> Answered:
    """`place` is the head and what on it the answer is good for; `rebut` and `settle` are asked about a reply.

    Raises OutsideError where the answer's cache or the rules for secrets cannot be asked.
    """
    tools, question = this.tools, gathered.terms
    reply = prompt != "ask"
    inquiry = _About(question, tools.prompts[prompt], tools.store, tools.secrets, place, gathered.code, reply)
    things = [gathered.matter]
    for _, known in await inquiry.recall(things, question.model.name):
        return Answered(known, before=True)
    limit = min(filter(None, (tools.limits.tokens, MOST)))
    course = Course(_always, Purse(limit, tools.tokens().count), last=True)
    asked = await ask(things, inquiry, question.models, course=course)
    for piece in asked.pieces:
        if piece.said is not None and not piece.problem:
            return Answered(piece.said, before=piece.kept)
    (problem,) = await clean([asked.pieces[-1].problem], tools.secrets)  # a provider's error may repeat anything
    return Answered(None, problem=problem, later=asked.pieces[-1].later)


async def _always() -> None:
    """A question is not superseded: who asked waits for the answer."""
