"""What people rule on a pull request, overrides and pauses: kept for their commands, heeded by the main line."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from reviewer.core.errors import GitHubError, OutsideError
from reviewer.core.gate import Overrides
from reviewer.core.render.rulings import label, override_lines, override_title, paused_sentence
from reviewer.core.types import Override, Pause, PullRequest, Remembered, Verdict
from reviewer.core.waiting import breaks, rests
from reviewer.looking import Sight
from reviewer.ports import RunRecord
from reviewer.run import Run, end
from reviewer.terms import on_error

RESUMED = "resumed"  # a step of the run: it ended a pause


async def overrides_of(this: Run, pull: PullRequest, sight: Sight, remembered: Remembered) -> Overrides:
    """What was let pass on the pull request. The database knows; when it has lost the pull request, our answers do.

    It was lost where GitHub has reviews of ours and the database knows of none. Who may read it costs nothing else.
    """
    store, job = this.tools.store, this.job
    given = await store.overrides(job.installation, job.repository, job.number)
    if not given and remembered.runs and not await store.reviewed(job):
        try:
            given = await this.github.overrides(job.number)
        except GitHubError as error:
            if error.retryable:
                raise
        for each in given:
            await store.keep_override(job.installation, job.repository, each)
    return Overrides(given, this.head, pull.base_ref, sight.life.known)


async def keep_passed(this: Run, verdict: Verdict, overrides: Overrides) -> None:
    """What the override of this head lets pass is kept with it: on later heads it counts for that alone."""
    override = overrides.of_head
    new = {
        overrides.name(placed): label(placed)
        for placed in verdict.overridden
        if override and not override.findings.get(overrides.name(placed))
    }
    if override and new:
        kept = replace(override, findings={**override.findings, **new})
        await this.tools.store.keep_override(this.job.installation, this.job.repository, kept)


def blocking(verdict: Verdict, overrides: Overrides) -> dict[str, str]:
    return {overrides.name(placed): label(placed) for placed in verdict.blocking}


async def end_unreviewed(this: Run, title: str, sentence: str) -> RunRecord:
    """End the check of a head that was not reviewed: as the repository wants that, unless the head was overridden."""
    job = this.job
    given: tuple[Override, ...] = ()
    with suppress(OutsideError):
        given = await this.tools.store.overrides(job.installation, job.repository, job.number)
    override = Overrides(given, this.head, this.base).of_head
    if override:
        return await end(this, "success", override_title(override), f"{override_lines(override)}\n\n{sentence}")
    return await end(this, await on_error(this), title, sentence)


async def rest(this: Run, pull: PullRequest) -> RunRecord | None:
    """End the check of a head that was pushed during a pause; None where it is to be reviewed.

    A lost database forgets pauses: then more is reviewed, not less.
    """
    store, job = this.tools.store, this.job
    pause = await store.pause(job.installation, job.repository, job.number)
    if pause and rests(job, pause, pull.head_sha):
        return await end_unreviewed(this, "Paused", paused_sentence(pause))
    if pause and breaks(job, pause, pull.head_sha):
        await store.keep_pause(job.installation, job.repository, replace(pause, head=pull.head_sha))
    return None


# --- written down; done twice by one command, it stands once ----------------------------------------------------------


async def give_override(this: Run, pull: PullRequest, reason: str) -> Override:
    """For the newest head that has a verdict: what nobody has looked at yet, nobody can have meant.

    Where no verdict is known, the first one is waited for, or the database is new: then for the head as it is.
    """
    store, job = this.tools.store, this.job
    given = await store.overrides(job.installation, job.repository, pull.number)
    known = next((each for each in given if each.run == this.id), None)
    if known:
        return known
    last = await store.last_verdict(job, pull.head_sha)
    override = Override(
        pull.number,
        last.head if last else pull.head_sha,
        job.author,
        reason=reason,
        at=this.tools.now(),
        base=pull.base_ref,
        findings=last.blocking if last else {},
        run=this.id,
    )
    await store.keep_override(job.installation, job.repository, override)
    return override


async def begin_pause(this: Run, pull: PullRequest) -> tuple[Pause, bool]:
    """The pause, and whether somebody else's stands already. A draft that waits is no head that was reviewed."""
    store, job = this.tools.store, this.job
    standing = await store.pause(job.installation, job.repository, pull.number)
    if standing and not standing.ended:
        return standing, standing.run != this.id
    head = "" if pull.draft else pull.head_sha
    pause = Pause(pull.number, job.author, at=this.tools.now(), head=head, run=this.id)
    await store.keep_pause(job.installation, job.repository, pause)
    return pause, False


async def end_pause(this: Run) -> bool:
    """Whether there was one; a step is kept, so that a second attempt knows that the first one ended it."""
    store, job = this.tools.store, this.job
    standing = await store.pause(job.installation, job.repository, job.number)
    if standing is None or standing.ended:
        return RESUMED in await store.steps(job, this.id)
    await store.keep_step(job, this.id, RESUMED)
    ended = replace(standing, ended=this.tools.now(), ended_by=job.author)
    await store.keep_pause(job.installation, job.repository, ended)
    return True
