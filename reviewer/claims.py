"""What is asked at the second look: claims with the code that they talk about, and the verdicts on them.

A verdict is kept by what a compiler would see of that code: formatting, comments and moved lines ask for no other one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from reviewer.asking import Reading
from reviewer.core.chunks import budget_for
from reviewer.core.findings import parse_verdicts, trimmed_verdicts, whole_verdicts
from reviewer.core.prompts import PromptFile, confirm_prompt
from reviewer.core.related import Related
from reviewer.core.risk import risks
from reviewer.core.types import Anchor, Answer, Chunk, Form, Line, Placed, Prompt, Severity, Side
from reviewer.plan import Means
from reviewer.ports import Answers, Secrets
from reviewer.purse import weight
from reviewer.question import FAULTS, Question, fitted
from reviewer.redacting import clean

AT_ONCE = 10  # findings in one call: each wants its code beside it
CODE = 24_000  # tokens of code in one call, of a model with a large window
CLAIM = 150  # tokens that a claim's own words are taken for
MOST_TOKENS = 64  # of a row, that a verdict is looked up by
CHUNKS_BESIDE = 3  # of a file, at most: a claim needs its surroundings, not the whole file

Verdicts = dict[str, tuple[bool, str]]  # claim -> whether it holds, and why


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding that would block or is in doubt, with the code that it talks about."""

    placed: Placed
    code: str = ""
    tokens: int = 0  # of the code
    chunks: tuple[Chunk, ...] = ()  # that the code is of; where the finding has a line, the first one shows it

    @property
    def id(self) -> str:
        return self.placed.fingerprint

    @property
    def severity(self) -> Severity:
        return self.placed.finding.severity


def room_for(question: Question, prompt: PromptFile, means: Means) -> int:
    """Tokens of code in one call."""
    made = fitted(prompt, question.window)
    fixed = weight(confirm_prompt(made, findings=[], code=""), means.tokens().count)
    return budget_for(question.window, fixed=fixed + CLAIM * AT_ONCE, reserve=made.max_output, most=CODE)


def gravest_first(claims: Sequence[Claim]) -> list[Claim]:
    """By severity, then by what a defect in that code would cost, then by place, in whatever order they were found."""
    cost = risks([claim.chunks[0] for claim in claims])
    order = {id(claim): (-claim.severity, -its, *_place(claim)) for claim, its in zip(claims, cost, strict=True)}
    return sorted(claims, key=lambda claim: order[id(claim)])


def tiers_of(claims: Sequence[Claim], room: int) -> list[list[Claim]]:
    """The same as `parts_of`, of one severity each: what is less grave takes nothing from what is graver."""
    tiers = groupby(claims, key=lambda claim: claim.severity)
    return [part for _, tier in tiers for part in parts_of(list(tier), room)]


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
    """Satisfies `asking.Inquiry`: do these claims hold? A verdict is good for the same claim on the same code.

    `forms` are those of the claims' chunks, by key. What has none is the same only where it reads the same.
    """

    question: Question
    file: PromptFile
    store: Answers
    secrets: Secrets
    forms: Mapping[str, Form] = field(default_factory=dict)

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
        """Where lines were joined, one may now hold two claims in the same words: two verdicts on one are none."""
        keys = {claim.id: self._keys(claim, model, self.question.salt) for claim in things}
        every = dict.fromkeys(key for some in keys.values() for key in some)
        kept = await self.store.answers(self.question.installation, list(every))
        said = {claim.id: [_read(kept[key]) for key in keys[claim.id] if key in kept] for claim in things}
        alike = {name for name, some in said.items() if len({holds for holds, _ in some}) == 1}
        return [(claim, {claim.id: said[claim.id][0]}) for claim in things if claim.id in alike]

    async def keep(self, things: Sequence[Claim], said: Verdicts, model: str) -> Verdicts:
        salts = dict.fromkeys((self.question.salt, ""))  # a verdict past the cache takes the old one's place
        judged = [claim for claim in things if claim.id in said]
        given = {
            self._keys(claim, model, salt)[0]: self.question.entry(
                json.dumps(said[claim.id]), "claim", model, self.file
            )
            for claim in judged
            for salt in salts
        }
        await self.store.keep_answers(self.question.installation, given)
        return said

    def key(self, thing: Claim, model: str) -> str:
        return self._keys(thing, model, self.question.salt)[0]

    def _keys(self, claim: Claim, model: str, salt: str) -> list[str]:
        """Under the first one a verdict is kept. The others are where it is if its line was joined to one above."""
        finding, settings = claim.placed.finding, self.question.config.model
        asked = [self.file.label, model, settings.temperature, settings.effort, salt]
        said = [self.question.scope, finding.path, finding.category, finding.title, finding.body]
        code = [(chunk.path, self._seen(chunk), chunk.contracts) for chunk in claim.chunks]
        places: Iterable[object] = self._tokens(claim) or [(claim.id, finding.quote)]
        return [_digest([asked, said, code, place]) for place in places]

    def _seen(self, chunk: Chunk) -> str:
        form = self.forms.get(chunk.key)
        return f"form {form.digest}" if form else chunk.key

    def _tokens(self, claim: Claim) -> list[int]:
        """Those on the finding's row, which name its place in any layout; none where it stands on no code."""
        anchor = claim.placed.anchor
        if anchor is None or not claim.chunks or claim.chunks[0].key not in self.forms:
            return []
        row = next((at for at, line in enumerate(claim.chunks[0].lines) if _stands_on(anchor, line)), -1)
        rows = self.forms[claim.chunks[0].key].rows
        return [token for token, its in enumerate(rows) if its == row][:MOST_TOKENS]


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
    return Claim(placed, "".join(chunk.text for chunk in shown), tokens, tuple(shown))


def _stands_on(anchor: Anchor, line: Line) -> bool:
    return anchor.line == (line.old if anchor.side is Side.LEFT else line.new)


def _place(claim: Claim) -> tuple[str, int, str]:
    placed = claim.placed
    return placed.finding.path, placed.anchor.line if placed.anchor else placed.finding.line, claim.id


def _read(text: str) -> tuple[bool, str]:
    holds, reason = json.loads(text)
    return bool(holds), str(reason)


def _digest(parts: Sequence[object]) -> str:
    return "confirm:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()
