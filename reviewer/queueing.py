"""THE THIRD LINE: a merge queue's group; the check on its head says what those of its pull requests say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from reviewer.core.errors import GitHubError, Gone, OutsideError, Superseded, TooEarly, Unprocessable
from reviewer.core.heads import verdicts
from reviewer.core.merging import decide_group, member_of, merges, number_of, unseen, without
from reviewer.core.render.check import closed_report
from reviewer.core.render.group import broken_report, group_report, reading_report, waiting_report
from reviewer.core.types import Commit, GroupVerdict, Job, Member, PullRequest
from reviewer.landing import long_wait
from reviewer.ports import Tools
from reviewer.run import Run, begin, open_check
from reviewer.terms import on_error

LOOK = "look"  # a step of the run: how often it has looked in vain
LOOKS = (5.0, 5.0, 10.0, 10.0, 15.0, 15.0, 30.0, 30.0, 60.0, 60.0, 60.0)  # seconds after which it looks again
MOST = 100  # pull requests of one group: GitHub's queues build no more, one on the other


async def conclude_group(job: Job, run: str, tools: Tools) -> str:
    """Open the check on the group's head at once and end it, in words for the log.

    Raises TooEarly while a review of one of its pull requests runs, for five minutes at most; then `gate.on_error`
    decides, as it does where GitHub stays away. Nobody else would end the check, and until then the queue stands still.
    """
    this = begin(job, run, tools)
    try:
        await open_check(this)
        await this.wanted()
        return await _conclude(this)
    except Superseded as why:
        if this.check:
            await this.close(closed_report("cancelled", "The group is gone", f"This run ended early: {why}."))
        return f"cancelled: {why}"
    except (Gone, Unprocessable) as error:
        if not this.check:
            return f"gone: {error}"  # the group's commit, or all around it: nobody waits for this check
        await _break(this, str(error))
        raise
    except OutsideError as error:
        await _look_again(this, error)
        await _break(this, str(error))
        raise
    except TooEarly:
        raise
    except Exception:
        await _break(this, f"An error of the reviewer itself. Its log has it under the run {run}.")
        raise


async def give_up(job: Job, run: str, tools: Tools) -> None:
    """End the check of a job that took the process down with it each time it was begun."""
    this = begin(job, run, tools)
    with suppress(Superseded):
        await open_check(this)
    await _break(this, f"The reviewer died in each attempt at this run ({run}).")


async def _conclude(this: Run) -> str:
    await this.show(reading_report())  # its answer names our App, also after a restart: by that we know our checks
    members, loose = await _members(this)
    running = [member for member in members if member.running]
    if running and (pause := await _pause(this)):
        with suppress(GitHubError):
            await this.show(waiting_report(running))
        raise TooEarly(f"{len(running)} of its pull requests are still being reviewed", put_off=pause)
    verdict = decide_group(members, loose, on_error=await on_error(this) if loose or _open(members) else "neutral")
    await this.wanted()
    await this.close(group_report(verdict))
    return _words(verdict)


def _open(members: Sequence[Member]) -> bool:
    """Whether nobody knows of some."""
    return not members or any(member.check is None for member in members)


async def _members(this: Run) -> tuple[list[Member], Sequence[Commit]]:
    """The pull requests of the group, the one that it is named for first, with what our checks say of each.

    And the commits that none of them explains: nobody knows whether those were reviewed.
    """
    job = this.job
    last = await _pull(this, job.number) if job.number else None
    base = job.base or (last.base_ref if last else "")
    commits = await this.github.commits_between(base, job.head) if base else ()
    chain = merges(commits, job.head)
    found = _Found(this, last)
    loose = [commit for commit in chain if not await found.explains(commit)]
    heads = found.heads
    for head in heads.values():
        if not loose:
            break
        loose = without(loose, await this.github.commits_between(base, head))  # of a queue that rebases
    loose += unseen(commits, chain, base)
    return [await _member(this, number, head) for number, head in heads.items()], loose


async def _member(this: Run, number: int, head: str) -> Member:
    """Its own verdict, where the database knows that its check tells of another pull request on the same head."""
    member = member_of(number, head, await this.github.checks(head))
    own = next((each for each in verdicts(await this.tools.store.ends(this.job, head)) if each.number == number), None)
    if member.check is None or own is None or own.check != member.check.id:
        return member
    return replace(member, check=replace(member.check, conclusion=own.conclusion, title=own.title))


class _Found:
    """The pull requests of a group as its commits tell them one by one. `heads`: what was queued, by number."""

    def __init__(self, this: Run, last: PullRequest | None) -> None:
        self.heads = {last.number: last.head_sha} if last else {}
        self._this, self._last = this, last
        self._pulls: dict[int, PullRequest | None] = {last.number: last} if last else {}

    async def explains(self, commit: Commit) -> bool:
        """Whether it is some pull request's, by the title that GitHub gave it, or by the head that was merged."""
        number = number_of(commit)
        pull = await self._pull(number) if number else None
        if len(commit.parents) < 2:
            return self._takes(pull, pull.head_sha) if pull else False
        queued = commit.parents[1]
        if pull and (pull.head_sha == queued or await self._was_head(pull, queued)):
            return self._takes(pull, queued)
        # The title is somebody's own, as a pull request may be called like a merge of another one.
        others = [await self._pull(each) for each in await self._this.github.open_pulls_at(queued)]
        taken = [self._takes(other, queued) for other in others if other]
        return any(taken)

    async def _was_head(self, pull: PullRequest, sha: str) -> bool:
        """The pull request has moved on since: the group is named for it, or we have reviewed that head of it."""
        named = self._last is not None and pull.number == self._last.number
        return named or any(check.number == pull.number for check in await self._this.github.checks(sha))

    def _takes(self, pull: PullRequest, head: str) -> bool:
        """One that was merged meanwhile is explained, and has no say any more."""
        if self._last and pull.base_ref != self._last.base_ref:
            return False
        if pull.open and (pull.number in self.heads or len(self.heads) < MOST):
            self.heads[pull.number] = head
        return not pull.open or pull.number in self.heads

    async def _pull(self, number: int) -> PullRequest | None:
        """Titles can name any number of pull requests: only so many are looked for."""
        if number not in self._pulls and len(self._pulls) < 2 * MOST:
            self._pulls[number] = await _pull(self._this, number)
        return self._pulls.get(number)


async def _pull(this: Run, number: int) -> PullRequest | None:
    try:
        return await this.github.pull(number)
    except Gone as gone:
        if gone.status == 404:
            return None
        raise


async def _pause(this: Run) -> float:
    """The seconds after which to look again, 0 when that was done often enough; counted through restarts."""
    store = this.tools.store
    nth = (await store.steps(this.job, this.id)).get(LOOK, 0)
    if nth == len(LOOKS):
        return 0.0
    await store.keep_step(this.job, this.id, LOOK, nth + 1)
    return LOOKS[nth]


async def _look_again(this: Run, error: OutsideError) -> None:
    """Have the job put off where GitHub may come back in time."""
    if isinstance(error, GitHubError) and error.retryable and (pause := await _pause(this)):
        raise TooEarly(str(error), put_off=max(pause, long_wait(error))) from error


async def _break(this: Run, sentence: str) -> None:
    """End the check as the repository wants it where nobody could tell, unless it has its end."""
    if this.check and not this.ended:
        with suppress(OutsideError):
            await this.close(broken_report(await on_error(this), sentence))


def _words(verdict: GroupVerdict) -> str:
    numbers = ", ".join(str(member.number) for member in verdict.members)
    return f"{verdict.conclusion}: {numbers or 'no pull request'}"
