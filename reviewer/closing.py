"""Says in the threads of our own comments what became of their findings: fixed, or open again; each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from reviewer.core.errors import GitHubError
from reviewer.core.render.threads import back_reply, fixed_reply
from reviewer.core.types import State, Told
from reviewer.landing import once
from reviewer.run import Run

AT_ONCE = 20  # threads that one run writes in: GitHub counts what notifies people; the next run goes on


async def close_threads(
    this: Run,
    told: Sequence[Told],
    *,
    fixed: Mapping[str, str],
    back: Sequence[Told],
    resolve: bool,
) -> tuple[str, ...]:
    """Reply in the thread of each; returns what the reader of the check should know about what could not be done.

    `fixed` has by name why, "" where the code says it. A comment that speaks of several findings is fixed when all of
    them are. With `resolve` the thread is resolved, else the comment is hidden, unless people wrote in its thread.
    Nothing is raised for a thread that cannot be written in: the check says it too.
    """
    by_comment: dict[int, list[Told]] = {}
    for each in told:
        by_comment.setdefault(each.comment, []).append(each)
    gone = [all_of[0] for at, all_of in by_comment.items() if at and all(each.name in fixed for each in all_of)]
    again = {each.comment: each for each in back if each.comment}
    try:
        for each in islice(again.values(), AT_ONCE):
            await _reply(this, each, "open", back_reply(this.head))
            await _bring_back(this, each)
        for each in islice(gone, AT_ONCE):
            await _reply(this, each, "fixed", fixed_reply(this.head, fixed[each.name]))
            await _put_away(this, each, resolve=resolve)
    except GitHubError as error:
        return (f"A finding's thread could not be brought up to date: {error}",)
    return ()


async def _reply(this: Run, told: Told, state: State, body: str) -> None:
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
    await once(do, landed, sleep=this.tools.sleep, again=begun)


async def _put_away(this: Run, told: Told, *, resolve: bool) -> None:
    thread = told.thread
    if resolve and thread.id and not thread.resolved:
        await this.github.resolve(thread, resolved=True)
    elif not resolve and thread.node and not thread.people and not thread.minimized:
        await this.github.hide(thread, hidden=True)


async def _bring_back(this: Run, told: Told) -> None:
    thread = told.thread
    if thread.id and thread.resolved and thread.ours:
        await this.github.resolve(thread, resolved=False)
    if thread.node and thread.minimized:
        await this.github.hide(thread, hidden=False)
