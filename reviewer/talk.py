"""THE SECOND LINE: one comment with commands, or a reply to a finding, from webhook to answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from reviewer.actions import ACTIONS, Outcome, Talking
from reviewer.core.commands import USAGE, Command, parse, problem
from reviewer.core.errors import GitHubError, Gone, OutsideError
from reviewer.core.render.talk import answer_body, answer_mark, refused
from reviewer.core.types import Job
from reviewer.landing import long_wait, once
from reviewer.ports import Place, Reaction, Role, Spoken, Tools
from reviewer.replying import reply
from reviewer.run import Run, begin, try_again

Names = Callable[[], Awaitable[Collection[str]]]  # what people call us
RANKS: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")
ANSWER, APOLOGY = "answer", "apology"  # steps of a run: what was posted


async def answer(job: Job, run: str, tools: Tools, names: Names) -> Job | None:
    """Do what a comment asks for and say so; returns the review that is to follow, if any.

    May be done again from its beginning after a crash: nothing is then posted or recorded twice. Raises what fails
    the job; GitHub's being away puts it off.
    """
    this = begin(job, run, tools)
    try:
        return await _carry_out(this, await names())
    except Gone:
        return None  # the comment or all around it: there is nobody to tell
    except OutsideError as error:
        if not long_wait(error) and not await try_again(this, error):
            await _apologise(this, str(error))
        raise
    except Exception:
        await _apologise(this, f"An error of the reviewer itself. Its log has it under the run {run}.")
        raise


async def give_up(job: Job, run: str, tools: Tools) -> None:
    """Say that the commands took the process down with them each time."""
    await _apologise(begin(job, run, tools), f"The reviewer died in each attempt at this ({run}).")


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
    if not commands:
        return None
    await _react(this, "eyes")
    outcomes = await _outcomes(this, said, commands, names)
    if asked.left:
        many = f"I take the first {len(asked.commands)} commands of a comment; {asked.left:,} more were left out."
        outcomes.append(Outcome(many, done=False))
    await _post(this, ANSWER, [each.text for each in outcomes if each.text], said.root, _marks(outcomes))
    await _react(this, "hooray" if all(each.done for each in outcomes) else "confused")
    return _follow(this.job, outcomes)


async def _talk(this: Run, said: Spoken) -> Job | None:
    """Words in a thread that call for nothing: no reaction says that we have read them."""
    replied = await reply(this, said)
    if replied is None:
        return None
    await _post(this, ANSWER, [replied.text], said.root, [replied.mark] if replied.mark else [])
    return _follow(this.job, [Outcome(review=replied.review, command="reply")])


async def _outcomes(this: Run, said: Spoken, commands: Collection[Command], names: Collection[str]) -> list[Outcome]:
    """Who gives the commands is who sent the event; the role is asked of GitHub, once for all of them."""
    role = await this.github.role(this.job.author)
    pull = None
    outcomes = []
    for command in commands:
        if not _may(role, command):
            outcomes.append(Outcome(_refusal(role, command), done=False))
            continue
        if not command.name:
            outcomes.append(Outcome(problem(command.word), done=False))
            continue
        pull = pull or await this.github.pull(this.job.number)
        talking = Talking(this, said, pull, command.argument, next(iter(names), ""))
        outcomes.append(await ACTIONS[command.name](talking))
    return outcomes


def _may(role: Role, command: Command) -> bool:
    needs = USAGE[command.name].needs if command.name else "triage"
    return RANKS.index(role) >= RANKS.index(needs)


def _refusal(role: Role, command: Command) -> str:
    name = f"`/{command.name}` needs {USAGE[command.name].needs}" if command.name else "Commands need triage"
    return f"{name} permission on this repository, and GitHub says that yours is {role}."


def _follow(job: Job, outcomes: Collection[Outcome]) -> Job | None:
    """At most one review for all commands of a comment, under an id made from theirs."""
    asked = [each for each in outcomes if each.review]
    if not asked:
        return None
    return Job(
        kind="review",
        installation=job.installation,
        repository=job.repository,
        number=job.number,
        head=asked[0].review,
        trigger=f"command.{'review' if any(each.command == 'review' for each in asked) else asked[0].command}",
        delivery=f"{job.delivery}-review",
        full=any(each.full for each in asked),
    )


# --- what is said ----------------------------------------------------------------------------------------------------


def _place(job: Job) -> Place:
    return Place(job.number, job.comment, job.inline)


def _marks(outcomes: Collection[Outcome]) -> list[str]:
    return list(dict.fromkeys(each.mark for each in outcomes if each.mark))


async def _react(this: Run, reaction: Reaction) -> None:
    """GitHub takes a second one of a kind for the first. Where it takes none, as in a locked conversation, so be it."""
    await this.tools.store.still_ours(this.job)
    try:
        await this.github.react(_place(this.job), reaction)
    except GitHubError as error:
        if error.retryable:
            raise


async def _post(this: Run, step: str, parts: Collection[str], root: int, marks: Collection[str] = ()) -> None:
    """Once, through crashes and lost answers: what may have landed is looked for by its mark."""
    store, at, key = this.tools.store, _place(this.job), f"{this.id}-{step}"
    steps = await store.steps(this.job, this.id)
    if not parts or steps.get(step):
        return
    body = answer_body(list(parts), key=key, marks=list(marks))
    await store.keep_step(this.job, this.id, step)

    async def do() -> bool:
        await store.still_ours(this.job)
        if at.inline:
            await this.github.reply(at.number, root or at.comment, body)
        else:
            await this.github.say(at.number, body)
        return True

    async def landed() -> bool | None:
        return await this.github.answered(at, answer_mark(key)) or None

    try:
        await once(do, landed, sleep=this.tools.sleep, again=step in steps)
    except GitHubError as error:
        if error.retryable:
            raise
        return  # it will not take the answer: the conversation is locked, or the thread is gone
    await store.keep_step(this.job, this.id, step, 1)


async def _apologise(this: Run, sentence: str) -> None:
    """One sentence about what failed, unless GitHub does not even let us say that, or nobody asked for anything."""
    if not this.job.commands:
        return
    with suppress(OutsideError):
        said = await this.github.spoken(_place(this.job))
        if said:
            await _react(this, "confused")
            await _post(this, APOLOGY, [refused(sentence)], said.root)
