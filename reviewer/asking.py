"""Asks the model about one batch and makes the best of the answer: one more try, a split, and no good finding lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from reviewer.core.errors import ModelError
from reviewer.core.findings import parse_report
from reviewer.core.types import Answer, Batch, Finding, Prompt, Report, Usage
from reviewer.ports import Model

_AGAIN = (
    "\n\nYour last answer could not be used: {why}. Answer again, only by calling the function, "
    "with arguments that follow its schema."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a batch. `failed`: chunk key -> why it is not reviewed, in words for the coverage list."""

    findings: tuple[Finding, ...] = ()
    usage: Usage = field(default_factory=Usage)
    failed: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __add__(self, other: Asked) -> Asked:
        return Asked(
            self.findings + other.findings,
            self.usage + other.usage,
            self.failed | other.failed,
            self.notes + other.notes,
        )


async def ask(batch: Batch, prompt_of: Callable[[Batch], Prompt], model: Model, *, again: str = "") -> Asked:
    """Never raises ModelError: what could not be had is in `failed` and `notes`.

    A truncated answer splits the batch; one that is no function call, or not its JSON, is asked for once more.
    """
    prompt = prompt_of(batch)
    if again:
        prompt = replace(prompt, user=prompt.user + _AGAIN.format(why=again))
    try:
        answer = await model.call(prompt)
    except ModelError as error:
        return _failed(batch, str(error))
    report = parse_report(answer.arguments)
    why = _wrong(answer, report)
    if not why:
        return Asked(report.findings, answer.usage, notes=_rejected(report))
    spent = Asked(usage=answer.usage)
    if answer.fault == "truncated" and len(batch.chunks) > 1:
        half = len(batch.chunks) // 2
        parts = [Batch(batch.chunks[:half]), Batch(batch.chunks[half:])]
        return spent + await ask(parts[0], prompt_of, model) + await ask(parts[1], prompt_of, model)
    if not again and answer.fault not in {"truncated", "refused"}:
        second = await ask(batch, prompt_of, model, again=why)
        # What was good in a broken answer is kept when the second try brought nothing better.
        return spent + (replace(second, findings=report.findings) if second.failed and not second.findings else second)
    return spent + replace(_failed(batch, f"the model's answer {why}"), findings=report.findings)


def _wrong(answer: Answer, report: Report) -> str:
    if answer.fault:
        return {"text": "was text instead of a function call", "truncated": "was cut off", "refused": "was a refusal"}[
            answer.fault
        ]
    return "was not the JSON that was asked for" if report.malformed else ""


def _rejected(report: Report) -> tuple[str, ...]:
    if not report.rejects:
        return ()
    count = len(report.rejects)
    return (f"{count} of the model's findings could not be read and {'was' if count == 1 else 'were'} dropped.",)


def _failed(batch: Batch, why: str) -> Asked:
    return Asked(failed=dict.fromkeys((chunk.key for chunk in batch.chunks), why), notes=(f"Not reviewed: {why}",))
