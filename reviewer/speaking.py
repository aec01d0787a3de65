"""What the lines that talk with people have in common: who may, an answer said once, a sentence about what failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from reviewer.core.errors import GitHubError, Gone, OutsideError, StoreError, TooEarly
from reviewer.core.render.talk import answer_body, answer_mark
from reviewer.core.types import Job
from reviewer.landing import long_wait, once
from reviewer.outages import try_again
from reviewer.ports import Place, Role
from reviewer.run import Run
from reviewer.telling import Answered

RANKS: tuple[Role, ...] = ("none", "read", "triage", "write", "maintain", "admin")
ANSWER, APOLOGY = "answer", "apology"  # steps of a run: what was posted
AWAY = "away"  # a step of a run: how often it was put off until it can be answered
WAITS = (5.0, 15.0, 60.0, 300.0, 900.0)  # seconds after which it is tried again


def may(role: Role, needs: Role) -> bool:
    return RANKS.index(role) >= RANKS.index(needs)


async def say(this: Run, step: str, at: Place, parts: Collection[str], marks: Collection[str] = ()) -> None:
    """Once, in the conversation or in the thread of a comment, through crashes and lost answers: it is looked for by
    its mark. Where GitHub will not take it, as in a locked conversation, so be it.
    """
    store, key = this.tools.store, f"{this.id}-{step.replace(' ', '-')}"
    steps = await store.steps(this.job, this.id)
    if not parts or steps.get(step):
        return
    body = answer_body(list(parts), key=key, marks=list(marks))
    await store.keep_step(this.job, this.id, step)

    async def do() -> bool:
        await store.still_ours(this.job)
        await (this.github.reply(at.number, at.comment, body) if at.inline else this.github.say(at.number, body))
        return True

    async def landed() -> bool | None:
        return await this.github.answered(at, answer_mark(key)) or None

    try:
        await once(do, landed, sleep=this.tools.sleep, again=step in steps)
    except GitHubError as error:
        if error.retryable:
            raise
        return
    await store.keep_step(this.job, this.id, step, 1)


async def to_the_end(
    this: Run, work: Callable[[], Awaitable[Job | None]], sorry: Callable[[str], Awaitable[None]]
) -> Job | None:
    """What `work` gives; what fails for good is told with `sorry` and raised. GitHub's being away puts the job off,
    as does TooEarly.
    """
    try:
        return await work()
    except Gone:
        return None  # what the job is about, or all around it: there is nobody to tell
    except (StoreError, TooEarly):
        raise  # it is done again
    except OutsideError as error:
        if not long_wait(error) and not await try_again(this, error):
            await _tell(sorry, str(error))
        raise
    except Exception:
        await _tell(sorry, f"An error of the reviewer itself. Its log has it under the run {this.id}.")
        raise


async def died(this: Run, sorry: Callable[[str], Awaitable[None]]) -> None:
    """Tell that the job took the process down with it each time."""
    await _tell(sorry, f"The reviewer died in each attempt at this ({this.id}).")


async def _tell(sorry: Callable[[str], Awaitable[None]], sentence: str) -> None:
    with suppress(OutsideError):  # unless GitHub does not even let us say that
        await sorry(sentence)


async def wait_for_the_model(this: Run, answered: Answered) -> None:
    """Where it may answer later, raise TooEarly, which puts the job off: some times, counted through restarts."""
    if not answered.later:
        return
    store = this.tools.store
    nth = (await store.steps(this.job, this.id)).get(AWAY, 0)
    if nth < len(WAITS):
        await store.keep_step(this.job, this.id, AWAY, nth + 1)
        raise TooEarly(answered.problem, put_off=WAITS[nth])
