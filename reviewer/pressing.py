"""What the buttons of a check do: a dict of functions, and the line from the press to the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from reviewer.configured import read_configured, reader_of
from reviewer.core.config import settings_of
from reviewer.core.render.buttons import DISMISS_LOW, EXPLAIN, RERUN, dismissed_low, explained, may_not
from reviewer.core.render.talk import dismissed_mark, dismissed_text, refused
from reviewer.core.types import CheckAction, CheckRun, Job, PullRequest, Severity, Told
from reviewer.dismissing import dismiss
from reviewer.ports import Place, Role, Stood, Tools
from reviewer.run import Run, begin
from reviewer.speaking import ANSWER, APOLOGY, died, may, say, to_the_end

GONE = "GitHub does not have this check any more."
DISMISSED = "dismissed"  # a step of a run: how many, and in which threads it was said


@dataclass(frozen=True, slots=True)
class Button:
    """`do` gives what to say in the conversation, if anything, and whether a review is to follow, by `trigger`."""

    shown: CheckAction
    needs: Role
    do: Callable[[Run, PullRequest], Awaitable[tuple[str, bool]]]
    trigger: str = ""


async def press(job: Job, run: str, tools: Tools) -> Job | None:
    """Do what the button is for and say so in the conversation; returns the review that is to follow, if any.

    May be done again from its beginning after a crash: nothing is then posted twice. Raises what fails the job.
    """
    this = begin(job, run, tools)
    return await to_the_end(this, partial(_carry_out, this), partial(_apologise, this))


async def give_up(job: Job, run: str, tools: Tools) -> None:
    this = begin(job, run, tools)
    await died(this, partial(_apologise, this))


async def _carry_out(this: Run) -> Job | None:
    job = this.job
    button = next((each for each in BUTTONS if each.shown.identifier == job.commands), None)
    if button is None:
        return None  # of a check that another version of this program made
    role = await this.github.role(job.author)
    if not may(role, button.needs):
        await _say(this, ANSWER, may_not(button.shown, job.author, button.needs, role))
        return None
    pull = await this.github.pull(job.number)
    text, anew = await button.do(this, pull)
    if text:
        await _say(this, ANSWER, text)
    return job.review_of(pull.head_sha, trigger=button.trigger) if anew and pull.open else None


async def _rerun(_this: Run, pull: PullRequest) -> tuple[str, bool]:
    """As GitHub's own button does: what is covered is not asked again. The check itself shows that it runs."""
    return ("", True) if pull.open else ("The pull request is closed: nothing is reviewed.", False)


async def _dismiss_low(this: Run, pull: PullRequest) -> tuple[str, bool]:
    """Each low finding of the check that still stands: in its thread, where it has one, and for the repository.

    Nobody has seen in an older head's check what was found since. A second attempt finds those of the first one
    dismissed: how many there were is kept as a step.
    """
    store, job, check = this.tools.store, this.job, await _check(this)
    if check is None:
        return GONE, False
    told = (await this.github.remembered(pull.number)).told
    stood = await store.stood(job, check.run)
    steps = await store.steps(job, this.id)
    kept = {each.name for each in await store.dismissals(job.installation, job.repository) if each.number == job.number}
    mixed = {each.comment for each in told if each.severity is not Severity.LOW}  # its thread speaks of worse ones too
    meant = [each for each in _shown(check, pull, told, stood) if _stands(each)]
    low = [each for each in meant if each.comment and each.comment not in mixed]
    threadless = [*(each for each in meant if not each.comment), *_unsaid(stood, told)]
    low += [each for each in threadless if each.name not in kept]
    count = steps.get(DISMISSED) or len(low)
    if count:
        await store.keep_step(job, this.id, DISMISSED, count)
    await dismiss(this, low, "", head=pull.head_sha, how="button")
    for comment in dict.fromkeys(each.comment for each in low if each.comment):
        text = dismissed_text(job.author, "", sum(each.comment == comment for each in low))
        await _say(this, f"{DISMISSED} {comment}", text, thread=comment, marks=[dismissed_mark(job.author)])
    return dismissed_low(job.author, count), bool(count)


def _stands(told: Told) -> bool:
    return told.severity is Severity.LOW and told.thread.state == "open" and not told.thread.resolved


def _shown(check: CheckRun, pull: PullRequest, told: Sequence[Told], stood: Sequence[Stood]) -> Sequence[Told]:
    """What the check is about: of the newest head all, of an older one what stood there when it ended.

    That is told by name; where the name has changed with the lines, by how it reads, one for one. A new database knows
    only what GitHub tells to have been said on that head.
    """
    if check.head == pull.head_sha:
        return told
    if not stood:
        return [each for each in told if each.commit == check.head]
    here = {each.name for each in stood}
    named = {each.name for each in told if each.name in here}
    alike = Counter((each.path, each.category, each.title) for each in stood if each.name not in named)
    shown = []
    for each in told:
        reads = each.path, each.category, each.title
        if each.name in named:
            shown.append(each)
        elif alike[reads]:
            alike[reads] -= 1
            shown.append(each)
    return shown


def _unsaid(stood: Sequence[Stood], told: Sequence[Told]) -> list[Told]:
    """What stood when the check ended and was never said: it was below what the repository wants to hear of."""
    known = {each.name for each in told}
    low = [each for each in stood if each.severity == Severity.LOW.word and each.name not in known]
    return [
        Told(each.name, path=each.path, severity=Severity.LOW, category=each.category, title=each.title) for each in low
    ]


async def _explain(this: Run, pull: PullRequest) -> tuple[str, bool]:
    """From what the check says, and from the configuration as it is now: no model is asked."""
    check = await _check(this)
    if check is None:
        return GONE, False
    known = (await read_configured(reader_of(this), pull.base_ref)).known
    return explained(check, {each.key: (each.value, each.source) for each in settings_of(known)}), False


async def _check(this: Run) -> CheckRun | None:
    """The one whose button was pressed."""
    return next((each for each in await this.github.checks(this.job.head) if each.id == this.job.check), None)


BUTTONS = (
    Button(RERUN, "write", _rerun, "check_run.rerequested"),
    Button(DISMISS_LOW, "write", _dismiss_low, "command.dismiss"),
    Button(EXPLAIN, "triage", _explain),
)


# --- what is said ----------------------------------------------------------------------------------------------------


async def _say(this: Run, step: str, text: str, *, thread: int = 0, marks: Sequence[str] = ()) -> None:
    await say(this, step, Place(this.job.number, thread, bool(thread)), [text], marks)


async def _apologise(this: Run, sentence: str) -> None:
    await _say(this, APOLOGY, refused(sentence))
