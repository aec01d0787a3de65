"""What a local review works with, whatever is reviewed, and the question that it asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from reviewer.core.budget import Prices
from reviewer.core.errors import ModelError
from reviewer.core.prompts import Example, PromptFile
from reviewer.core.types import Answer, Prompt
from reviewer.local.subject import Subject
from reviewer.memory import Memory
from reviewer.plan import Means, no_forms
from reviewer.ports import Answers, Forms, Ledger, Limits, Model, Outlines, Secrets, Source, Spending, Tokens
from reviewer.purse import Purse
from reviewer.question import Question

HERE = 0  # the installation of this machine


class Keeps(Answers, Ledger, Protocol):
    """Where answers are kept, and what they cost."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a local review works with, whatever is reviewed. `holder` names the review to others beside it."""

    prompts: dict[str, PromptFile]
    examples: tuple[Example, ...]
    tokens: Callable[[], Tokens]
    secrets: Secrets
    outlines: Outlines
    forms: Forms = no_forms
    sources: tuple[Source, ...] = ()
    prices: Prices = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    store: Keeps = field(default_factory=Memory)
    spending: Spending = field(default_factory=Spending)
    person: str = ""  # who asks, for the budgets
    holder: str = ""

    def means(self, subject: Subject) -> Means:
        return Means(
            self.store,
            self.tokens,
            self.secrets,
            self.outlines,
            time.monotonic,
            read=subject.read,
            sources=self.sources,
            limits=self.limits,
            forms=self.forms,
            holder=self.holder,
            purse=Purse(self.limits.tokens, self.tokens().count),
        )


class Unasked:
    """A model that has a name and is never asked."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def call(self, prompt: Prompt) -> Answer:  # noqa: ARG002 - the port's word
        raise ModelError("this command asks no model")


def question_of(subject: Subject, model: Model, kit: Kit, fallback: Model | None = None) -> Question:
    return Question(
        installation=HERE,
        repository=subject.repository,
        number=subject.number,
        fallback=fallback,
        config=subject.config,
        model=model,
        prompt=kit.prompts["review"],
        guidelines=subject.guided.general,
        scoped=subject.guided.scoped,
        attributes=subject.attributes,
        examples=kit.examples,
        window=kit.limits.window,
    )
