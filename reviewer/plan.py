"""From a diff to what is to be asked: secrets cut out, files sorted out, the rest in chunks with their context."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field, replace

from reviewer.core import coverage
from reviewer.core.chunks import budget_for, split
from reviewer.core.coverage import Attributes
from reviewer.core.errors import OutsideError
from reviewer.core.redaction import is_secret_file, redact_diff, redact_text
from reviewer.core.risk import riskiest
from reviewer.core.symbols import added_text, calls
from reviewer.core.types import Batch, Chunk, Covered, Diff, Outline, Secret
from reviewer.ports import Answers, Limits, Outlines, Secrets, Source, Tokens
from reviewer.question import Question, prompt_for
from reviewer.redacting import clean, secrets_in
from reviewer.together import all_done

CHUNK_BUDGET = 4_000  # tokens: about 350 lines; small enough that a push leaves most chunks as they were
BATCH_BUDGET = 12_000  # tokens of diff in one call: models lose findings in longer ones
MOST_READ = 150  # files whose text at the head is read for context: three queries to GitHub

_QUOTES = frozenset("\"'`")

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


@dataclass(frozen=True, slots=True)
class Plan:
    """The diff cut up, before anything is asked. No secret is in any of it."""

    diff: Diff
    question: Question
    ignored: tuple[Covered, ...]
    chunks: tuple[Chunk, ...]
    fixed: int  # tokens of a call beside its diff
    budget: int  # tokens of diff in a call

    def affords(self, tokens: int) -> int:
        """How many tokens of diff may be sent where `tokens` of input may be."""
        return tokens * self.budget // (self.budget + self.fixed)


async def make_plan(diff: Diff, question: Question, means: Means) -> Plan:
    """Cut secrets out, sort out what nobody reviews, cut the rest into chunks by exact token counts.

    Raises OutsideError where nobody could look for secrets: then nothing may be sent.
    """
    looked = asyncio.create_task(secrets_in(diff, _words(question), means.secrets))
    read = asyncio.create_task(_heads(diff, question, means))
    await all_done((looked, read))
    found = looked.result()
    draft = await asyncio.to_thread(_drafted, diff, question, found)
    outlines = await asyncio.to_thread(means.outlines, _texts(draft.files, read.result()))
    outlines = await _clean(outlines, found, means.secrets)
    return await asyncio.to_thread(_cut, draft, outlines, means)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is left when secrets are cut out and files sorted out."""

    diff: Diff
    question: Question
    files: Diff
    ignored: tuple[Covered, ...]


def _drafted(diff: Diff, question: Question, found: Sequence[Secret]) -> _Draft:
    safe = redact_diff(diff, found)
    cleaned = _with_words(question, [redact_text(text, found) for text in _words(question)])
    return _Draft(safe, cleaned, *sort_out(safe, question.config.review.ignore, question.attributes))


def _words(question: Question) -> list[str]:
    """What people say beside the diff: the author, and the base branch."""
    review = question.config.review
    general = [question.title, question.body, review.instructions]
    by_path = [each.instructions for each in review.path_instructions]
    return [*general, *by_path, *(text for _, text in question.guidelines), *(each.text for each in question.scoped)]


def _with_words(question: Question, words: Sequence[str]) -> Question:
    """The question with other words, in the order of `_words`."""
    review, said = question.config.review, iter(words)
    title, body, instructions = next(said), next(said), next(said)
    by_path = tuple(replace(each, instructions=next(said)) for each in review.path_instructions)
    review = replace(review, instructions=instructions, path_instructions=by_path)
    return replace(
        question,
        title=title,
        body=body,
        config=replace(question.config, review=review),
        guidelines=tuple((path, next(said)) for path, _ in question.guidelines),
        scoped=tuple(replace(each, text=next(said)) for each in question.scoped),
    )


def sort_out(
    diff: Diff, ignore: Sequence[str], attributes: Sequence[tuple[str, str]]
) -> tuple[Diff, tuple[Covered, ...]]:
    """The files to review, and the account of the others, by all that the base branch has to say about it."""
    return coverage.sort_out(diff, ignore, attributes=Attributes.parse(dict(attributes)), secret_file=is_secret_file)


def _cut(draft: _Draft, outlines: Mapping[str, Outline], means: Means) -> Plan:
    diff, question = draft.diff, draft.question
    if not draft.files.files:
        return Plan(diff, question, draft.ignored, (), 0, BATCH_BUDGET)
    count = means.tokens().count
    empty = prompt_for(Batch(()), question)
    tool = json.dumps(astuple(empty.tool))
    fixed = sum(map(count, (empty.system, empty.user, tool)))
    budget = budget_for(question.window, fixed=fixed, reserve=empty.max_output, most=BATCH_BUDGET)
    chunks = split(draft.files, count=count, budget=min(CHUNK_BUDGET, budget), outlines=outlines, calls=calls)
    return Plan(diff, question, draft.ignored, chunks, fixed, budget)


def _texts(diff: Diff, heads: Mapping[str, str | None]) -> dict[str, str]:
    """The files as they are at the head: what was read, and new files as the diff has them."""
    new = {file.path: text for file in diff.files if (text := added_text(file)) is not None}
    return new | {path: text for path, text in heads.items() if text is not None}


async def _heads(diff: Diff, question: Question, means: Means) -> Mapping[str, str | None]:
    """The texts at the head of changed files: of the riskiest where they are many."""
    files, _ = await asyncio.to_thread(sort_out, diff, question.config.review.ignore, question.attributes)
    changed = [file.path for file in files.files if file.status not in {"added", "removed"} and file.hunks]
    if means.read is not None and changed:
        with suppress(OutsideError):  # the diff alone is enough for a review
            return await means.read(riskiest(changed, MOST_READ))
    return {}


async def _clean(outlines: Mapping[str, Outline], found: Sequence[Secret], secrets: Secrets) -> dict[str, Outline]:
    """Without secrets: a default value may be one. Where nothing is quoted, no value is written."""
    said = {symbol.signature for each in outlines.values() for symbol in each.symbols}
    quoting = sorted(text for text in said if not _QUOTES.isdisjoint(text))
    cleaned = dict(zip(quoting, await clean(quoting, secrets, found), strict=True))
    return {
        path: replace(
            each,
            symbols=tuple(
                replace(symbol, signature=cleaned.get(symbol.signature, symbol.signature)) for symbol in each.symbols
            ),
        )
        for path, each in outlines.items()
    }
