"""From a diff to placed findings: the part that the server's line and the local tool share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from reviewer.asking import Asked, Course, ask
from reviewer.core.anchors import Places, place
from reviewer.core.chunks import pack, split
from reviewer.core.config import Config
from reviewer.core.coverage import not_shown, settle, sort_out
from reviewer.core.dedupe import merge
from reviewer.core.fingerprints import with_fingerprints
from reviewer.core.types import Batch, Chunk, Coverage, Covered, Diff, Finding, HunkId, Material, Placed, Report, Spent
from reviewer.ports import Answers, Source, Tokens
from reviewer.question import PARALLEL, AboutChunks, Question, told
from reviewer.together import all_done

CHUNK_BUDGET = 4_000  # tokens: about 350 lines; small enough that a push leaves most chunks as they were
BATCH_BUDGET = 12_000  # tokens of diff in one call: models lose findings in longer ones


@dataclass(frozen=True, slots=True)
class Plan:
    """The diff cut up, before anything is asked."""

    diff: Diff
    ignored: tuple[Covered, ...]
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    findings: tuple[Placed, ...]  # every one that stands, said before or not, named by fingerprint
    coverage: Coverage
    spent: Spent
    chunks: tuple[Chunk, ...]
    notes: tuple[str, ...] = ()  # sentences for the reader about what went wrong
    problems: tuple[str, ...] = ()  # such that the gate cannot be told to be open
    turned: tuple[str, ...] = ()  # why the fallback model was asked


@dataclass(slots=True)
class _Progress:
    """What is known so far; only the tasks of one review write here, on one event loop."""

    found: list[tuple[Placed, ...]] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)
    cached: set[HunkId] = field(default_factory=set)
    reviewed: set[HunkId] = field(default_factory=set)
    failed: dict[HunkId, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rejects: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    done: int = 0

    def examined(self, plan: Plan) -> Examined:
        coverage = settle(
            plan.diff, reviewed=self.reviewed, cached=self.cached, ignored=plan.ignored, failed=self.failed
        )
        findings = with_fingerprints(merge(self.found))
        notes = tuple(dict.fromkeys(self.notes))
        return Examined(
            findings, coverage, self.spent, plan.chunks, notes, _unreadable(self.rejects), tuple(self.turned)
        )


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
    """Ask about every chunk that no kept answer covers, place what is found.

    Raises Superseded when `wanted` does; no call is begun after that, and what is on its way is waited for and kept.
    """
    plan = await asyncio.to_thread(make_plan, diff, question.config, tokens)
    places, course = Places(diff), Course(wanted)
    inquiry = AboutChunks(question, store, places.path)
    known = await inquiry.recall(plan.chunks, question.model.name)
    have = {chunk.key for chunk, _ in known}
    batches = pack([chunk for chunk in plan.chunks if chunk.key not in have], budget=BATCH_BUDGET)
    cached = {hunk for chunk, _ in known for hunk in chunk.hunks}
    progress = _Progress(cached=cached, failed=not_shown(plan.chunks))
    progress.found += [_placed(report.findings, places) for _, report in known]
    progress.found += [
        _placed(source.find(Material(diff, question.title, question.body)), places) for source in sources
    ]

    async def one(batch: Batch, limit: asyncio.Semaphore) -> None:
        async with limit:
            asked = await ask(batch.chunks, inquiry, question.models, course=course)
        await _take(asked, progress, places)
        progress.done += 1
        if await course.goes_on():
            await tick(progress.done, len(batches))

    await tick(0, len(batches))
    limit = asyncio.Semaphore(PARALLEL)
    await all_done([asyncio.create_task(one(batch, limit)) for batch in batches])
    course.check()
    return progress.examined(plan)


def make_plan(diff: Diff, config: Config, tokens: Callable[[], Tokens]) -> Plan:
    """Sort out what nobody reviews, cut the rest into chunks by exact token counts."""
    reviewable, ignored = sort_out(diff, config.review.ignore)
    chunks = split(reviewable, count=tokens().count, budget=CHUNK_BUDGET) if reviewable.files else ()
    return Plan(diff, ignored, chunks)


async def _take(asked: Asked[Chunk, Report], progress: _Progress, places: Places) -> None:
    """Use what was answered, and what could be saved where nothing was."""
    progress.spent += asked.spent
    progress.turned += asked.turned
    for piece in asked.pieces:
        hunks = [hunk for chunk in piece.things for hunk in chunk.hunks]
        if piece.said is not None:
            found = told(piece.things, piece.said.findings) if piece.problem else piece.said.findings
            progress.found.append(_placed(found, places))
            progress.rejects += [] if piece.problem else piece.said.rejects
        if piece.problem:
            progress.failed |= dict.fromkeys(hunks, piece.problem)
            progress.notes.append(f"Not reviewed: {piece.problem}")
        elif piece.kept:
            progress.cached |= set(hunks)
        else:
            progress.reviewed |= set(hunks)


def _unreadable(rejects: Sequence[str]) -> tuple[str, ...]:
    """One sentence about what the model meant to say and nobody could read: it may have been the worst."""
    if not rejects:
        return ()
    what = "1 of the model's findings" if len(rejects) == 1 else f"{len(rejects)} of the model's findings"
    return (f"{what} could not be read: {rejects[0].rstrip('.')}",)


def _placed(findings: tuple[Finding, ...] | list[Finding], places: Places) -> tuple[Placed, ...]:
    return tuple(place(finding, places) for finding in findings)
