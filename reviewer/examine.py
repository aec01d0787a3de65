"""From a diff to placed findings: the part that the server's line and the local tool share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.answering import AboutChunks
from reviewer.asking import Course
from reviewer.core.anchors import Places, place
from reviewer.core.chunks import pack
from reviewer.core.coverage import BY_CONFIGURATION, not_shown
from reviewer.core.meaning import Known, known, same_issue, two_things
from reviewer.core.risk import risks, within
from reviewer.core.types import Batch, Chunk, Diff, Finding, Form, HunkId, Material, Placed
from reviewer.holding import Hold, ask_once
from reviewer.plan import Means, Plan, make_plan
from reviewer.ports import Source
from reviewer.progress import Examined, Progress
from reviewer.purse import Purse
from reviewer.question import PARALLEL, Question, wishes_for
from reviewer.together import all_done, beside


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
    course = Course(wanted, means.purse)
    hold = Hold(means.store, question.installation, means.holder, means.sleep, question.scope)
    progress, calls = await _begun(plan, means)

    async def one(call: _Call, limit: asyncio.Semaphore) -> None:
        chunks = call.batch.chunks
        async with limit:
            if late := _late(means, begun):
                progress.late(chunks, late, call.inquiry.nth)
                return
            asked = await ask_once(chunks, call.inquiry, question.models, course=course, hold=hold)
        progress.take(asked, call.inquiry.nth)
        progress.notes += wishes_for([chunk.path for chunk in chunks], plan.question).cut
        progress.done += 1
        if await course.goes_on():
            await tick(progress.done, len(calls))

    await tick(0, len(calls))
    limit = asyncio.Semaphore(PARALLEL)
    await all_done([asyncio.create_task(one(call, limit)) for call in calls])
    course.check()
    await progress.scrub(means.secrets)
    alike = _Alike()
    return progress.examined(alike.same, alike.one_vote)


@dataclass(frozen=True, slots=True)
class _Call:
    """What is asked at once, and in which pass over the diff."""

    batch: Batch
    inquiry: AboutChunks


async def _begun(plan: Plan, means: Means) -> tuple[Progress, list[_Call]]:
    """What is known without asking anybody, and what is left to ask: all of the first pass before the second."""
    question, places = plan.question, Places(plan.diff)
    passes = question.config.review.passes
    progress = Progress(plan, places, found=[[] for _ in range(passes)])
    progress.certain += await beside(lambda: _told_by(means.sources, plan, places))
    calls: list[_Call] = []
    for nth in range(passes):
        inquiry = AboutChunks(question, means.store, means.secrets, places, nth=nth)
        exact = await inquiry.recall(plan.chunks, question.model.name)
        progress.recalled(exact, nth)
        missing = _without(plan.chunks, exact)
        inquiry = replace(inquiry, forms=_forms_of(missing, means))
        alike = await inquiry.recall_forms(missing, question.model.name)
        progress.recalled(alike, nth, alike=True)
        batches, over = await _packed(_without(missing, alike), plan, means)
        if nth == 0:
            progress.failed |= not_shown(plan.chunks) | over
        calls += [_Call(batch, inquiry) for batch in batches]
    return progress, calls


async def _packed(chunks: Sequence[Chunk], plan: Plan, means: Means) -> tuple[list[Batch], dict[HunkId, str]]:
    return await beside(lambda: batches_of(chunks, plan, means.purse))


def _without(chunks: Sequence[Chunk], known: Sequence[tuple[Chunk, object]]) -> list[Chunk]:
    have = {chunk.key for chunk, _ in known}
    return [chunk for chunk in chunks if chunk.key not in have]


def _forms_of(chunks: Sequence[Chunk], means: Means) -> Callable[[], Awaitable[Mapping[str, Form]]]:
    """The chunks' forms, computed while the model is asked, for whoever waits for them."""
    lines = {chunk.key: (chunk.path, chunk.lines) for chunk in chunks}
    task = asyncio.ensure_future(beside(lambda: means.forms(lines) if lines else {}))

    async def forms() -> Mapping[str, Form]:
        return await asyncio.shield(task)

    return forms


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


class _Alike:
    """Compares the findings of one review; what each is compared by is made once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Placed, Known]] = {}  # the finding too: while it is kept its id is its own

    def same(self, one: Placed, other: Placed) -> bool:
        """One thing in other words, on lines that overlap: what reads alike elsewhere is another finding."""
        here, there = one.anchor, other.anchor
        if here is None or there is None or here.side is not there.side:
            return False
        apart = here.line < (there.start_line or there.line) or there.line < (here.start_line or here.line)
        return not apart and same_issue(self._of(one), self._of(other))

    def one_vote(self, one: Placed, other: Placed) -> bool:
        """Of two passes over the same code: on one line a doubt is that they mean the same."""
        at_one = one.anchor is not None and one.anchor == other.anchor
        return self.same(one, other) or (at_one and not two_things(self._of(one), self._of(other)))

    def _of(self, placed: Placed) -> Known:
        if id(placed) not in self._known:
            self._known[id(placed)] = placed, known(placed)
        return self._known[id(placed)][1]


def _placed(findings: Sequence[Finding], places: Places) -> tuple[Placed, ...]:
    return tuple(place(finding, places) for finding in findings)
