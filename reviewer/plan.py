"""From a diff to what is to be asked: secrets cut out, files sorted out, the rest in chunks with their context."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from reviewer.cleaning import Cleaned, secrets_of, secrets_of_outlines, without
from reviewer.core import coverage
from reviewer.core.chunks import budget_for, split
from reviewer.core.config import Config
from reviewer.core.coverage import Attributes
from reviewer.core.errors import OutsideError
from reviewer.core.redaction import is_secret_file
from reviewer.core.risk import riskiest
from reviewer.core.symbols import added_text, calls
from reviewer.core.types import Batch, Chunk, Covered, Diff, Form, Line, Outline, Secret
from reviewer.ports import Answers, Forms, Limits, Outlines, Secrets, Source, Tokens
from reviewer.purse import Purse, weight
from reviewer.question import Question, prompt_for
from reviewer.together import all_done, beside

CHUNK_BUDGET = 1_200  # tokens: about 100 lines; a push that changes one line asks about no more than its chunk
BATCH_BUDGET = 12_000  # tokens of diff in one call: models lose findings in longer ones
MOST_READ = 150  # files whose text at the head is read for context: three queries to GitHub
READ_WITHIN = 10.0  # seconds


def no_forms(_chunks: Mapping[str, tuple[str, Sequence[Line]]]) -> dict[str, Form]:
    return {}


Read = Callable[[Sequence[str]], Awaitable[Mapping[str, str | None]]]


@dataclass(frozen=True, slots=True)
class Means:
    """What a diff is examined with. `read` gives files' texts at the head; what it cannot give is done without."""

    store: Answers
    tokens: Callable[[], Tokens]
    secrets: Secrets
    outlines: Outlines
    clock: Callable[[], float]  # monotonic seconds
    read: Read | None = None
    sources: tuple[Source, ...] = ()
    limits: Limits = field(default_factory=Limits)
    forms: Forms = no_forms
    holder: str = ""  # who asks, where others may ask the same at the same time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    purse: Purse = field(default_factory=Purse)


@dataclass(frozen=True, slots=True)
class Plan:
    """The diff cut up, before anything is asked. No secret is in any of it."""

    diff: Diff
    question: Question
    ignored: tuple[Covered, ...]
    chunks: tuple[Chunk, ...]
    fixed: int  # tokens of a call beside its diff
    budget: int  # tokens of diff in a call
    secrets: tuple[Secret, ...] = ()  # that were cut out

    def affords(self, tokens: int) -> int:
        """How many tokens of diff may be sent where `tokens` of input may be: each call costs its fixed part too."""
        calls = -(-tokens // (self.budget + self.fixed))
        return max(0, min(calls * self.budget, tokens - calls * self.fixed), (calls - 1) * self.budget)


async def make_plan(diff: Diff, question: Question, means: Means) -> Plan:
    """Cut secrets out, sort out what nobody reviews, cut the rest into chunks by exact token counts.

    Raises OutsideError where nobody could look for secrets: then nothing may be sent.
    """
    looked = asyncio.create_task(secrets_of(diff, question, means.secrets))
    drawn = asyncio.create_task(_outlines(diff, question, means))
    await all_done((looked, drawn))
    outlines = drawn.result()
    found = (*looked.result(), *await secrets_of_outlines(outlines, means.secrets))
    plan = await beside(lambda: _cut(without(found, diff, question, outlines), means))
    return replace(plan, secrets=found)


def sort_out(
    diff: Diff, ignore: Sequence[str], attributes: Sequence[tuple[str, str]]
) -> tuple[Diff, tuple[Covered, ...]]:
    """The files to review, and the account of the others, by all that the base branch has to say about it.

    Of `ignore` only what is the repository's own: our default globs are told by better reasons, as `lock file`.
    """
    ignore = [glob for glob in ignore if glob not in Config().review.ignore]
    return coverage.sort_out(diff, ignore, attributes=Attributes.parse(dict(attributes)), secret_file=is_secret_file)


def _cut(cleaned: Cleaned, means: Means) -> Plan:
    diff, question = cleaned.diff, cleaned.question
    files, ignored = sort_out(diff, question.config.review.ignore, question.attributes)
    if not files.files:
        return Plan(diff, question, ignored, (), 0, BATCH_BUDGET)
    count = means.tokens().count
    # All that any file's call may hold beside its diff: the guidelines and instructions of some files too.
    widest = Batch(tuple(Chunk(file.path, "", "", 0, (), ()) for file in files.files))
    prompt = prompt_for(widest, question)
    fixed = weight(prompt, count)
    budget = budget_for(question.window, fixed=fixed, reserve=prompt.most_output, most=BATCH_BUDGET)
    chunks = split(files, count=count, budget=min(CHUNK_BUDGET, budget), outlines=cleaned.outlines, calls=calls)
    return Plan(diff, question, ignored, chunks, fixed, budget)


async def _outlines(diff: Diff, question: Question, means: Means) -> Mapping[str, Outline]:
    """What the changed files define, where it can be known soon: the diff alone is enough for a review."""
    files, _ = await beside(lambda: sort_out(diff, question.config.review.ignore, question.attributes))
    changed = [file.path for file in files.files if file.status not in {"added", "removed"} and file.hunks]
    texts: Mapping[str, str | None] = {}
    if means.read is not None and changed:
        with suppress(OutsideError, TimeoutError):
            async with asyncio.timeout(READ_WITHIN):
                texts = await means.read(riskiest(changed, MOST_READ))
    return await beside(lambda: means.outlines(_texts(files, texts)))


def _texts(diff: Diff, heads: Mapping[str, str | None]) -> dict[str, str]:
    """The files as they are at the head: what was read, and new files as the diff has them."""
    new = {file.path: text for file in diff.files if (text := added_text(file)) is not None}
    return new | {path: text for path, text in heads.items() if text is not None}
