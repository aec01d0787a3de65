"""From a diff to placed findings: the part that the server's line and the local tool share."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from reviewer.asking import Asked, ask
from reviewer.core import answers
from reviewer.core.anchors import Places, place
from reviewer.core.chunks import pack, split
from reviewer.core.config import Config, instructions_for
from reviewer.core.coverage import settle, sort_out
from reviewer.core.dedupe import merge
from reviewer.core.fingerprints import with_fingerprints
from reviewer.core.prompts import PromptFile, review_prompt
from reviewer.core.types import Batch, Chunk, Coverage, Covered, Diff, Finding, HunkId, Placed, Prompt, Usage
from reviewer.ports import Answers, Model, Source, Tokens
from reviewer.together import all_done

CHUNK_BUDGET = 4_000  # tokens: about 350 lines; small enough that a push leaves most chunks as they were
BATCH_BUDGET = 12_000  # tokens of diff in one call: models lose findings in longer ones
PARALLEL = 8  # model calls of one review at a time


@dataclass(frozen=True, slots=True)
class Question:
    """What shapes the model's answer beside the diff."""

    installation: int
    repository: str
    config: Config
    model: Model
    prompt: PromptFile
    title: str = ""
    body: str = ""
    guidelines: tuple[tuple[str, str], ...] = ()  # (path, text)
    salt: str = ""  # a run id for a review past the cache

    @property
    def cache_key(self) -> str:
        """One for a repository: its calls share the provider's prompt cache."""
        return f"{self.installation}/{self.repository}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The diff cut up, before anything is asked."""

    diff: Diff
    reviewable: Diff
    ignored: tuple[Covered, ...]
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    findings: tuple[Placed, ...]  # every one that stands, said before or not, named by fingerprint
    coverage: Coverage
    usage: Usage
    chunks: tuple[Chunk, ...]
    notes: tuple[str, ...] = ()  # sentences for the reader about what went wrong


@dataclass(slots=True)
class _Progress:
    """What is known so far; only the tasks of one review write here, on one event loop."""

    found: list[tuple[Placed, ...]] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    reviewed: set[HunkId] = field(default_factory=set)
    failed: dict[HunkId, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    done: int = 0


async def examine(  # the two callbacks say how far it is, and whether anybody still wants it
    diff: Diff,
    question: Question,
    *,
    store: Answers,
    tokens: Callable[[], Tokens],
    sources: tuple[Source, ...] = (),
    tick: Callable[[int, int], Awaitable[None]],
    wanted: Callable[[], Awaitable[None]],
) -> Examined:
    """Ask about every chunk that no kept answer covers, place what is found. Raises Superseded when `wanted` does."""
    plan = await asyncio.to_thread(make_plan, diff, question.config, tokens)
    places = Places(diff)
    keys = {chunk.key: _answer_key(chunk, question) for chunk in plan.chunks}
    known = await _known(plan.chunks, keys, store, question.installation)
    missing = [chunk for chunk in plan.chunks if chunk.key not in known]
    batches = pack(missing, budget=BATCH_BUDGET)
    progress = _Progress()
    progress.found += [_placed(findings, places) for findings in known.values()]
    progress.found += [_placed(source.find(diff), places) for source in sources]

    async def one(batch: Batch, limit: asyncio.Semaphore) -> None:
        async with limit:
            await wanted()
            asked = await ask(batch, lambda part: prompt_for(part, question), question.model)
        await _take(asked, batch, progress, places=places, keys=keys, store=store, installation=question.installation)
        progress.done += 1
        await tick(progress.done, len(batches))

    await tick(0, len(batches))
    limit = asyncio.Semaphore(PARALLEL)
    await all_done([asyncio.create_task(one(batch, limit)) for batch in batches])
    coverage = settle(
        diff,
        reviewed=progress.reviewed,
        cached={hunk for chunk in plan.chunks if chunk.key in known for hunk in chunk.hunks},
        ignored=plan.ignored,
        failed=progress.failed,
    )
    findings = with_fingerprints(merge(progress.found))
    return Examined(findings, coverage, progress.usage, plan.chunks, tuple(dict.fromkeys(progress.notes)))


def make_plan(diff: Diff, config: Config, tokens: Callable[[], Tokens]) -> Plan:
    """Sort out what nobody reviews, cut the rest into chunks by exact token counts."""
    reviewable, ignored = sort_out(diff, config.review.ignore)
    chunks = split(reviewable, count=tokens().count, budget=CHUNK_BUDGET) if reviewable.files else ()
    return Plan(diff, reviewable, ignored, chunks)


def prompt_for(batch: Batch, question: Question) -> Prompt:
    config = question.config
    paths = dict.fromkeys(chunk.path for chunk in batch.chunks)
    instructions = dict.fromkeys(text for path in paths for text in instructions_for(config, path))
    return review_prompt(
        question.prompt,
        batch=batch,
        title=question.title,
        body=question.body,
        instructions=tuple(instructions),
        guidelines=question.guidelines,
        language=config.review.language,
        temperature=config.model.temperature,
        effort=config.model.effort,
        cache_key=question.cache_key,
    )


async def _known(
    chunks: tuple[Chunk, ...], keys: dict[str, str], store: Answers, installation: int
) -> dict[str, tuple[Finding, ...]]:
    """The findings of every chunk whose answer was kept, by chunk key. An entry that cannot be read is a miss."""
    kept = await store.answers(installation, list(dict.fromkeys(keys.values())))
    known = {}
    for chunk in chunks:
        text = kept.get(keys[chunk.key])
        if text is not None:
            try:
                known[chunk.key] = answers.recall(chunk, text)
            except ValueError:
                continue
    return known


async def _take(
    asked: Asked,
    batch: Batch,
    progress: _Progress,
    *,
    places: Places,
    keys: dict[str, str],
    store: Answers,
    installation: int,
) -> None:
    """Keep the answer, then use it as it was kept, so that a first review and one from the cache read the same."""
    progress.usage += asked.usage
    progress.notes += asked.notes
    shares = answers.share(batch, asked.findings)
    texts = {chunk.key: answers.keep(chunk, shares[chunk.key]) for chunk in batch.chunks}
    await store.keep_answers(installation, {keys[key]: texts[key] for key in texts if key not in asked.failed})
    told = [finding for chunk in batch.chunks for finding in answers.recall(chunk, texts[chunk.key])]
    progress.found.append(_placed(told, places))
    for chunk in batch.chunks:
        if chunk.key in asked.failed:
            progress.failed |= dict.fromkeys(chunk.hunks, asked.failed[chunk.key])
        else:
            progress.reviewed |= set(chunk.hunks)


def _placed(findings: tuple[Finding, ...] | list[Finding], places: Places) -> tuple[Placed, ...]:
    return tuple(place(finding, places) for finding in findings)


def _answer_key(chunk: Chunk, question: Question) -> str:
    """The key of a kept answer: what the model sees of the chunk, and all that shapes its answer."""
    config = question.config
    parts = [
        chunk.key,
        question.prompt.label,
        question.model.name,
        config.model.temperature,
        config.model.effort,
        config.review.language,
        instructions_for(config, chunk.path),
        question.guidelines,
        question.salt,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
