"""The second look: asks the model to refute each finding that would block; what it cannot uphold never blocks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reviewer.asking import Asked, Course
from reviewer.claims import AboutClaims, Claim, Verdicts, claim_of, gravest_first, parts_of, room_for, tiers_of
from reviewer.core.gate import would_block
from reviewer.core.prompts import PromptFile
from reviewer.core.related import Related
from reviewer.core.types import Chunk, Placed, Quality, Severity, Spent
from reviewer.holding import Hold, ask_once
from reviewer.plan import Means
from reviewer.purse import Purse, weight
from reviewer.question import PARALLEL, Question
from reviewer.redacting import clean
from reviewer.together import all_done, beside

UNSEEN = "this diff does not show the code that it is about"
SHORT = 7  # digits of a SHA
AMPLE = 4  # times what the claims weigh: with so much left they may be asked again, and of the fallback model


@dataclass(frozen=True, slots=True)
class Confirmed:
    findings: tuple[Placed, ...]
    doubts: tuple[Placed, ...] = ()  # those of the doubtful ones that still hold, or could not be asked about
    refuted: tuple[Placed, ...] = ()  # the others, with the reason
    spent: Spent = field(default_factory=Spent)
    problems: tuple[str, ...] = ()  # sentences: the gate could not be told the truth about these
    turned: tuple[str, ...] = ()  # why the fallback model was asked
    quality: Quality = field(default_factory=Quality)


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
    blocked: Mapping[str, str] = MappingProxyType({}),
) -> Confirmed:
    """The findings, those that would block with `confirmed` set. Raises Superseded as `examine` does.

    A verdict is kept, so the same finding on the same code has the same verdict on the next push, however it is laid
    out. A finding about a file outside the diff has no code: it does not hold. `doubts` were said on an earlier head,
    and this head's answers do not speak of them although their lines are as they were: whether they still hold is asked
    along with the rest. `blocked` gives, for the fingerprints of what blocked already on the same lines, the SHA where
    it did: while nobody can be asked about these they are as confirmed as they were.
    """
    about = [p for p in findings if would_block(p, fail_on) and p.finding.source == "model"]
    course = Course(wanted, means.purse, last=True)
    by_name = {p.fingerprint: p for p in (*about, *doubts)}
    verdicts, asked = await _verdicts([*by_name.values()], chunks, question, means, prompt=prompt, course=course)
    course.check()
    unasked = await _unasked(asked, verdicts, means)
    still = {name: why for name, why in [*unasked.items(), *_unseen(verdicts)] if name in blocked}
    verdicts |= {name: (True, _stands(blocked[name], why)) for name, why in still.items()}
    lost = [why for name, why in unasked.items() if name not in still and would_block(by_name[name], fail_on)]
    told = {p.fingerprint: verdicts.get(p.fingerprint, (False, "")) for p in doubts}
    left = {name for name, verdict in told.items() if verdict[0] or verdict == (False, UNSEEN) or name in unasked}
    return Confirmed(
        findings=tuple(_with(p, verdicts, fail_on) for p in findings),
        doubts=tuple(_with(p, verdicts, fail_on) for p in doubts if p.fingerprint in left),
        refuted=tuple(_because(p, verdicts) for p in doubts if p.fingerprint not in left),
        spent=asked.spent,
        problems=_problems(lost),
        turned=tuple(await clean(asked.turned, means.secrets)),
        quality=_quality(about, asked),
    )


def _quality(about: Sequence[Placed], asked: Asked[Claim, Verdicts]) -> Quality:
    """What was in doubt is left out: that it does not hold any more is the author's doing."""
    fresh = {name: said[0] for piece in asked.pieces if not piece.kept for name, said in (piece.said or {}).items()}
    holds = [fresh[placed.fingerprint] for placed in about if placed.fingerprint in fresh]
    return replace(asked.quality, malformed=0) + Quality(checked=len(holds), refuted=holds.count(False))


async def _unasked(asked: Asked[Claim, Verdicts], verdicts: Verdicts, means: Means) -> dict[str, str]:
    """Why there is no verdict on some, by fingerprint; without secrets, for a provider's error may repeat anything."""
    why = {claim.id: piece.problem for piece in asked.pieces if piece.problem for claim in piece.things}
    why = {name: problem for name, problem in why.items() if name not in verdicts}
    return dict(zip(why, await clean(list(why.values()), means.secrets), strict=True))


def _problems(lost: Sequence[str]) -> tuple[str, ...]:
    """By reason, how many findings nobody could be asked about."""
    counted = Counter(lost).items()
    return tuple(f"{_many(count)} that would block could not be confirmed: {why}" for why, count in counted)


def _unseen(verdicts: Verdicts) -> list[tuple[str, str]]:
    return [(name, UNSEEN) for name, verdict in verdicts.items() if verdict == (False, UNSEEN)]


def _stands(head: str, why: str) -> str:
    return f"it blocked on `{head[:SHORT]}` already and could not be asked about again: {why}"


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
    missing = gravest_first([claim for claim in claims if claim.id not in verdicts])
    hold = Hold(means.store, question.installation, means.holder, means.sleep, question.scope)
    asked = await _judged(missing, room, inquiry, question, course=course, hold=hold)
    for piece in asked.pieces:
        verdicts |= piece.said or {}
    return verdicts, asked


async def _judged(
    claims: Sequence[Claim], room: int, inquiry: AboutClaims, question: Question, *, course: Course, hold: Hold
) -> Asked[Claim, Verdicts]:
    """All at once where the purse is full; else one after the other, the gravest first."""
    parts = parts_of(claims, room)
    scarce = not await beside(lambda: _ample(parts, inquiry, course.purse))
    limit = asyncio.Semaphore(1 if scarce else PARALLEL)  # who comes first is served first

    async def judge(part: Sequence[Claim]) -> Asked[Claim, Verdicts]:
        async with limit:
            return await ask_once(part, inquiry, question.models, course=course, hold=hold)

    tasks = [asyncio.create_task(judge(part)) for part in (tiers_of(claims, room) if scarce else parts)]
    await all_done(tasks)
    asked: Asked[Claim, Verdicts] = Asked()
    for task in tasks:
        asked += task.result()
    return asked


def _ample(parts: Sequence[Sequence[Claim]], inquiry: AboutClaims, purse: Purse) -> bool:
    if not purse.limit:
        return True
    return purse.sent + AMPLE * sum(weight(inquiry.prompt(part), purse.count) for part in parts) <= purse.limit


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
