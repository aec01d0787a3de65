"""What is asked at the second look: claims with the code that they talk about, and the verdicts on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.asking import Reading
from reviewer.core.chunks import budget_for
from reviewer.core.findings import parse_verdicts, trimmed_verdicts, whole_verdicts
from reviewer.core.prompts import PromptFile, confirm_prompt
from reviewer.core.related import Related
from reviewer.core.types import Anchor, Answer, Chunk, Line, Placed, Prompt, Side
from reviewer.plan import Means
from reviewer.ports import Answers, Secrets
from reviewer.purse import weight
from reviewer.question import FAULTS, Question, fitted
from reviewer.redacting import clean

AT_ONCE = 10  # findings in one call: each wants its code beside it
CODE = 24_000  # tokens of code in one call, of a model with a large window
CLAIM = 150  # tokens that a claim's own words are taken for
CHUNKS_BESIDE = 3  # of a file, at most: a claim needs its surroundings, not the whole file

Verdicts = dict[str, tuple[bool, str]]  # claim -> whether it holds, and why


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding that would block or is in doubt, with the code that it talks about."""

    placed: Placed
    code: str = ""
    tokens: int = 0  # of the code
    keys: tuple[str, ...] = ()  # of the chunks that the code is of: they do not know line numbers

    @property
    def id(self) -> str:
        return self.placed.fingerprint


def room_for(question: Question, prompt: PromptFile, means: Means) -> int:
    """Tokens of code in one call."""
    made = fitted(prompt, question.window)
    fixed = weight(confirm_prompt(made, findings=[], code=""), means.tokens().count)
    return budget_for(question.window, fixed=fixed + CLAIM * AT_ONCE, reserve=made.max_output, most=CODE)


def parts_of(claims: Sequence[Claim], room: int) -> list[list[Claim]]:
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
        keys = {claim.id: self.key(claim, model) for claim in things}
        kept = await self.store.answers(self.question.installation, list(keys.values()))
        return [(claim, {claim.id: _read(kept[keys[claim.id]])}) for claim in things if keys[claim.id] in kept]

    async def keep(self, things: Sequence[Claim], said: Verdicts, model: str) -> Verdicts:
        salts = dict.fromkeys((self.question.salt, ""))  # a verdict past the cache takes the old one's place
        judged = [claim for claim in things if claim.id in said]
        given = {
            self._key(claim, model, salt): self.question.entry(json.dumps(said[claim.id]), "claim", model, self.file)
            for claim in judged
            for salt in salts
        }
        await self.store.keep_answers(self.question.installation, given)
        return said

    def key(self, thing: Claim, model: str) -> str:
        return self._key(thing, model, self.question.salt)

    def _key(self, claim: Claim, model: str, salt: str) -> str:
        finding, settings = claim.placed.finding, self.question.config.model
        asked = [self.file.label, model, settings.temperature, settings.effort, salt]
        said = [self.question.scope, claim.id, finding.title, finding.body, finding.quote, claim.keys]
        return "confirm:" + hashlib.sha256(json.dumps([asked, said]).encode()).hexdigest()


def claim_of(placed: Placed, chunks: Sequence[Chunk], index: Related, room: int) -> Claim:
    """With what the model saw of the place, or of the beginning of its file; then what is related to it in other files:
    as much of that as there is room for, and the first of it in any case.
    """
    same = [chunk for chunk in chunks if chunk.path == placed.finding.path]
    anchor = placed.anchor
    if anchor is not None:
        here = [chunk for chunk in same if any(_stands_on(anchor, line) for line in chunk.lines)]
        same = here or same
    if not same:
        return Claim(placed)
    first, *more = (*same[:CHUNKS_BESIDE], *index.to(placed))
    shown, tokens = [first], first.tokens
    for chunk in more:
        if tokens + chunk.tokens <= room:
            shown.append(chunk)
            tokens += chunk.tokens
    return Claim(placed, "".join(chunk.text for chunk in shown), tokens, tuple(chunk.key for chunk in shown))


def _stands_on(anchor: Anchor, line: Line) -> bool:
    return anchor.line == (line.old if anchor.side is Side.LEFT else line.new)


def _read(text: str) -> tuple[bool, str]:
    holds, reason = json.loads(text)
    return bool(holds), str(reason)
