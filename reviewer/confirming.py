"""The second look: asks the model to refute each finding that would block; what it cannot uphold never blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from reviewer.asking import Asked, Course
from reviewer.claims import AboutClaims, Claim, Verdicts, claim_of, parts_of, room_for
from reviewer.core.gate import would_block
from reviewer.core.prompts import PromptFile
from reviewer.core.related import Related
from reviewer.core.types import Chunk, Placed, Severity, Spent
from reviewer.holding import Hold, ask_once
from reviewer.plan import Means
from reviewer.question import PARALLEL, Question
from reviewer.redacting import clean
from reviewer.together import all_done, beside

UNSEEN = "this diff does not show the code that it is about"


@dataclass(frozen=True, slots=True)
class Confirmed:
    findings: tuple[Placed, ...]
    doubts: tuple[Placed, ...] = ()  # those of the doubtful ones that still hold, or could not be asked about
    refuted: tuple[Placed, ...] = ()  # the others, with the reason
    spent: Spent = field(default_factory=Spent)
    problems: tuple[str, ...] = ()  # sentences: the gate could not be told the truth about these
    turned: tuple[str, ...] = ()  # why the fallback model was asked


async def confirm(
    findings: Sequence[Placed],
    chunks: Sequence[Chunk],
    question: Question,
    means: Means,
    *,
    fail_on: Severity | None,
    prompt: PromptFile,
    wanted: Callable[[], Awaitable[None]],
    doubts: Sequence[Placed] = (),
) -> Confirmed:
    """The findings, those that would block with `confirmed` set. Raises Superseded as `examine` does.

    A verdict is kept, so the same finding on the same code has the same verdict on the next push, however it is laid
    out. A finding about a file outside the diff has no code: it does not hold. `doubts` were said on an earlier head,
    and this head's answers do not speak of them although their lines are as they were: whether they still hold is asked
    along with the rest.
    """
    about = [p for p in findings if would_block(p, fail_on) and p.finding.source == "model"]
    course = Course(wanted, means.purse, last=True)
    verdicts, asked = await _verdicts([*about, *doubts], chunks, question, means, prompt=prompt, course=course)
    course.check()
    problems = []
    for piece in asked.pieces:
        grave = [claim for claim in piece.things if piece.problem and would_block(claim.placed, fail_on)]
        if unsure := sum(claim.id not in (piece.said or {}) for claim in grave):
            problems.append(f"{_many(unsure)} that would block could not be confirmed: {piece.problem}")
    words = await clean([*problems, *asked.turned], means.secrets)  # a provider's error may repeat anything
    unasked = {claim.id for piece in asked.pieces if piece.problem for claim in piece.things} - set(verdicts)
    told = {p.fingerprint: verdicts.get(p.fingerprint, (False, "")) for p in doubts}
    left = {name for name, verdict in told.items() if verdict[0] or verdict == (False, UNSEEN) or name in unasked}
    return Confirmed(
        findings=tuple(_with(p, verdicts, fail_on) for p in findings),
        doubts=tuple(_with(p, verdicts, fail_on) for p in doubts if p.fingerprint in left),
        refuted=tuple(_because(p, verdicts) for p in doubts if p.fingerprint not in left),
        spent=asked.spent,
        problems=tuple(words[: len(problems)]),
        turned=tuple(words[len(problems) :]),
    )


async def _verdicts(
    findings: Sequence[Placed],
    chunks: Sequence[Chunk],
    question: Question,
    means: Means,
    *,
    prompt: PromptFile,
    course: Course,
) -> tuple[Verdicts, Asked[Claim, Verdicts]]:
    """By fingerprint, as many as are kept or could be had; and what came of the calls."""
    index = Related(chunks if findings else ())
    room = room_for(question, prompt, means) if findings else 0  # to count tokens takes 66 MB of ranks
    every = [claim_of(p, chunks, index, room) for p in findings]
    claims = [claim for claim in every if claim.code]
    lines = {chunk.key: (chunk.path, chunk.lines) for claim in claims for chunk in claim.chunks}
    forms = await beside(lambda: means.forms(lines) if lines else {})
    inquiry = AboutClaims(question, prompt, means.store, means.secrets, forms)
    verdicts: Verdicts = {claim.id: (False, UNSEEN) for claim in every if not claim.code}
    for _, known in await inquiry.recall(claims, question.model.name):
        verdicts |= known
    missing = [claim for claim in claims if claim.id not in verdicts]
    hold = Hold(means.store, question.installation, means.holder, means.sleep, question.scope)
    asked = await _judged(parts_of(missing, room), inquiry, question, course, hold)
    for piece in asked.pieces:
        verdicts |= piece.said or {}
    return verdicts, asked


async def _judged(
    parts: Sequence[Sequence[Claim]], inquiry: AboutClaims, question: Question, course: Course, hold: Hold
) -> Asked[Claim, Verdicts]:
    limit = asyncio.Semaphore(PARALLEL)

    async def judge(part: Sequence[Claim]) -> Asked[Claim, Verdicts]:
        async with limit:
            return await ask_once(part, inquiry, question.models, course=course, hold=hold)

    tasks = [asyncio.create_task(judge(part)) for part in parts]
    await all_done(tasks)
    asked: Asked[Claim, Verdicts] = Asked()
    for task in tasks:
        asked += task.result()
    return asked


def _with(placed: Placed, verdicts: Verdicts, fail_on: Severity | None) -> Placed:
    if not would_block(placed, fail_on):
        return placed
    if placed.finding.source != "model":  # a deterministic source needs no second look
        return replace(placed, confirmed=True)
    holds, reason = verdicts.get(placed.fingerprint, (False, "no verdict was given"))
    return replace(placed, confirmed=holds, reason=reason)


def _because(placed: Placed, verdicts: Verdicts) -> Placed:
    return replace(placed, reason=verdicts.get(placed.fingerprint, (False, ""))[1])


def _many(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"
