"""Where it is written down how long each piece of work took, and what was asked, for whoever looks from outside."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from reviewer.core.types import Answer, Job, Payer, Prompt, Usage

# Told of each call with what came or what was raised, for whom, and of which model.
Asked = Callable[[Prompt, Answer | Exception, Payer, str], None]


class Trace(Protocol):
    """Each is entered where the work begins and left where it ends; what is raised meanwhile is noted and goes on.

    None of them raises by itself or waits, and none keeps a word of prompt or answer.
    """

    def job(self, job: Job, run: str) -> AbstractContextManager[object]: ...

    def chat(self, model: str, prompt: Prompt) -> AbstractContextManager[Callable[[Answer], object]]:
        """One call of the model `model`; what is entered is told the answer."""

    def embedding(self, model: str) -> AbstractContextManager[Callable[[Usage], object]]: ...


class Untraced:
    """Nobody looks."""

    def job(self, job: Job, run: str) -> AbstractContextManager[object]:  # noqa: ARG002
        return nullcontext()

    def chat(self, model: str, prompt: Prompt) -> AbstractContextManager[Callable[[Answer], object]]:  # noqa: ARG002
        return nullcontext(_unheard)

    def embedding(self, model: str) -> AbstractContextManager[Callable[[Usage], object]]:  # noqa: ARG002
        return nullcontext(_unheard)


def unkept(prompt: Prompt, came: Answer | Exception, payer: Payer, model: str) -> None:
    """Satisfies `Asked`: nobody wants prompts kept."""


def _unheard(_: object) -> None: ...


UNTRACED = Untraced()
