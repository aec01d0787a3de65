"""What is asked about a diff: all that shapes the model's answer beside the code, and the answer for each chunk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewer.core.config import Config, instructions_for, matches
from reviewer.core.guidelines import (
    GUIDELINES_LIMIT,
    INSTRUCTIONS_LIMIT,
    Guideline,
    Scoped,
    capped,
    capped_instructions,
    for_paths,
)
from reviewer.core.prompts import Example, PromptFile, answer_room, choose, choose_dismissed, review_prompt
from reviewer.core.types import Batch, Dismissal, Prompt, Spent
from reviewer.ports import Entry, Kind, Limits, Model

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
    dismissed: tuple[Dismissal, ...] = ()  # what people here do not want to hear; no part of an answer's key
    salt: str = ""  # a run id for a review past the cache
    fallback: Model | None = None
    window: int = Limits().window  # tokens that the model takes at once, its answer included

    @property
    def cache_key(self) -> str:
        """One for a repository: its calls share the provider's prompt cache."""
        return f"{self.installation}/{self.repository}"

    @property
    def scope(self) -> str:
        """What the answers are kept for."""
        return f"{self.repository}#{self.number}"

    def entry(self, text: str, kind: Kind, model: str, prompt: PromptFile) -> Entry:
        """An answer as it is kept, with what made it."""
        settings = self.config.model
        parameters = {"temperature": settings.temperature, "effort": settings.effort}
        return Entry(text, kind, self.scope, model, prompt.label, json.dumps(parameters))

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
    prompt = review_prompt(
        fitted(question.prompt, question.window),
        batch=batch,
        title=question.title,
        body=question.body,
        instructions=(wishes.instructions,),
        path_instructions=wishes.path_instructions,
        guidelines=wishes.guidelines,
        examples=choose(question.examples, batch),
        dismissed=choose_dismissed(question.dismissed, [chunk.path for chunk in batch.chunks]),
        language=config.review.language,
        temperature=config.model.temperature,
        effort=config.model.effort,
        cache_key=question.cache_key,
    )
    room = answer_room(sum(chunk.tokens for chunk in batch.chunks), effort=prompt.effort, most=prompt.max_output)
    return replace(prompt, max_output=room, most_output=prompt.max_output)


def fitted(prompt: PromptFile, window: int) -> PromptFile:
    """With an answer that leaves a small window room for the question."""
    return replace(prompt, max_output=min(prompt.max_output, window // 4))


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
