"""Writes down who did what, when, about which findings and why: what `reviewer audit` shows, without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.types import Act, Override, Pause
from reviewer.redacting import clean
from reviewer.run import Run


async def record(this: Run, acts: Sequence[Act]) -> None:
    """Each once, however often it is done. Raises OutsideError where nobody could look for secrets."""
    texts = [text for act in acts for text in (act.reason, *act.findings.values())]
    cleaned = iter(await clean(texts, this.tools.secrets) if any(texts) else texts)
    for act in acts:
        kept = replace(act, reason=next(cleaned), findings={name: next(cleaned) for name in act.findings})
        await this.tools.store.keep_act(this.job.installation, this.job.repository, kept)


async def overridden(this: Run, given: Override) -> None:
    about = given.number, given.by, given.at, given.head, given.findings, given.reason
    await record(this, [Act("override", *about, how="command", run=given.run, step="override")])


async def paused(this: Run, pause: Pause, *, head: str) -> None:
    act = Act("pause", pause.number, pause.by, at=pause.at, head=head, how="command", run=pause.run, step="pause")
    await record(this, [act])


async def resumed(this: Run, *, head: str) -> None:
    """The pause that was ended just now, or by an earlier attempt: it ends once."""
    job = this.job
    pause = await this.tools.store.pause(job.installation, job.repository, job.number)
    if pause and pause.ended:
        by, at = pause.ended_by, pause.ended
        await record(
            this, [Act("resume", job.number, by, at=at, head=head, how="command", run=pause.run, step="resume")]
        )
