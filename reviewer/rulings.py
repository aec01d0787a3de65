"""What people rule on a pull request, overrides and pauses: kept for their commands, heeded by the main line."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from reviewer.core.errors import GitHubError, OutsideError
from reviewer.core.gate import Overrides
from reviewer.core.life import dismissed_by
from reviewer.core.render.rulings import (
    Seen,
    label,
    left_lines,
    left_title,
    override_lines,
    override_mark,
    override_title,
    paused_sentence,
    reason_id,
)
from reviewer.core.types import Override, Pause, PullRequest, Verdict
from reviewer.core.waiting import breaks, rests, still_blocking, unseen
from reviewer.looking import Sight
from reviewer.ports import RunRecord
from reviewer.remembering import recollect
from reviewer.run import Run, end
from reviewer.terms import on_error

RESUMED = "resumed"  # a step of the run: it ended a pause


async def overrides_of(this: Run, pull: PullRequest, sight: Sight) -> Overrides:
    """What was let pass on the pull request. The database knows; where it knows of no review, it may have been lost:
    then our answers on GitHub know too. Where nobody has said anything yet, that costs no request.
    """
    store, job = this.tools.store, this.job
    given = await store.overrides(job.installation, job.repository, job.number)
    if not await store.reviewed(job):
        found: tuple[Override, ...] = ()
        try:
            found = await this.github.overrides(job.number)
        except GitHubError as error:
            if error.retryable:
                raise
        known = {_told(each) for each in given}
        back = tuple(each for each in found if _told(each) not in known)
        for each in back:
            await store.keep_override(job.installation, job.repository, each)
        given = (*given, *back)
    return Overrides(given, this.head, pull.base_ref, sight.life.known)


def _told(override: Override) -> str:
    """What GitHub remembers of it."""
    return override_mark(override)


def blocking(verdict: Verdict, overrides: Overrides) -> dict[str, str]:
    return {overrides.name(placed): label(placed) for placed in verdict.blocking}


async def end_unreviewed(this: Run, title: str, sentence: str) -> RunRecord:
    """End the check of a head that was not reviewed: as the repository wants that, unless it is known to be blocked or
    was overridden.
    """
    job = this.job
    given: tuple[Override, ...] = ()
    left: dict[str, str] = {}
    with suppress(OutsideError):
        given = await this.tools.store.overrides(job.installation, job.repository, job.number)
        left = await _left(this, given, on=this.head)
    override = Overrides(given, this.head, this.base).of_head
    conclusion = unseen(left, override, "neutral" if left or override else await on_error(this))
    if left:
        return await end(this, conclusion, left_title(title, left), left_lines(sentence, left), blocking=left)
    if override:
        return await end(this, conclusion, override_title(override), f"{override_lines(override)}\n\n{sentence}")
    return await end(this, conclusion, title, sentence)


async def rest(this: Run, pull: PullRequest) -> RunRecord | None:
    """End the check of a head that was pushed during a pause; None where it is to be reviewed.

    What blocked before still does: a pause opens no gate. A lost database forgets pauses: then more is reviewed, not
    less.
    """
    store, job = this.tools.store, this.job
    pause = await store.pause(job.installation, job.repository, job.number)
    if pause and rests(job, pause, pull.head_sha):
        sentence = paused_sentence(pause)
        left = await _left(this, await store.overrides(job.installation, job.repository, job.number))
        if not left:
            return await end_unreviewed(this, "Paused", sentence)
        return await end(this, "failure", left_title("Paused", left), left_lines(sentence, left), blocking=left)
    if pause and breaks(job, pause, pull.head_sha):
        await store.keep_pause(job.installation, job.repository, replace(pause, head=pull.head_sha))
    return None


async def _left(this: Run, given: tuple[Override, ...], *, on: str = "") -> dict[str, str]:
    """What blocked at the last verdict and still counts, a label by name; with `on` only where that was on this head.

    People dismiss by buttons too, so GitHub is asked; where it does not say, what blocked counts.
    """
    job = this.job
    last = await this.tools.store.last_verdict(job, this.head)
    if last is None or (on and last.head != on):
        return {}
    left = still_blocking(last.blocking, given)
    if not left:
        return {}
    try:
        memory = await recollect(this, await this.github.remembered(job.number))
    except GitHubError:
        return left
    told = {each.name: dismissed_by(each, memory.trusted) for each in memory.told}
    kept = {each.name for each in memory.dismissals if each.number == job.number and each.name not in told}
    return still_blocking(left, given, {*kept, *(name for name, by in told.items() if by)})


# --- written down; done twice by one command, it stands once ----------------------------------------------------------


async def give_override(this: Run, pull: PullRequest, reason: str, written: float) -> tuple[Override, Seen]:
    """For the newest verdict that was there when the comment was `written` (seconds since the epoch, 0: now): what
    nobody could have seen yet, nobody can have meant. Where none was, for the head as it is.

    One comment may give several, each with its reason; whoever edits what stands around one does not give it again.
    """
    store, job = this.tools.store, this.job
    key = f"comment {job.comment} {reason_id(reason)}" if job.comment else f"{this.id} {reason_id(reason)}"
    given = await store.overrides(job.installation, job.repository, pull.number)
    last = await store.last_verdict(job, pull.head_sha, before=written or this.tools.now())
    seen: Seen = "nothing" if last is None else "clean" if last.passes else "blocked"
    known = next((each for each in given if each.run == key), None)
    if known:
        return known, seen
    override = Override(
        pull.number,
        last.head if last else pull.head_sha,
        job.author,
        reason=reason,
        at=this.tools.now(),
        base=pull.base_ref,
        findings=last.blocking if last else {},
        run=key,
    )
    await store.keep_override(job.installation, job.repository, override)
    return override, seen


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
