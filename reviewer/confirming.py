"""The second look: asks the model to refute each finding that would block; what it cannot uphold never blocks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from reviewer.core.errors import ModelError
from reviewer.core.findings import parse_verdicts
from reviewer.core.gate import would_block
from reviewer.core.prompts import PromptFile, confirm_prompt, parse_prompt
from reviewer.core.types import Chunk, Placed, Severity, Usage
from reviewer.examine import Question
from reviewer.ports import Answers, Model

AT_ONCE = 10  # findings in one call: each wants its code beside it


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
    prompt: str,
    store: Answers,
) -> Confirmed:
    """The findings, those that would block with `confirmed` set.

    A verdict is kept, so the same finding on the same code has the same verdict on the next push. A finding about a
    file outside the diff has no code: it does not hold.
    """
    file, model = parse_prompt(prompt), question.model
    codes = _codes(chunks)
    asked = [p for p in findings if would_block(p, fail_on) and p.finding.source == "model" and p.finding.path in codes]
    keys = {p.fingerprint: _key(p, codes[p.finding.path], file, model) for p in asked}
    kept = await store.answers(question.installation, list(keys.values()))
    verdicts = {name: _read(kept[key]) for name, key in keys.items() if key in kept}
    usage, problems = Usage(), []
    missing = [p for p in asked if p.fingerprint not in verdicts]
    for start in range(0, len(missing), AT_ONCE):
        part = missing[start : start + AT_ONCE]
        code = "\n\n".join(dict.fromkeys(codes[p.finding.path] for p in part))
        pairs = [(p.fingerprint, p) for p in part]
        try:
            answer = await model.call(confirm_prompt(file, findings=pairs, code=code, cache_key=question.cache_key))
        except ModelError as error:
            problems.append(f"{len(part)} findings that would block could not be confirmed: {error}")
            continue
        usage += answer.usage
        told = parse_verdicts(answer.arguments)
        new = {p.fingerprint: told.get(p.fingerprint, (False, "")) for p in part}
        await store.keep_answers(
            question.installation, {keys[name]: json.dumps(verdict) for name, verdict in new.items()}
        )
        verdicts |= new
    return Confirmed(tuple(_with(p, verdicts, fail_on) for p in findings), usage, tuple(problems))


def _with(placed: Placed, verdicts: dict[str, tuple[bool, str]], fail_on: Severity | None) -> Placed:
    if not would_block(placed, fail_on):
        return placed
    if placed.finding.source != "model":  # a deterministic source needs no second look
        return replace(placed, confirmed=True)
    holds, reason = verdicts.get(placed.fingerprint, (False, ""))
    return replace(placed, confirmed=holds, reason=reason)


def _codes(chunks: Sequence[Chunk]) -> dict[str, str]:
    """What the model sees of each file."""
    codes: dict[str, list[str]] = {}
    for chunk in chunks:
        codes.setdefault(chunk.path, []).append(chunk.text)
    return {path: "\n".join(texts) for path, texts in codes.items()}


def _key(placed: Placed, code: str, file: PromptFile, model: Model) -> str:
    finding = placed.finding
    parts = [file.version, model.name, placed.fingerprint, finding.title, finding.body, finding.quote, code]
    return "confirm:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(text: str) -> tuple[bool, str]:
    holds, reason = json.loads(text)
    return bool(holds), str(reason)
