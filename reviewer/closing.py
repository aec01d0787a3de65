"""Says in the threads of our own comments what became of their findings: fixed, or open again; each once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from reviewer.core.errors import GitHubError
from reviewer.core.render.threads import back_reply, fixed_reply
from reviewer.core.types import State, Told
from reviewer.landing import once
from reviewer.run import Run

AT_ONCE = 20  # replies of one run: GitHub counts what notifies people; the next run goes on
ENOUGH = 3  # threads that could not be written in, after which no other is tried: the conversation may be locked


async def close_threads(
    this: Run, told: Sequence[Told], *, fixed: Mapping[str, str], back: Sequence[Told], resolve: bool
) -> tuple[str, ...]:
    """Reply in the thread of each; returns what the reader of the check should know about what could not be done.

    `fixed` has by name why, "" where the code says it. A comment that speaks of several findings is fixed when all of
    them are. With `resolve` the thread is resolved, else the comment is hidden, unless people wrote in its thread; what
    an earlier run said and did not come to do is done now. Nothing is raised for a thread that cannot be written in:
    the check says it too.
    """
    by_comment: dict[int, list[Told]] = {}
    for each in told:
        by_comment.setdefault(each.comment, []).append(each)
    by_comment.pop(0, None)
    again = {each.comment: each for each in back if each.comment}
    gone = {
        comment: all_of[0]
        for comment, all_of in by_comment.items()
        if comment not in again and all(each.name in fixed for each in all_of)
    }
    work = _Work(AT_ONCE)
    for each in again.values():
        await work.do(partial(_reply, this, each, "open", back_reply(this.head)))
    for each in gone.values():
        await work.do(partial(_reply, this, each, "fixed", fixed_reply(this.head, fixed[each.name])))
    away = _Work(AT_ONCE)
    for comment, (first, *_) in by_comment.items():
        if comment in gone or (first.thread.state == "fixed" and comment not in again):
            await away.do(partial(_put_away, this, first, resolve=resolve))
        elif comment in again or first.thread.state == "open":
            await away.do(partial(_bring_back, this, first))
    return tuple(dict.fromkeys([*work.notes, *away.notes]))


@dataclass(slots=True)
class _Work:
    """One thing after the other; what fails costs only itself, until enough have failed."""

    left: int
    failed: int = 0
    notes: list[str] = field(default_factory=list)

    async def do(self, one: Callable[[], Awaitable[bool]]) -> None:
        """`one` returns whether there was anything to do."""
        if not self.left or self.failed == ENOUGH:
            return
        try:
            self.left -= await one()
        except GitHubError as error:
            self.notes.append(f"A finding's thread could not be brought up to date: {error}")
            self.failed = ENOUGH if error.retryable else self.failed + 1


async def _reply(this: Run, told: Told, state: State, body: str) -> bool:
    number = this.job.number

    async def do() -> bool:
        await this.tools.store.still_ours(this.job)
        await this.github.reply(number, told.comment, body)
        return True

    async def landed() -> bool | None:
        now = (await this.github.remembered(number)).told
        here = (this.head, state)
        return any(each.comment == told.comment and (each.thread.by, each.thread.state) == here for each in now) or None

    begun = not await this.first(f"{state} {told.comment} {this.head}")
    return await once(do, landed, sleep=this.tools.sleep, again=begun)


async def _put_away(this: Run, told: Told, *, resolve: bool) -> bool:
    thread = told.thread
    if resolve and thread.id and not thread.resolved:
        await this.github.resolve(thread, resolved=True)
    elif not resolve and thread.id and not (thread.people or thread.minimized or thread.resolved):
        await this.github.hide(thread, hidden=True)
    else:
        return False
    return True


async def _bring_back(this: Run, told: Told) -> bool:
    thread = told.thread
    done = False
    if thread.id and thread.resolved and thread.ours:
        await this.github.resolve(thread, resolved=False)
        done = True
    if thread.id and thread.minimized and (thread.by or done):  # it was us who hid it
        await this.github.hide(thread, hidden=False)
        done = True
    return done
