"""THE SECOND LINE: one comment with commands, or a reply to a finding, from webhook to answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import replace
from functools import partial

from reviewer.actions import ACTIONS, Outcome, Talking
from reviewer.admitting import Admitted, admit
from reviewer.core.commands import Command, keys, parse, problem
from reviewer.core.errors import GitHubError
from reviewer.core.render.talk import refused
from reviewer.core.render.words import were
from reviewer.core.types import Job
from reviewer.ports import Place, Reaction, Spoken, Tools
from reviewer.replying import reply
from reviewer.run import Run, begin
from reviewer.speaking import ANSWER, APOLOGY, died, say, to_the_end

MOST_SIGNS = 10  # of refusals on a pull request to one person in an hour
EDITED = ".edited"  # ends the trigger of a job that an edit brought
Names = Callable[[], Awaitable[Collection[str]]]  # what people call us


async def answer(job: Job, run: str, tools: Tools, names: Names) -> Job | None:
    """Do what a comment asks for and say so; returns the review that is to follow, if any.

    May be done again from its beginning after a crash: nothing is then posted or recorded twice. Raises what fails
    the job; GitHub's being away puts it off.
    """
    this = begin(job, run, tools)

    async def work() -> Job | None:
        return await _carry_out(this, await names())

    return await to_the_end(this, work, partial(_apologise, this))


async def give_up(job: Job, run: str, tools: Tools) -> None:
    this = begin(job, run, tools)
    await died(this, partial(_apologise, this))


async def _carry_out(this: Run, names: Collection[str]) -> Job | None:
    """What stands there now counts, as far as this job is about it: what was written since has a job of its own."""
    said = await this.github.spoken(_place(this.job))
    if said is None or said.bot:
        return None
    asked = parse(said.body, names)
    if not this.job.commands:
        return None if asked.commands else await _talk(this, said)
    meant = set(this.job.commands.split())
    commands = [command for command in asked.commands if command.key in meant]
    if not commands and not meant.intersection(keys(said.body, names)):
        return None
    # An edit may have brought nothing but what is beyond the first commands: to be told so is a command, too.
    admitted = await admit(this, commands or [Command("")])
    if admitted.refused:
        await _refuse(this, said, admitted)
        return None
    await _react(this, "eyes")
    outcomes = await _outcomes(this, said, admitted, names) if commands else []
    if asked.left:
        left = f"{asked.left:,} more {were(asked.left)} left out."
        outcomes.append(Outcome(f"I take the first {len(asked.commands)} commands of a comment; {left}", done=False))
    await _post(this, ANSWER, [each.text for each in outcomes if each.text], said.root, _marks(outcomes))
    await _conclude(this, done=all(each.done for each in outcomes))
    return _follow(this.job, outcomes)


async def _refuse(this: Run, said: Spoken, admitted: Admitted) -> None:
    """Nothing of it is done. Told to a person once in an hour on a pull request, and after some more signs not even
    shown: what they cannot have shall not use up what GitHub lets us write there.
    """
    before = await this.tools.store.refused(this.job, this.id, admitted.why)
    if not before:
        await _post(this, ANSWER, admitted.refusals[:1], said.root)
    if before < MOST_SIGNS:
        await _conclude(this, done=False)


async def _talk(this: Run, said: Spoken) -> Job | None:
    """Words in a thread that call for nothing: no reaction says that we have read them."""
    replied = await reply(this, said)
    if replied is None:
        return None
    await _post(this, ANSWER, [replied.text], said.root, [replied.mark] if replied.mark else [])
    return _follow(this.job, [Outcome(review=replied.review, command="reply")])


async def _outcomes(this: Run, said: Spoken, admitted: Admitted, names: Collection[str]) -> list[Outcome]:
    pull = None
    outcomes: list[Outcome] = []
    for command, refusal in admitted.commands:
        if refusal:
            outcomes.append(Outcome("" if any(each.text == refusal for each in outcomes) else refusal, done=False))
            continue
        if not command.name:
            outcomes.append(Outcome(problem(command.word), done=False))
            continue
        pull = pull or await this.github.pull(this.job.number)
        talking = Talking(this, said, pull, command.argument, next(iter(names), ""))
        outcomes.append(await ACTIONS[command.name](talking))
    return outcomes


def _follow(job: Job, outcomes: Collection[Outcome]) -> Job | None:
    """At most one review for all commands of a comment, under an id made from theirs."""
    asked = [each for each in outcomes if each.review]
    if not asked:
        return None
    command = "review" if any(each.command == "review" for each in asked) else asked[0].command
    return job.review_of(asked[0].review, trigger=f"command.{command}", full=any(each.full for each in asked))


# --- what is said ----------------------------------------------------------------------------------------------------


def _place(job: Job) -> Place:
    return Place(job.number, job.comment, job.inline)


def _marks(outcomes: Collection[Outcome]) -> list[str]:
    return list(dict.fromkeys(each.mark for each in outcomes if each.mark))


async def _react(this: Run, reaction: Reaction) -> None:
    """GitHub takes a second one of a kind for the first. A sign holds up no command: where it cannot be given, as in a
    locked conversation, so be it.
    """
    await this.tools.store.still_ours(this.job)
    with suppress(GitHubError):
        await this.github.react(_place(this.job), reaction)


async def _conclude(this: Run, *, done: bool) -> None:
    """🎉 or 😕, and after an edit no more what was said to the comment as it was."""
    if this.job.trigger.endswith(EDITED):
        await this.tools.store.still_ours(this.job)
        with suppress(GitHubError):
            await this.github.unreact(_place(this.job), "confused" if done else "hooray")
    await _react(this, "hooray" if done else "confused")


async def _post(this: Run, step: str, parts: Collection[str], root: int, marks: Collection[str] = ()) -> None:
    """Where the comment is: a thread is answered at the comment that it begins with."""
    at = _place(this.job)
    await say(this, step, replace(at, comment=root or at.comment), parts, marks)


async def _apologise(this: Run, sentence: str) -> None:
    """Unless nobody asked for anything."""
    if not this.job.commands:
        return
    said = await this.github.spoken(_place(this.job))
    if said:
        await _conclude(this, done=False)
        await _post(this, APOLOGY, [refused(sentence)], said.root)
