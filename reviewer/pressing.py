"""What the buttons of a check do: a dict of functions, and the line from the press to the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from reviewer.configured import read_configured, reader_of
from reviewer.core.config import settings_of
from reviewer.core.errors import GitHubError, Gone, OutsideError
from reviewer.core.render.buttons import DISMISS_LOW, EXPLAIN, dismissed_low, explained, may_not
from reviewer.core.render.talk import answer_body, answer_mark, dismissed_mark, dismissed_text, refused
from reviewer.core.types import CheckAction, CheckRun, Job, PullRequest, Severity, Told
from reviewer.dismissing import dismiss
from reviewer.landing import long_wait, once
from reviewer.ports import Place, Role, Tools
from reviewer.run import Run, begin, try_again

RANKS: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")
ANSWER, APOLOGY, DISMISSED = "answer", "apology", "dismissed"  # steps of a run: what was posted


@dataclass(frozen=True, slots=True)
class Button:
    """`do` gives what to say in the conversation, and whether the gate is to be told anew."""

    shown: CheckAction
    needs: Role
    do: Callable[[Run, PullRequest], Awaitable[tuple[str, bool]]]


async def press(job: Job, run: str, tools: Tools) -> Job | None:
    """Do what the button is for and say so in the conversation; returns the review that is to follow, if any.

    May be done again from its beginning after a crash: nothing is then posted twice. Raises what fails the job.
    """
    this = begin(job, run, tools)
    try:
        return await _carry_out(this)
    except Gone:
        return None  # the pull request or all around it: there is nobody to tell
    except OutsideError as error:
        if not long_wait(error) and not await try_again(this, error):
            await _apologise(this, str(error))
        raise
    except Exception:
        await _apologise(this, f"An error of the reviewer itself. Its log has it under the run {run}.")
        raise


async def give_up(job: Job, run: str, tools: Tools) -> None:
    """Say that the button took the process down with it each time."""
    await _apologise(begin(job, run, tools), f"The reviewer died in each attempt at this ({run}).")


async def _carry_out(this: Run) -> Job | None:
    job = this.job
    button = next((each for each in BUTTONS if each.shown.identifier == job.commands), None)
    if button is None:
        return None  # of a check that another version of this program made
    role = await this.github.role(job.author)
    if RANKS.index(role) < RANKS.index(button.needs):
        await _say(this, ANSWER, may_not(button.shown, job.author, button.needs, role))
        return None
    pull = await this.github.pull(job.number)
    text, anew = await button.do(this, pull)
    await _say(this, ANSWER, text)
    if not anew or not pull.open:
        return None
    return Job(
        kind="review",
        installation=job.installation,
        repository=job.repository,
        number=job.number,
        head=pull.head_sha,
        trigger="command.dismiss",
        delivery=f"{job.delivery}-review",
    )


async def _dismiss_low(this: Run, pull: PullRequest) -> tuple[str, bool]:
    """Each low finding that stands: in its thread, where it has one, and for the repository.

    A second attempt finds those of the first one dismissed: how many there were is kept as a step.
    """
    told = (await this.github.remembered(pull.number)).told
    store, job = this.tools.store, this.job
    steps = await store.steps(job, this.id)
    kept = {each.name for each in await store.dismissals(job.installation, job.repository) if each.number == job.number}
    mixed = {each.comment for each in told if each.severity is not Severity.LOW}  # its thread speaks of worse ones too
    low = [each for each in told if _stands(each) and each.comment and each.comment not in mixed]
    threadless = [*(each for each in told if _stands(each) and not each.comment), *await _unsaid(this, told)]
    low += [each for each in threadless if each.name not in kept]
    count = steps.get(DISMISSED) or len(low)
    if count:
        await store.keep_step(job, this.id, DISMISSED, count)
    await dismiss(this, low, "")
    for comment in dict.fromkeys(each.comment for each in low if each.comment):
        text = dismissed_text(job.author, "", sum(each.comment == comment for each in low))
        await _say(this, f"{DISMISSED} {comment}", text, thread=comment, marks=[dismissed_mark(job.author)])
    return dismissed_low(job.author, count), bool(count)


def _stands(told: Told) -> bool:
    return told.severity is Severity.LOW and told.thread.state == "open" and not told.thread.resolved


async def _unsaid(this: Run, told: Sequence[Told]) -> list[Told]:
    """What stood when the check ended and was never said: it was below what the repository wants to hear of."""
    check = await _check(this)
    known = {each.name for each in told}
    stood = await this.tools.store.stood(this.job, check.run) if check else ()
    low = [each for each in stood if each.severity == Severity.LOW.word and each.name not in known]
    return [
        Told(each.name, path=each.path, severity=Severity.LOW, category=each.category, title=each.title) for each in low
    ]


async def _explain(this: Run, pull: PullRequest) -> tuple[str, bool]:
    """From what the check says, and from the configuration as it is now: no model is asked."""
    check = await _check(this)
    if check is None:
        return "GitHub does not have this check any more.", False
    known = (await read_configured(reader_of(this), pull.base_ref)).known
    return explained(check, {each.key: (each.value, each.source) for each in settings_of(known)}), False


async def _check(this: Run) -> CheckRun | None:
    """The one whose button was pressed."""
    return next((each for each in await this.github.checks(this.job.head) if each.id == this.job.check), None)


BUTTONS = (Button(DISMISS_LOW, "write", _dismiss_low), Button(EXPLAIN, "triage", _explain))


# --- what is said ----------------------------------------------------------------------------------------------------


async def _say(this: Run, step: str, text: str, *, thread: int = 0, marks: Sequence[str] = ()) -> None:
    """Once, in the conversation or in a thread, through crashes and lost answers: it is looked for by its mark."""
    store, number, key = this.tools.store, this.job.number, f"{this.id}-{step.replace(' ', '-')}"
    steps = await store.steps(this.job, this.id)
    if steps.get(step):
        return
    body = answer_body([text], key=key, marks=list(marks))
    await store.keep_step(this.job, this.id, step)

    async def do() -> bool:
        await store.still_ours(this.job)
        await (this.github.reply(number, thread, body) if thread else this.github.say(number, body))
        return True

    async def landed() -> bool | None:
        return await this.github.answered(Place(number, thread, bool(thread)), answer_mark(key)) or None

    try:
        await once(do, landed, sleep=this.tools.sleep, again=step in steps)
    except GitHubError as error:
        if error.retryable:
            raise
        return  # it will not take it: the conversation is locked, or the thread is gone
    await store.keep_step(this.job, this.id, step, 1)


async def _apologise(this: Run, sentence: str) -> None:
    """One sentence about what failed, unless GitHub does not even let us say that."""
    with suppress(OutsideError):
        await _say(this, APOLOGY, refused(sentence))
