"""From a diff to placed findings: the part that the server's line and the local tool share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from reviewer.asking import Asked, Course, ask
from reviewer.core.anchors import Places, place
from reviewer.core.chunks import pack
from reviewer.core.coverage import BY_CONFIGURATION, not_shown, settle
from reviewer.core.dedupe import merge
from reviewer.core.fingerprints import with_fingerprints
from reviewer.core.meaning import known, same_issue
from reviewer.core.risk import risks, within
from reviewer.core.types import Batch, Chunk, Coverage, Diff, Finding, HunkId, Material, Placed, Report, Spent
from reviewer.plan import Means, Plan, make_plan
from reviewer.ports import Secrets, Source
from reviewer.purse import Purse
from reviewer.question import PARALLEL, AboutChunks, Question, told, wishes_for
from reviewer.redacting import clean
from reviewer.together import all_done, beside


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

    async def scrub(self, secrets: Secrets) -> None:
        """A provider's error may repeat anything."""
        why = list(dict.fromkeys([*self.failed.values(), *self.notes, *self.turned]))
        words = dict(zip(why, await clean(why, secrets), strict=True))
        self.failed = {hunk: words[reason] for hunk, reason in self.failed.items()}
        self.notes, self.turned = [words[note] for note in self.notes], [words[note] for note in self.turned]

    def examined(self, plan: Plan) -> Examined:
        coverage = settle(
            plan.diff, reviewed=self.reviewed, cached=self.cached, ignored=plan.ignored, failed=self.failed
        )
        findings = with_fingerprints(merge(self.found, same=_same))
        notes = tuple(dict.fromkeys(self.notes))
        return Examined(
            findings, coverage, self.spent, plan.chunks, notes, _unreadable(self.rejects), tuple(self.turned)
        )


async def examine(  # the two callbacks say how far it is, and whether anybody still wants it
    diff: Diff,
    question: Question,
    means: Means,
    *,
    tick: Callable[[int, int], Awaitable[None]],
    wanted: Callable[[], Awaitable[None]],
) -> Examined:
    """Ask about every chunk that no kept answer covers, the riskiest first, and place what is found.

    Raises Superseded when `wanted` does; no call is begun after that, and what is on its way is waited for and kept.
    Raises OutsideError where nobody could look for secrets.
    """
    begun = means.clock()
    plan = await make_plan(diff, question, means)
    places, course = Places(plan.diff), Course(wanted, means.purse)
    inquiry = AboutChunks(plan.question, means.store, means.secrets, places)
    progress, batches = await _begun(plan, inquiry, places, means)

    async def one(batch: Batch, limit: asyncio.Semaphore) -> None:
        async with limit:
            if late := _late(means, begun):
                progress.failed |= {hunk: late for chunk in batch.chunks for hunk in chunk.hunks}
                return
            asked = await ask(batch.chunks, inquiry, question.models, course=course)
        await _take(asked, progress, places)
        progress.notes += wishes_for([chunk.path for chunk in batch.chunks], plan.question).cut
        progress.done += 1
        if await course.goes_on():
            await tick(progress.done, len(batches))

    await tick(0, len(batches))
    limit = asyncio.Semaphore(PARALLEL)
    await all_done([asyncio.create_task(one(batch, limit)) for batch in batches])
    course.check()
    await progress.scrub(means.secrets)
    return progress.examined(plan)


async def _begun(plan: Plan, inquiry: AboutChunks, places: Places, means: Means) -> tuple[_Progress, list[Batch]]:
    """What is known without asking anybody, and what is left to ask."""
    known = await inquiry.recall(plan.chunks, plan.question.model.name)
    have = {chunk.key for chunk, _ in known}
    missing = [each for each in plan.chunks if each.key not in have]
    batches, over = await beside(lambda: batches_of(missing, plan, means.purse))
    progress = _Progress(
        found=[_placed(report.findings, places) for _, report in known],
        cached={hunk for chunk, _ in known for hunk in chunk.hunks},
        failed=not_shown(plan.chunks) | over,
    )
    progress.found += await beside(lambda: _told_by(means.sources, plan, places))
    return progress, batches


def batches_of(chunks: Sequence[Chunk], plan: Plan, purse: Purse) -> tuple[list[Batch], dict[HunkId, str]]:
    """What is asked, the riskiest first; and the hunks that the purse does not reach to, with the reason."""
    grave = risks(chunks)
    kept, left = tuple(chunks), tuple[Chunk, ...]()
    if purse.limit:
        kept, left = within(chunks, plan.affords(purse.first), grave)
    by_key = {chunk.key: risk for chunk, risk in zip(chunks, grave, strict=True)}
    batches = list(pack(kept, budget=plan.budget))
    batches.sort(key=lambda batch: -max(by_key[chunk.key] for chunk in batch.chunks))
    return batches, {hunk: purse.over for chunk in left for hunk in chunk.hunks}


def _late(means: Means, begun: float) -> str:
    """Why no more calls begin, "" while there is time."""
    seconds = means.limits.seconds
    if not seconds or means.clock() - begun < seconds:
        return ""
    return f"the review's time of {seconds / 60:g} minutes was over"


def _told_by(sources: Sequence[Source], plan: Plan, places: Places) -> list[tuple[Placed, ...]]:
    """What the sources find in all that changed, lock files too; but for what the repository itself wants left out."""
    left_out = {covered.hunk.path for covered in plan.ignored if covered.reason == BY_CONFIGURATION}
    files = tuple(file for file in plan.diff.files if file.path not in left_out)
    material = Material(Diff(files), plan.question.title, plan.question.body)
    return [_placed(source.find(material), places) for source in sources]


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


def _same(one: Placed, other: Placed) -> bool:
    """One thing in other words, on lines that overlap: what reads alike elsewhere is another finding."""
    here, there = one.anchor, other.anchor
    if here is None or there is None or here.side is not there.side:
        return False
    apart = here.line < (there.start_line or there.line) or there.line < (here.start_line or here.line)
    return not apart and same_issue(known(one), known(other))


def _unreadable(rejects: Sequence[str]) -> tuple[str, ...]:
    """One sentence about what the model meant to say and nobody could read: it may have been the worst."""
    if not rejects:
        return ()
    what = "1 of the model's findings" if len(rejects) == 1 else f"{len(rejects)} of the model's findings"
    return (f"{what} could not be read: {rejects[0].rstrip('.')}",)


def _placed(findings: tuple[Finding, ...] | list[Finding], places: Places) -> tuple[Placed, ...]:
    return tuple(place(finding, places) for finding in findings)
