"""What is asked about chunks: how an answer reads, and how it is kept: by what the model saw, and by what that means.

An answer is kept under the chunk's key, and under its form: what a compiler would see of it. So a chunk that was only
formatted, commented or moved to another file needs no new answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from reviewer.asking import Reading
from reviewer.core import answers
from reviewer.core.anchors import Places
from reviewer.core.config import instructions_for
from reviewer.core.findings import parse_report, trimmed
from reviewer.core.types import Answer, Batch, Chunk, Finding, Form, Prompt, Report
from reviewer.ports import Answers, Entry, Secrets
from reviewer.question import FAULTS, Question, prompt_for, wishes_for
from reviewer.redacting import clean, scrub

NO_FORM = "null"  # kept where an answer cannot be put on other lines: it takes the place of an older one


async def _no_forms() -> Mapping[str, Form]:
    return {}


@dataclass(frozen=True, slots=True)
class AboutChunks:
    """Satisfies `asking.Inquiry`: what is wrong in these chunks? An answer is kept for each chunk and model."""

    question: Question
    store: Answers
    secrets: Secrets
    places: Places  # which files and lines there are
    forms: Callable[[], Awaitable[Mapping[str, Form]]] = _no_forms  # of the chunks that are asked about, by key
    nth: int = 0  # which pass over the diff: each has answers of its own

    def prompt(self, things: Sequence[Chunk]) -> Prompt:
        return prompt_for(Batch(tuple(things)), self.question)

    async def read(self, answer: Answer) -> Reading[Report]:
        report = await self._scrubbed(self._located(parse_report(answer.arguments)))
        if answer.fault:
            return Reading(report, FAULTS[answer.fault])
        if report.malformed:
            told = " ".join(report.rejects[1:])
            return Reading(report, f"was not the JSON that was asked for{f': {told}' if told else ''}")
        told = " ".join(report.rejects)
        return Reading(report, f"has entries that do not follow the schema: {told}" if told else "", usable=True)

    def _located(self, report: Report) -> Report:
        """Resolved once and before anything is kept: a finding kept under another chunk would go with that one."""
        found = tuple(replace(each, path=self.places.path(each.path)) for each in report.findings)
        return replace(report, findings=found)

    async def _scrubbed(self, report: Report) -> Report:
        """The model was shown no secret, but it may know one, or guess what stood there."""
        findings = await scrub(report.findings, self.secrets, real=self.places.has)
        return trimmed(replace(report, findings=findings, rejects=tuple(await clean(report.rejects, self.secrets))))

    def join(self, first: Report, second: Report) -> Report:
        here = {(finding.path, finding.line) for finding in second.findings}
        only_first = (finding for finding in first.findings if (finding.path, finding.line) not in here)
        return Report(
            (*second.findings, *only_first), first.rejects if second.malformed else second.rejects, second.malformed
        )

    def key(self, thing: Chunk, model: str) -> str:
        return self._key(thing.key, thing.path, model, self.question.salt)

    async def recall(self, things: Sequence[Chunk], model: str) -> list[tuple[Chunk, Report]]:
        """An entry that cannot be read is a miss."""
        kept = await self._kept({chunk.key: self.key(chunk, model) for chunk in things})
        return list(_readable(things, kept, answers.recall))

    async def recall_forms(self, things: Sequence[Chunk], model: str) -> list[tuple[Chunk, Report]]:
        """The answers for what a compiler would take for the same; each is kept for the chunk as it reads now, too."""
        question = self.question
        if not things or question.salt or not await self.store.holds(question.installation, question.scope):
            return []
        forms = await self.forms()
        shaped = [chunk for chunk in things if chunk.key in forms]
        kept = await self._kept({chunk.key: self._form_key(chunk, forms[chunk.key], model) for chunk in shaped})
        known = list(_readable(shaped, kept, lambda chunk, text: answers.recall_form(chunk, forms[chunk.key], text)))
        texts = {self.key(chunk, model): answers.keep(chunk, said.findings) for chunk, said in known}
        entries = {key: self._entry(text, model) for key, text in texts.items()}
        await self.store.keep_answers(question.installation, entries)
        return known

    async def _kept(self, keys: Mapping[str, str]) -> dict[str, str]:
        """By chunk key, what is kept under the given keys."""
        kept = await self.store.answers(self.question.installation, list(dict.fromkeys(keys.values())))
        return {chunk: kept[key] for chunk, key in keys.items() if key in kept}

    async def keep(self, things: Sequence[Chunk], said: Report, model: str) -> Report:
        """The findings as they were kept, so that a first review and one from the cache read the same."""
        whole = Report(told(things, said.findings), said.rejects)
        if said.rejects:  # something was meant that could not be read: it is asked again next time
            return whole
        shares = answers.share(Batch(tuple(things)), said.findings)
        forms = await self.forms()
        entries = {}
        for chunk in things:
            found, form = shares[chunk.key], forms.get(chunk.key)
            text = answers.keep(chunk, found)
            for salt in dict.fromkeys((self.question.salt, "")):  # an answer past the cache takes the old one's place
                entries[self._key(chunk.key, chunk.path, model, salt)] = self._entry(text, model)
            if form:
                shaped = answers.keep_form(chunk, form, found) or NO_FORM
                entries[self._form_key(chunk, form, model)] = self._entry(shaped, model, form=True)
        await self.store.keep_answers(self.question.installation, entries)
        return whole

    def _entry(self, text: str, model: str, *, form: bool = False) -> Entry:
        return self.question.entry(text, "form" if form else "chunk", model, self.question.prompt)

    def _form_key(self, chunk: Chunk, form: Form, model: str) -> str:
        return self._key(f"form {form.digest} {chunk.contracts}", chunk.path, model, "")

    def _key(self, seen: str, path: str, model: str, salt: str) -> str:
        """What is seen of a chunk, and all that shapes the answer about it.

        The author's words shape it too, and may be edited: an answer is good for this pull request only, so that
        nobody can have an order to the model answer for somebody else's change.
        """
        question, config = self.question, self.question.config
        parts = [
            question.repository,
            question.number,
            seen,
            question.prompt.label,
            model,
            config.model.temperature,
            config.model.effort,
            config.review.language,
            instructions_for(config, path),
            wishes_for([path], question).guidelines,
            salt,
            *([self.nth] if self.nth else []),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def told(chunks: Sequence[Chunk], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings as they would be recalled from the cache."""
    shares = answers.share(Batch(tuple(chunks)), findings)
    return tuple(found for chunk in chunks for found in answers.recall(chunk, answers.keep(chunk, shares[chunk.key])))


def _readable(
    chunks: Sequence[Chunk], kept: Mapping[str, str], recall: Callable[[Chunk, str], tuple[Finding, ...]]
) -> Iterator[tuple[Chunk, Report]]:
    for chunk in chunks:
        if chunk.key in kept:
            with suppress(ValueError):
                yield chunk, Report(recall(chunk, kept[chunk.key]))
