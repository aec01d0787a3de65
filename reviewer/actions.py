"""What each command does: a dict of functions. Who may give it was asked before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from reviewer.configured import read_configured, reader_of
from reviewer.core.commands import USAGE
from reviewer.core.config import settings_of
from reviewer.core.guidelines import CONFIG_PATHS
from reviewer.core.render.rulings import override_answer, override_mark, pause_answer
from reviewer.core.render.talk import (
    Setting,
    config_text,
    forget_id,
    forgotten_text,
    help_text,
)
from reviewer.core.types import PullRequest
from reviewer.dismissing import MOST_REASON, dismiss, forgotten
from reviewer.ports import Spoken
from reviewer.recording import overridden, paused, resumed
from reviewer.redacting import clean
from reviewer.replying import answer_question
from reviewer.rulings import begin_pause, end_pause, give_override
from reviewer.run import Run

LONGEST_VALUE = 200  # characters of a setting that are shown
FORGET = "forget:"  # a step of the run: the dismissal that it forgot


@dataclass(frozen=True, slots=True)
class Talking:
    """A command in its comment: what stands there, on which pull request, and the words after the command."""

    run: Run
    said: Spoken
    pull: PullRequest
    argument: str
    bot: str  # what we are called


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: a text to be said ("" for none), and whether it did what was asked.

    `review` is the head that is to be reviewed after it, "" for none; `mark` goes into the answer, hidden.
    """

    text: str = ""
    done: bool = True
    review: str = ""
    full: bool = False
    mark: str = ""
    command: str = ""


Action = Callable[[Talking], Awaitable[Outcome]]


async def _help(talking: Talking) -> Outcome:
    rows = [(each.usage, each.does, each.needs) for each in USAGE.values()]
    return Outcome(help_text(rows, talking.bot))


async def _review(talking: Talking) -> Outcome:
    if not talking.pull.open:
        return Outcome("The pull request is closed: there is nothing to review.", done=False)
    if talking.argument and talking.argument.lower() != "full":
        return Outcome(_takes("review"), done=False)
    return Outcome(review=talking.pull.head_sha, full=bool(talking.argument), command="review")


async def _dismiss(talking: Talking) -> Outcome:
    """In the thread of a finding. The repository remembers it; the gate is told anew while anything is open."""
    run, said, pull = talking.run, talking.said, talking.pull
    remembered = await run.github.remembered(pull.number)
    root = said.root or said.at.comment
    meant = [told for told in remembered.told if told.comment == root] if said.at.inline else []
    if not meant:
        how = "`/dismiss` belongs into the thread of a finding: reply to my comment on its line."
        return Outcome(how, done=False)
    done = await dismiss(run, meant, talking.argument, head=pull.head_sha)
    review = pull.head_sha if pull.open else ""
    return Outcome(done.text, review=review, mark=done.mark, command="dismiss")


async def _ask(talking: Talking) -> Outcome:
    if not talking.argument:
        return Outcome(f"What is the question? `{USAGE['ask'].usage}`", done=False)
    text, done = await answer_question(talking.run, talking.pull, talking.said, talking.argument)
    return Outcome(text, done=done)


async def _config(talking: Talking) -> Outcome:
    words = talking.argument.split()
    if not words:
        return Outcome(await _shown_config(talking))
    if words[0].lower() != "forget" or len(words) != 2:
        where = f"Settings are made in `{CONFIG_PATHS[0]}` on the base branch."
        return Outcome(f"{_takes('config')} {where}", done=False)
    return await _forget(talking, words[1].strip("`").lower())


async def _shown_config(talking: Talking) -> str:
    """The organisation's file may be shown to more people than can read it, so no secret in it is."""
    run = talking.run
    known = (await read_configured(reader_of(run), talking.pull.base_ref)).known
    shown, wrong = [*settings_of(known)], [*map(str, known.problems)]
    said = await clean([*(each.value for each in shown), *wrong], run.tools.secrets)
    values = [value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…" for value in said[: len(shown)]]
    settings = [Setting(each.key, value, each.source) for each, value in zip(shown, values, strict=True)]
    kept = await run.tools.store.dismissals(run.job.installation, run.job.repository)
    return config_text(settings, said[len(shown) :], kept)


async def _forget(talking: Talking, name: str) -> Outcome:
    """A step is kept, so that a second attempt at this run knows that the first one did it."""
    run, job, step = talking.run, talking.run.job, f"{FORGET}{name}"[:60]
    store = run.tools.store
    kept = await store.dismissals(job.installation, job.repository)
    found = next((each for each in kept if forget_id(each) == name), None)
    if found is None and step not in await store.steps(job, run.id):
        return Outcome("There is no dismissal of this id; `/config` shows them.", done=False)
    if found is None:
        return Outcome("Forgotten. It may be said again.")
    await store.keep_step(job, run.id, step)
    await forgotten(run, found, head=talking.pull.head_sha)
    await store.forget_dismissal(job.installation, job.repository, found.number, found.name)
    return Outcome(forgotten_text(found))


async def _override(talking: Talking) -> Outcome:
    """The check itself is told by the review that follows."""
    run, pull = talking.run, talking.pull
    if not pull.open:
        return Outcome("The pull request is closed: there is nothing to override.", done=False)
    (reason,) = await clean([talking.argument], run.tools.secrets)
    if not reason.strip():
        how = "`/override` needs a reason, which is kept and shown in the check: `/override REASON`."
        return Outcome(how, done=False)
    said = talking.said
    written = said.edited if run.job.trigger.endswith(".edited") else said.written
    override, seen = await give_override(run, pull, reason[:MOST_REASON], written)
    await overridden(run, override)
    text = override_answer(override, moved=override.head != pull.head_sha, seen=seen)
    return Outcome(text, review=pull.head_sha, mark=override_mark(override), command="override")


async def _pause(talking: Talking) -> Outcome:
    if not talking.pull.open:
        return Outcome("The pull request is closed: there is nothing to pause.", done=False)
    pause, again = await begin_pause(talking.run, talking.pull)
    if not again:
        await paused(talking.run, pause, head=talking.pull.head_sha)
    return Outcome(pause_answer(pause, again=again))


async def _resume(talking: Talking) -> Outcome:
    """What was pushed meanwhile is reviewed at once."""
    if not await end_pause(talking.run):
        return Outcome("The reviews of this pull request are not paused.", done=False)
    await resumed(talking.run, head=talking.pull.head_sha)
    review = talking.pull.head_sha if talking.pull.open else ""
    return Outcome("Resumed: what was pushed meanwhile is reviewed now.", review=review, command="resume")


def _takes(command: str) -> str:
    return f"I read that as more than the command takes: `{USAGE[command].usage}`."


ACTIONS: dict[str, Action] = {
    "review": _review,
    "ask": _ask,
    "dismiss": _dismiss,
    "override": _override,
    "pause": _pause,
    "resume": _resume,
    "config": _config,
    "help": _help,
}
