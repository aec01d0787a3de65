"""The second look: asks the model to refute each finding that would block; what it cannot uphold never blocks."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from reviewer.asking import Asked, Course, Reading, ask
from reviewer.core.chunks import budget_for
from reviewer.core.findings import parse_verdicts, trimmed_verdicts, whole_verdicts
from reviewer.core.gate import would_block
from reviewer.core.prompts import PromptFile, confirm_prompt
from reviewer.core.related import Related
from reviewer.core.types import Anchor, Answer, Chunk, Line, Placed, Prompt, Severity, Side, Spent
from reviewer.plan import Means
from reviewer.ports import Answers, Secrets
from reviewer.purse import weight
from reviewer.question import FAULTS, PARALLEL, Question, fitted
from reviewer.redacting import clean
from reviewer.together import all_done

AT_ONCE = 10  # findings in one call: each wants its code beside it
CODE = 24_000  # tokens of code in one call, of a model with a large window
CLAIM = 150  # tokens that a claim's own words are taken for
CHUNKS_BESIDE = 3  # of a file, at most: a claim needs its surroundings, not the whole file

UNSEEN = "this diff does not show the code that it is about"

Verdicts = dict[str, tuple[bool, str]]  # claim -> whether it holds, and why


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding that would block, with the code that it talks about."""

    placed: Placed
    code: str
    tokens: int  # of the code

    @property
    def id(self) -> str:
        return self.placed.fingerprint


@dataclass(frozen=True, slots=True)
class Confirmed:
    findings: tuple[Placed, ...]
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
) -> Confirmed:
    """The findings, those that would block with `confirmed` set. Raises Superseded as `examine` does.

    A verdict is kept, so the same finding on the same code has the same verdict on the next push. A finding about a
    file outside the diff has no code: it does not hold.
    """
    blocking = [p for p in findings if would_block(p, fail_on) and p.finding.source == "model"]
    index = Related(chunks if blocking else ())
    room = _room(question, prompt, means) if blocking else 0  # to count tokens takes 66 MB of ranks
    every = [Claim(p, *_code(p, chunks, index, room)) for p in blocking]
    claims = [claim for claim in every if claim.code]
    inquiry = AboutClaims(question, prompt, means.store, means.secrets)
    course = Course(wanted, means.purse, last=True)
    verdicts: Verdicts = {claim.id: (False, UNSEEN) for claim in every if not claim.code}
    for _, known in await inquiry.recall(claims, question.model.name):
        verdicts |= known
    missing = [claim for claim in claims if claim.id not in verdicts]
    asked = await _judged(_parts(missing, room), inquiry, question, course)
    course.check()
    problems = []
    for piece in asked.pieces:
        verdicts |= piece.said or {}
        if unsure := sum(claim.id not in (piece.said or {}) for claim in piece.things if piece.problem):
            problems.append(f"{_many(unsure)} that would block could not be confirmed: {piece.problem}")
    words = await clean([*problems, *asked.turned], means.secrets)  # a provider's error may repeat anything
    told, turned = tuple(words[: len(problems)]), tuple(words[len(problems) :])
    return Confirmed(tuple(_with(p, verdicts, fail_on) for p in findings), asked.spent, told, turned)


def _room(question: Question, prompt: PromptFile, means: Means) -> int:
    """Tokens of code in one call."""
    made = fitted(prompt, question.window)
    fixed = weight(confirm_prompt(made, findings=[], code=""), means.tokens().count)
    return budget_for(question.window, fixed=fixed + CLAIM * AT_ONCE, reserve=made.max_output, most=CODE)


def _parts(claims: Sequence[Claim], room: int) -> list[list[Claim]]:
    """The claims of each call: no more than AT_ONCE, with no more code than there is room for."""
    parts: list[list[Claim]] = []
    left = 0
    for claim in claims:
        if not parts or len(parts[-1]) == AT_ONCE or claim.tokens > left:
            parts.append([])
            left = room
        parts[-1].append(claim)
        left -= claim.tokens
    return parts


async def _judged(
    parts: Sequence[Sequence[Claim]], inquiry: AboutClaims, question: Question, course: Course
) -> Asked[Claim, Verdicts]:
    limit = asyncio.Semaphore(PARALLEL)

    async def judge(part: Sequence[Claim]) -> Asked[Claim, Verdicts]:
        async with limit:
            return await ask(part, inquiry, question.models, course=course)

    tasks = [asyncio.create_task(judge(part)) for part in parts]
    await all_done(tasks)
    asked: Asked[Claim, Verdicts] = Asked()
    for task in tasks:
        asked += task.result()
    return asked


@dataclass(frozen=True, slots=True)
class AboutClaims:
    """Satisfies `asking.Inquiry`: do these claims hold? A verdict is good for the same claim on the same code."""

    question: Question
    file: PromptFile
    store: Answers
    secrets: Secrets

    def prompt(self, things: Sequence[Claim]) -> Prompt:
        config = self.question.config
        return confirm_prompt(
            fitted(self.file, self.question.window),
            findings=[(claim.id, claim.placed) for claim in things],
            code="".join(dict.fromkeys(claim.code for claim in things)),
            language=config.review.language,
            temperature=config.model.temperature,
            effort=config.model.effort,
            cache_key=self.question.cache_key,
        )

    async def read(self, answer: Answer) -> Reading[Verdicts]:
        said = parse_verdicts(answer.arguments)
        reasons = await clean([reason for _, reason in said.values()], self.secrets)
        cleaned = {name: (holds, reason) for (name, (holds, _)), reason in zip(said.items(), reasons, strict=True)}
        verdicts = trimmed_verdicts(cleaned)
        if answer.fault:
            return Reading(verdicts, FAULTS[answer.fault])
        whole = whole_verdicts(answer.arguments)
        return Reading(verdicts, "" if whole else "was not the JSON that was asked for")

    def join(self, first: Verdicts, second: Verdicts) -> Verdicts:
        return first | second

    async def recall(self, things: Sequence[Claim], model: str) -> list[tuple[Claim, Verdicts]]:
        keys = {claim.id: self._key(claim, model, self.question.salt) for claim in things}
        kept = await self.store.answers(self.question.installation, list(keys.values()))
        return [(claim, {claim.id: _read(kept[keys[claim.id]])}) for claim in things if keys[claim.id] in kept]

    async def keep(self, things: Sequence[Claim], said: Verdicts, model: str) -> Verdicts:
        salts = dict.fromkeys((self.question.salt, ""))  # a verdict past the cache takes the old one's place
        judged = [claim for claim in things if claim.id in said]
        given = {self._key(claim, model, salt): json.dumps(said[claim.id]) for claim in judged for salt in salts}
        await self.store.keep_answers(self.question.installation, given)
        return said

    def _key(self, claim: Claim, model: str, salt: str) -> str:
        finding, settings = claim.placed.finding, self.question.config.model
        asked = [self.file.label, model, settings.temperature, settings.effort, salt]
        said = [claim.id, finding.title, finding.body, finding.quote, claim.code]
        return "confirm:" + hashlib.sha256(json.dumps([asked, said]).encode()).hexdigest()


def _code(placed: Placed, chunks: Sequence[Chunk], index: Related, room: int) -> tuple[str, int]:
    """What the model saw of the place, or of the beginning of its file; then what is related to it in other files.

    With its tokens: as much of that as there is room for, and the first of it in any case.
    """
    same = [chunk for chunk in chunks if chunk.path == placed.finding.path]
    anchor = placed.anchor
    if anchor is not None:
        here = [chunk for chunk in same if any(_stands_on(anchor, line) for line in chunk.lines)]
        same = here or same
    if not same:
        return "", 0
    first, *more = (*same[:CHUNKS_BESIDE], *index.to(placed))
    text, tokens = first.text, first.tokens
    for chunk in more:
        if tokens + chunk.tokens <= room:
            text, tokens = text + chunk.text, tokens + chunk.tokens
    return text, tokens


def _stands_on(anchor: Anchor, line: Line) -> bool:
    return anchor.line == (line.old if anchor.side is Side.LEFT else line.new)


def _with(placed: Placed, verdicts: Verdicts, fail_on: Severity | None) -> Placed:
    if not would_block(placed, fail_on):
        return placed
    if placed.finding.source != "model":  # a deterministic source needs no second look
        return replace(placed, confirmed=True)
    holds, reason = verdicts.get(placed.fingerprint, (False, "no verdict was given"))
    return replace(placed, confirmed=holds, reason=reason)


def _read(text: str) -> tuple[bool, str]:
    holds, reason = json.loads(text)
    return bool(holds), str(reason)


def _many(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"
