"""The local tool's line: a diff on this machine, the same chunks, prompts, anchors and gate, and a result to print."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reviewer import git
from reviewer.confirming import confirm
from reviewer.core.budget import Prices, bill
from reviewer.core.config import Config, matches, parse_config
from reviewer.core.diff import decode, parse_diff
from reviewer.core.errors import ModelError, UsageError
from reviewer.core.gate import decide
from reviewer.core.guidelines import ATTRIBUTES, CONFIG_PATHS, Guidance, first_of, guidance
from reviewer.core.noise import standing_of
from reviewer.core.prompts import Example, PromptFile
from reviewer.core.render.check import verdict_title
from reviewer.core.types import Answer, Diff, Placed, Prompt, Severity
from reviewer.examine import examine
from reviewer.formats import LocalResult
from reviewer.memory import MemoryAnswers
from reviewer.plan import Means, Read, sort_out
from reviewer.ports import Limits, Model, Outlines, Secrets, Source, Tokens
from reviewer.purse import Purse
from reviewer.question import Question, fallback_note

STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is reviewed, with the configuration and guidelines that its base has."""

    diff: Diff
    raw: str  # the diff as it was read
    config: Config
    guided: Guidance = field(default_factory=Guidance)
    attributes: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()
    read: Read | None = None  # files at the head

    @property
    def reviewable(self) -> bool:
        """Whether there is anything to ask a model about."""
        return bool(sort_out(self.diff, self.config.review.ignore, self.attributes)[0].files)


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
    texts = _texts(repo, base, [*CONFIG_PATHS, ATTRIBUTES])
    name, text = first_of(CONFIG_PATHS, texts)
    config, problems = parse_config(text, name=name)
    files = _texts(repo, base, config.review.guidelines)
    guided = guidance(files, config.review.guidelines, matches=matches)
    told = tuple(str(problem) for problem in problems)
    written = decode(raw)
    diff = parse_diff(written)
    if raw.strip() and not diff.files:
        named = "stdin" if diff_file == STDIN else diff_file or range_ or "the change"
        raise UsageError(f"{named} holds no diff that could be read: make it with `git diff`.")
    return Subject(
        diff,
        written,
        config,
        guided,
        attributes=((ATTRIBUTES, texts[ATTRIBUTES] or ""),),
        problems=(*told, *guided.notes),
        read=None if diff_file else _reader(repo, range_),
    )


def _texts(repo: Path, base: str, paths: Sequence[str]) -> dict[str, str | None]:
    return {path: git.file_at(repo, base, path) if base else None for path in paths}


def _reader(repo: Path, range_: str | None) -> Read:
    async def read(paths: Sequence[str]) -> dict[str, str | None]:
        return await asyncio.to_thread(git.texts_at_head, repo, range_, paths)

    return read


@dataclass(frozen=True, slots=True)
class Kit:
    """What a local review works with, whatever is reviewed."""

    prompts: dict[str, PromptFile]
    examples: tuple[Example, ...]
    tokens: Callable[[], Tokens]
    secrets: Secrets
    outlines: Outlines
    sources: tuple[Source, ...] = ()
    prices: Prices = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def means(self, subject: Subject) -> Means:
        return Means(
            MemoryAnswers(),
            self.tokens,
            self.secrets,
            self.outlines,
            time.monotonic,
            read=subject.read,
            sources=self.sources,
            limits=self.limits,
            purse=Purse(self.limits.tokens, self.tokens().count),
        )


def question_of(subject: Subject, model: Model, kit: Kit, fallback: Model | None = None) -> Question:
    return Question(
        installation=0,
        repository="local",
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


async def review_locally(
    subject: Subject,
    *,
    model: Model,
    fallback: Model | None = None,
    kit: Kit,
    fail_on: Severity | None,
    tick: Callable[[int, int], Awaitable[None]],
) -> LocalResult:
    """Review the subject. Nothing is kept, nothing is posted; a model that fails is in the result's coverage."""
    question, means = question_of(subject, model, kit, fallback), kit.means(subject)
    examined = await examine(subject.diff, question, means, tick=tick, wanted=_always)
    checked = await confirm(
        examined.findings,
        examined.chunks,
        question,
        means,
        fail_on=fail_on,
        prompt=kit.prompts["confirm"],
        wanted=_always,
    )
    problems = (*examined.problems, *checked.problems)
    on_error = subject.config.gate.on_error
    verdict = decide(checked.findings, examined.coverage, fail_on=fail_on, on_error=on_error, problems=problems)
    blocking = frozenset(placed.fingerprint for placed in verdict.blocking)
    spent = examined.spent + checked.spent
    switched = fallback_note(question, spent, (*examined.turned, *checked.turned))
    return LocalResult(
        placed=_said(checked.findings, subject.config, blocking),
        coverage=examined.coverage,
        conclusion=verdict.conclusion,
        title=verdict_title(verdict) if subject.reviewable else "Nothing to review",
        blocking=blocking,
        usage=spent.total,
        model=" + ".join(spent.by_model),
        prompt_version=question.prompt.label,
        cost=bill(spent, prices=kit.prices) if spent.by_model else None,
        problems=(*subject.problems, *examined.remarks, *switched, *problems),
    )


def _said(findings: Sequence[Placed], config: Config, blocking: frozenset[str]) -> tuple[Placed, ...]:
    """All that is grave and sure enough to be told; here everything has room."""
    least, bar = config.review.min_severity, config.review.min_confidence
    return tuple(
        p
        for p in findings
        if p.fingerprint in blocking or (p.finding.severity >= least and standing_of(p, bar) != "nothing")
    )


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
