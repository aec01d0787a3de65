"""The local tool's line: a diff on this machine, the same chunks, prompts, anchors and gate, and a result to print."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reviewer import git
from reviewer.confirming import confirm
from reviewer.core.budget import Prices, bill
from reviewer.core.config import Config, parse_config
from reviewer.core.coverage import sort_out
from reviewer.core.diff import decode, parse_diff
from reviewer.core.errors import ModelError, UsageError
from reviewer.core.gate import decide
from reviewer.core.guidelines import CONFIG_PATHS, capped, first_of
from reviewer.core.prompts import PromptFile
from reviewer.core.render.check import verdict_title
from reviewer.core.types import Answer, Diff, Prompt, Severity
from reviewer.examine import Examined, examine
from reviewer.formats import LocalResult
from reviewer.ports import Model, Tokens
from reviewer.question import Question, fallback_note

STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is reviewed, with the configuration and guidelines that its base has."""

    diff: Diff
    config: Config
    guidelines: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def reviewable(self) -> bool:
        """Whether there is anything to ask a model about."""
        return bool(sort_out(self.diff, self.config.review.ignore)[0].files)


@dataclass(slots=True)
class MemoryAnswers:
    """An answer cache that lasts as long as the command."""

    kept: dict[str, str] = field(default_factory=dict)

    async def answers(self, installation: int, keys: Sequence[str]) -> dict[str, str]:  # noqa: ARG002 - one user
        return {key: self.kept[key] for key in keys if key in self.kept}

    async def keep_answers(self, installation: int, entries: dict[str, str]) -> None:  # noqa: ARG002 - one user
        self.kept |= entries


class Unasked:
    """A model that has a name and is never asked."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def call(self, prompt: Prompt) -> Answer:  # noqa: ARG002 - the port's word
        raise ModelError("this command asks no model")


def subject_of(repo: Path, range_: str | None, diff_file: Path | None) -> Subject:
    """What the command line names. A patch file is reviewed by the configuration of `repo`, if that is a repository.

    Raises UsageError for what cannot be read.
    """
    if diff_file is None:
        raw = git.local_diff(repo, range_)
        base = git.base_of(repo, range_)
    else:
        raw = _read(diff_file)
        base = _base_or_nothing(repo)
    texts = {path: git.file_at(repo, base, path) if base else None for path in CONFIG_PATHS}
    name, text = first_of(CONFIG_PATHS, texts)
    config, problems = parse_config(text, name=name)
    files = {path: git.file_at(repo, base, path) if base else None for path in config.review.guidelines}
    guidelines, cut = capped(files, config.review.guidelines)
    told = tuple(str(problem) for problem in problems)
    diff = parse_diff(decode(raw))
    if raw.strip() and not diff.files:
        named = "stdin" if diff_file == STDIN else diff_file or range_ or "the change"
        raise UsageError(f"{named} holds no diff that could be read: make it with `git diff`.")
    return Subject(diff, config, guidelines, (*told, *cut))


def question_of(subject: Subject, model: Model, prompt: PromptFile, fallback: Model | None = None) -> Question:
    return Question(
        installation=0,
        repository="local",
        fallback=fallback,
        config=subject.config,
        model=model,
        prompt=prompt,
        guidelines=subject.guidelines,
    )


async def review_locally(
    subject: Subject,
    *,
    model: Model,
    fallback: Model | None = None,
    prompts: dict[str, PromptFile],
    prices: Prices,
    tokens: Callable[[], Tokens],
    fail_on: Severity | None,
    tick: Callable[[int, int], Awaitable[None]],
) -> LocalResult:
    """Review the subject. Nothing is kept, nothing is posted; a model that fails is in the result's coverage."""
    question = question_of(subject, model, prompts["review"], fallback)
    store = MemoryAnswers()
    examined = await examine(subject.diff, question, store=store, tokens=tokens, tick=tick, wanted=_always)
    placed, confirming = examined.findings, prompts["confirm"]
    checked = await confirm(
        placed, examined.chunks, question, fail_on=fail_on, prompt=confirming, store=store, wanted=_always
    )
    problems = (*examined.problems, *checked.problems)
    on_error = subject.config.gate.on_error
    verdict = decide(checked.findings, examined.coverage, fail_on=fail_on, on_error=on_error, problems=problems)
    blocking = frozenset(placed.fingerprint for placed in verdict.blocking)
    spent = examined.spent + checked.spent
    switched = fallback_note(question, spent, (*examined.turned, *checked.turned))
    least = subject.config.review.min_severity
    return LocalResult(
        placed=tuple(p for p in checked.findings if p.finding.severity >= least or p.fingerprint in blocking),
        coverage=examined.coverage,
        conclusion=verdict.conclusion,
        title=verdict_title(verdict) if subject.reviewable else "Nothing to review",
        blocking=blocking,
        usage=spent.total,
        model=" + ".join(spent.by_model),
        prompt_version=question.prompt.label,
        cost=bill(spent, prices=prices) if spent.by_model else None,
        problems=(*subject.problems, *_new(examined), *switched, *problems),
    )


def _new(examined: Examined) -> tuple[str, ...]:
    """The notes that the coverage does not give as a reason anyway."""
    reasons = {entry.reason for entry in examined.coverage.entries}
    return tuple(note for note in examined.notes if note.removeprefix("Not reviewed: ") not in reasons)


async def _always() -> None:
    """A person waits for a local review until it ends or is interrupted."""


def _read(path: Path) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from None


def _base_or_nothing(repo: Path) -> str:
    try:
        return git.base_of(repo, "HEAD")
    except UsageError:
        return ""
