"""The local tool's line: a diff on this machine, the same chunks, prompts, anchors and gate, and a result to print."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from decimal import Decimal

from reviewer.confirming import Confirmed, confirm
from reviewer.core.budget import bill
from reviewer.core.config import Config
from reviewer.core.errors import OutsideError
from reviewer.core.gate import decide
from reviewer.core.life import Life
from reviewer.core.noise import standing_of
from reviewer.core.render.check import verdict_title
from reviewer.core.types import Placed, Severity
from reviewer.examine import examine
from reviewer.formats import LocalResult
from reviewer.local.kit import HERE, Kit, question_of
from reviewer.local.paying import metered, till_for
from reviewer.local.subject import Subject
from reviewer.looking import hits
from reviewer.ports import Model
from reviewer.progress import Examined
from reviewer.question import Question, fallback_note

Wanted = Callable[[], Awaitable[None]]


async def review_locally(
    subject: Subject,
    *,
    model: Model,
    fallback: Model | None = None,
    kit: Kit,
    fail_on: Severity | None,
    tick: Callable[[int, int], Awaitable[None]],
    wanted: Wanted | None = None,
) -> LocalResult:
    """Review the subject. Nothing is posted; a model that fails is in the result's coverage.

    Raises Superseded where `wanted` does; what was answered until then is kept.
    """
    till = till_for(subject, kit)
    asked, spare = metered(model, fallback, till)
    question, means = question_of(subject, asked, kit, spare), kit.means(subject)
    wanted = wanted or _always
    try:
        examined = await examine(subject.diff, question, means, tick=tick, wanted=wanted)
        checked = await confirm(
            examined.findings,
            examined.chunks,
            question,
            means,
            fail_on=fail_on,
            prompt=kit.prompts["confirm"],
            wanted=wanted,
        )
        await wanted()  # what could not be asked for that reason is no result
    finally:
        with suppress(OutsideError):  # nobody waits for longer than a few minutes
            await kit.store.release_all(HERE, kit.holder)
    found = hits(examined.coverage, Life(standing=(), known={}))
    await till.cached(found, model=question.model.name, prompt=question.prompt.label)
    return _result(subject, question, examined, checked, kit=kit, fail_on=fail_on)


def _result(
    subject: Subject, question: Question, examined: Examined, checked: Confirmed, *, kit: Kit, fail_on: Severity | None
) -> LocalResult:
    problems = (*examined.problems, *checked.problems)
    on_error = subject.config.gate.on_error
    verdict = decide(checked.findings, examined.coverage, fail_on=fail_on, on_error=on_error, problems=problems)
    blocking = frozenset(placed.fingerprint for placed in verdict.blocking)
    spent = examined.spent + checked.spent
    switched = fallback_note(question, spent, (*examined.turned, *checked.turned))
    paid = bill(spent, prices=kit.prices) if spent.by_model else None
    return LocalResult(
        placed=_said(checked.findings, subject.config, blocking),
        coverage=examined.coverage,
        conclusion=verdict.conclusion,
        title=verdict_title(verdict) if subject.reviewable else "Nothing to review",
        blocking=blocking,
        usage=spent.total,
        model=" + ".join(spent.by_model),
        prompt_version=question.prompt.label,
        cost=paid if spent.by_model or not subject.reviewable else Decimal(0),
        problems=(*subject.problems, *examined.remarks, *switched, *problems),
    )


def _said(findings: Sequence[Placed], config: Config, blocking: frozenset[str]) -> tuple[Placed, ...]:
    """All that is grave and sure enough to be told; here everything has room."""
    least, bar = config.review.min_severity, config.review.min_confidence
    return tuple(
        p
        for p in findings
        if p.fingerprint in blocking or (p.finding.severity >= least and standing_of(p, bar) != "nothing")
    )


async def _always() -> None:
    """A person waits for a local review until it ends or is interrupted."""
