"""What is asked about a diff: all that shapes the model's answer beside the code, and the answer for each chunk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewer.asking import Reading
from reviewer.core import answers
from reviewer.core.anchors import Places
from reviewer.core.config import Config, instructions_for, matches
from reviewer.core.findings import parse_report, trimmed
from reviewer.core.guidelines import (
    GUIDELINES_LIMIT,
    INSTRUCTIONS_LIMIT,
    Guideline,
    Scoped,
    capped,
    capped_instructions,
    for_paths,
)
from reviewer.core.prompts import Example, PromptFile, choose, review_prompt
from reviewer.core.types import Answer, Batch, Chunk, Finding, Prompt, Report, Spent
from reviewer.ports import Answers, Limits, Model, Secrets
from reviewer.redacting import clean, scrub

PARALLEL = 8  # model calls of one review at a time
FAULTS = {
    "text": "was text instead of a function call",
    "truncated": "was cut off",
    "refused": "was a refusal",
}  # an answer's fault in words; they follow "the answer"


@dataclass(frozen=True, slots=True)
class Question:
    """What shapes the model's answer beside the diff. `fallback` is asked where `model` does not answer."""

    installation: int
    repository: str
    config: Config
    model: Model
    prompt: PromptFile
    number: int = 0  # of the pull request
    title: str = ""
    body: str = ""
    guidelines: tuple[Guideline, ...] = ()  # of all files, whole
    scoped: tuple[Scoped, ...] = ()  # guidelines of some files, whole
    attributes: tuple[tuple[str, str], ...] = ()  # (path, text) of .gitattributes files
    examples: tuple[Example, ...] = ()  # the library; each call gets those of its language and kind of change
    salt: str = ""  # a run id for a review past the cache
    fallback: Model | None = None
    window: int = Limits().window  # tokens that the model takes at once, its answer included

    @property
    def cache_key(self) -> str:
        """One for a repository: its calls share the provider's prompt cache."""
        return f"{self.installation}/{self.repository}"

    @property
    def models(self) -> tuple[Model, ...]:
        return (self.model,) if self.fallback is None else (self.model, self.fallback)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the base branch has to say about some files, within the limits of one call."""

    instructions: str  # of all files
    path_instructions: tuple[str, ...]
    guidelines: tuple[Guideline, ...]
    cut: tuple[str, ...]  # a sentence for each that does not fit


def wishes_for(paths: Sequence[str], question: Question) -> Wishes:
    """What applies to files; a small window takes less of it."""
    config, paths = question.config, tuple(dict.fromkeys(paths))
    share = question.window // 2  # characters: an eighth of the window
    own = config.review.instructions.strip()
    others = dict.fromkeys(text for path in paths for text in instructions_for(config, path) if text != own)
    (own, *rest), cut = capped_instructions((own, *others), room=min(INSTRUCTIONS_LIMIT, share))
    room = min(GUIDELINES_LIMIT, share)
    general, short = capped(question.guidelines, room=room)
    scoped, left = for_paths(question.scoped, paths, matches=matches, room=room - sum(len(text) for _, text in general))
    return Wishes(own, tuple(rest), (*general, *scoped), (*cut, *short, *left))


def prompt_for(batch: Batch, question: Question) -> Prompt:
    config = question.config
    wishes = wishes_for([chunk.path for chunk in batch.chunks], question)
    return review_prompt(
        fitted(question.prompt, question.window),
        batch=batch,
        title=question.title,
        body=question.body,
        instructions=(wishes.instructions,),
        path_instructions=wishes.path_instructions,
        guidelines=wishes.guidelines,
        examples=choose(question.examples, batch),
        language=config.review.language,
        temperature=config.model.temperature,
        effort=config.model.effort,
        cache_key=question.cache_key,
    )


def fitted(prompt: PromptFile, window: int) -> PromptFile:
    """With an answer that leaves a small window room for the question."""
    return replace(prompt, max_output=min(prompt.max_output, window // 4))


@dataclass(frozen=True, slots=True)
class AboutChunks:
    """Satisfies `asking.Inquiry`: what is wrong in these chunks? An answer is kept for each chunk and model."""

    question: Question
    store: Answers
    secrets: Secrets
    places: Places  # which files and lines there are

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

    async def recall(self, things: Sequence[Chunk], model: str) -> list[tuple[Chunk, Report]]:
        """An entry that cannot be read is a miss."""
        keys = {chunk.key: self._key(chunk, model, self.question.salt) for chunk in things}
        kept = await self.store.answers(self.question.installation, list(dict.fromkeys(keys.values())))
        known = []
        for chunk in things:
            text = kept.get(keys[chunk.key])
            if text is not None:
                try:
                    known.append((chunk, Report(answers.recall(chunk, text))))
                except ValueError:
                    continue
        return known

    async def keep(self, things: Sequence[Chunk], said: Report, model: str) -> Report:
        """The findings as they were kept, so that a first review and one from the cache read the same."""
        shares = answers.share(Batch(tuple(things)), said.findings)
        texts = {chunk.key: answers.keep(chunk, shares[chunk.key]) for chunk in things}
        salts = dict.fromkeys((self.question.salt, ""))  # an answer past the cache takes the old one's place
        if said.rejects:  # something was meant that could not be read: it is asked again next time
            return Report(told(things, said.findings), said.rejects)
        entries = {self._key(chunk, model, salt): texts[chunk.key] for chunk in things for salt in salts}
        await self.store.keep_answers(self.question.installation, entries)
        return Report(told(things, said.findings), said.rejects)

    def _key(self, chunk: Chunk, model: str, salt: str) -> str:
        """What the model sees of the chunk, and all that shapes its answer.

        The author's words shape it too, and may be edited: an answer is good for this pull request only, so that
        nobody can have an order to the model answer for somebody else's change.
        """
        question, config = self.question, self.question.config
        parts = [
            question.repository,
            question.number,
            chunk.key,
            question.prompt.label,
            model,
            config.model.temperature,
            config.model.effort,
            config.review.language,
            instructions_for(config, chunk.path),
            wishes_for([chunk.path], question).guidelines,
            salt,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def told(chunks: Sequence[Chunk], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings as they would be recalled from the cache."""
    shares = answers.share(Batch(tuple(chunks)), findings)
    return tuple(found for chunk in chunks for found in answers.recall(chunk, answers.keep(chunk, shares[chunk.key])))


def fallback_note(question: Question, spent: Spent, turned: Sequence[str]) -> tuple[str, ...]:
    """That another model than the one asked for has answered, and why."""
    if question.fallback is None or not turned:
        return ()
    name = question.fallback.name
    calls = spent.on(name).calls
    if not calls:
        return (f"Kept answers of the fallback model {name} were used. {turned[0]}",)
    many = "1 model call was" if calls == 1 else f"{calls} model calls were"
    return (f"{many} answered by the fallback model {name}. {turned[0]}",)
