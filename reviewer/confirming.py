"""The second look: asks the model to refute each finding that would block; what it cannot uphold never blocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from reviewer.core.errors import ModelError
from reviewer.core.findings import parse_verdicts
from reviewer.core.gate import would_block
from reviewer.core.prompts import PromptFile, confirm_prompt
from reviewer.core.types import Anchor, Chunk, Line, Placed, Prompt, Severity, Side, Usage
from reviewer.examine import Question
from reviewer.ports import Answers

AT_ONCE = 10  # findings in one call: each wants its code beside it
CHUNKS_BESIDE = 3  # of a file, at most: a claim needs its surroundings, not the whole file


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding that would block, with the code that it talks about."""

    placed: Placed
    code: str

    @property
    def id(self) -> str:
        return self.placed.fingerprint


@dataclass(frozen=True, slots=True)
class Confirmed:
    findings: tuple[Placed, ...]
    usage: Usage = field(default_factory=Usage)
    problems: tuple[str, ...] = ()  # sentences: the gate could not be told the truth about these


async def confirm(
    findings: Sequence[Placed],
    chunks: Sequence[Chunk],
    question: Question,
    *,
    fail_on: Severity | None,
    prompt: PromptFile,
    store: Answers,
) -> Confirmed:
    """The findings, those that would block with `confirmed` set.

    A verdict is kept, so the same finding on the same code has the same verdict on the next push. A finding about a
    file outside the diff has no code: it does not hold.
    """
    claims = [Claim(p, _code(p, chunks)) for p in findings if would_block(p, fail_on) and p.finding.source == "model"]
    claims = [claim for claim in claims if claim.code]
    keys = {claim.id: _key(claim, prompt, question) for claim in claims}
    kept = await store.answers(question.installation, list(keys.values()))
    verdicts = {name: _read(kept[key]) for name, key in keys.items() if key in kept}
    usage, problems = Usage(), []
    missing = [claim for claim in claims if claim.id not in verdicts]
    for start in range(0, len(missing), AT_ONCE):
        part = missing[start : start + AT_ONCE]
        told, spent, problem = await _judge(part, prompt, question)
        usage += spent
        if problem:
            problems.append(f"{_many(len(part))} that would block could not be confirmed: {problem}")
        given = {claim.id: told[claim.id] for claim in part if claim.id in told}
        await store.keep_answers(question.installation, {keys[name]: json.dumps(given[name]) for name in given})
        verdicts |= given
    return Confirmed(tuple(_with(p, verdicts, fail_on) for p in findings), usage, tuple(problems))


async def _judge(
    claims: Sequence[Claim], prompt: PromptFile, question: Question
) -> tuple[dict[str, tuple[bool, str]], Usage, str]:
    """(verdicts by claim, tokens spent, why there are none). An answer without any is asked for once more."""
    usage = Usage()
    for _ in range(2):
        try:
            answer = await question.model.call(_prompt(claims, prompt, question))
        except ModelError as error:
            return {}, usage, str(error)
        usage += answer.usage
        if not answer.fault and '"verdicts"' in answer.arguments:
            return parse_verdicts(answer.arguments), usage, ""
    return {}, usage, "the model gave no verdicts."


def _prompt(claims: Sequence[Claim], file: PromptFile, question: Question) -> Prompt:
    config = question.config
    return confirm_prompt(
        file,
        findings=[(claim.id, claim.placed) for claim in claims],
        code="".join(dict.fromkeys(claim.code for claim in claims)),
        language=config.review.language,
        temperature=config.model.temperature,
        effort=config.model.effort,
        cache_key=question.cache_key,
    )


def _code(placed: Placed, chunks: Sequence[Chunk]) -> str:
    """What the model saw of the place; for a finding without one, the beginning of its file's diff."""
    same = [chunk for chunk in chunks if chunk.path == placed.finding.path]
    anchor = placed.anchor
    if anchor is not None:
        here = [chunk for chunk in same if any(_stands_on(anchor, line) for line in chunk.lines)]
        same = here or same
    return "".join(chunk.text for chunk in same[:CHUNKS_BESIDE])


def _stands_on(anchor: Anchor, line: Line) -> bool:
    return anchor.line == (line.old if anchor.side is Side.LEFT else line.new)


def _with(placed: Placed, verdicts: dict[str, tuple[bool, str]], fail_on: Severity | None) -> Placed:
    if not would_block(placed, fail_on):
        return placed
    if placed.finding.source != "model":  # a deterministic source needs no second look
        return replace(placed, confirmed=True)
    holds, reason = verdicts.get(placed.fingerprint, (False, "no verdict was given"))
    return replace(placed, confirmed=holds, reason=reason)


def _key(claim: Claim, file: PromptFile, question: Question) -> str:
    """A verdict is good for the same claim on the same code, asked in the same way."""
    finding, model = claim.placed.finding, question.config.model
    asked = [file.label, question.model.name, model.temperature, model.effort, question.salt]
    said = [claim.id, finding.title, finding.body, finding.quote, claim.code]
    return "confirm:" + hashlib.sha256(json.dumps([asked, said]).encode()).hexdigest()


def _read(text: str) -> tuple[bool, str]:
    holds, reason = json.loads(text)
    return bool(holds), str(reason)


def _many(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"
