"""THE LINE: one job, from pull request to posted review. Read this first."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from reviewer.closing import close_threads
from reviewer.configured import proposed
from reviewer.core.budget import bill
from reviewer.core.errors import GitHubError, Gone, OutsideError, StoreError, Superseded
from reviewer.core.gate import Overrides, decide
from reviewer.core.render.buttons import COULD_NOT
from reviewer.core.render.check import (
    final_report,
    footer_line,
    verdict_title,
)
from reviewer.core.types import Job, Placed, PullRequest, Remembered, Saying, Verdict
from reviewer.core.waiting import waits_as_draft
from reviewer.fates import keep_fates
from reviewer.landing import long_wait
from reviewer.looking import Sight, hits, look
from reviewer.neighbours import judged
from reviewer.outages import put_off, try_again, wait_for_the_database
from reviewer.ports import RunRecord, Tools
from reviewer.posting import post
from reviewer.question import Question
from reviewer.redacting import clean
from reviewer.rulings import blocking, end_unreviewed, overrides_of, rest
from reviewer.run import Run, begin, end, end_quietly, follow_head, let_go, open_check
from reviewer.saying import to_say
from reviewer.terms import read_terms
from reviewer.till import till_of
from reviewer.together import all_done


async def announce(job: Job, run: str, tools: Tools) -> None:
    """Put the queued check on the head at once, however long the line is; unless it is superseded already."""
    with suppress(Superseded):
        await open_check(begin(job, run, tools))


async def review(job: Job, run: str, tools: Tools) -> RunRecord:
    """Carry out one job. Its check ends, whatever happens; a failure is raised again and fails the job."""
    this = begin(job, run, tools)
    try:
        await open_check(this)
        await this.wanted()
        await let_go(this, others=True)
        return await _carry_out(this)
    except Superseded as why:
        return await end(this, "cancelled", _capital(str(why)), f"This run ended early: {why}.")
    except StoreError:
        await wait_for_the_database(this)
        raise
    except OutsideError as error:
        if long_wait(error):
            await put_off(this, error)
        elif isinstance(error, Gone) and await _is_gone(this):
            return await end_quietly(this, str(error))
        else:
            again = await try_again(this, error)
            with suppress(*([GitHubError] if again else [])):  # GitHub may not even let us say it
                await _fail(this, f"{error}{again}", error)
        raise
    except Exception:
        await _fail(this, f"An error of the reviewer itself. Its log has it under the run {run}.")
        raise


async def give_up(job: Job, run: str, tools: Tools) -> None:
    """End the check of a job that took the process down with it each time it was begun."""
    this = begin(job, run, tools)
    with suppress(Superseded):
        await open_check(this)
    await _fail(this, f"The reviewer died in each attempt at this run ({run}).")


async def _fail(this: Run, sentence: str, error: Exception | None = None) -> None:
    """End the check without a review, as the repository wants that; a verdict that the check has already stands."""
    if not this.ended:
        lacks = error.needs.strip("?") if isinstance(error, GitHubError) else ""
        title = f"{COULD_NOT}: the App lacks {lacks}" if lacks else COULD_NOT
        await end_unreviewed(this, title, sentence)


async def _is_gone(this: Run) -> bool:
    """Whether the pull request itself is gone. A 404 on a part of it says that we could not review it, no more."""
    if this.ended:
        return False
    try:
        await this.github.pull(this.job.number)
    except Gone:
        return True
    except GitHubError:
        pass
    return False


async def _carry_out(this: Run) -> RunRecord:
    pull = await this.github.pull(this.job.number)
    this.base = pull.base_ref
    await follow_head(this, pull)
    if not pull.open:
        sentence = "The pull request is closed: nothing was reviewed."
        return await end(this, "neutral", "Closed", sentence, again=False)
    if resting := await rest(this, pull):
        return resting
    asked = asyncio.create_task(read_terms(this, pull))
    waits = waits_as_draft(this.job, pull) and not (await asked)[0].config.review.drafts
    if waits and not await judged(this.job, this.head, this.tools):
        return await end(this, "neutral", "Waiting: a draft", "It is reviewed once it is ready for review.")
    shown = asyncio.create_task(this.progress(0, 0))
    diffed = asyncio.create_task(this.github.diff(pull))
    said = asyncio.create_task(this.github.remembered(pull.number))
    await all_done([shown, asked, diffed, said])
    question, notes = asked.result()
    this.forgotten = bool(said.result().runs) and not await this.tools.store.reviewed(this.job)
    notes = (*notes, *await proposed(this, pull, diffed.result()))
    notes = tuple(await clean(notes, this.tools.secrets))  # a slip in the configuration is told with its words
    sight = await look(this, diffed.result(), question, said.result())
    await this.wanted()
    return await _conclude(this, pull, question, sight, said.result(), notes=notes)


async def _conclude(
    this: Run, pull: PullRequest, question: Question, sight: Sight, remembered: Remembered, *, notes: tuple[str, ...]
) -> RunRecord:
    """Decide what is so and what to say; say it, then end the check.

    A review that cannot be posted changes nothing of what is so: the check says it, and then the job fails.
    """
    unposted = None
    examined, problems = sight.examined, sight.problems
    overrides = await overrides_of(this, pull, sight)
    verdict = _decided(question, sight, problems, overrides)
    saying = to_say(question, verdict, sight.life, gone=_gone(this, sight, remembered))
    try:
        saying = await post(this, pull.number, saying, commit=pull.head_sha, remembered=remembered)
        notes += await close_threads(
            this, sight.told, fixed=sight.fixed, back=sight.life.back, resolve=question.config.review.resolve_threads
        )
    except GitHubError as error:
        if long_wait(error) or (isinstance(error, Gone) and await _is_gone(this)):
            raise
        unposted, problems = error, (*problems, f"The review could not be posted: {error}")
        verdict = _decided(question, sight, problems, overrides)
        saying = replace(saying, inline=(), listed=saying.fresh)
    record = replace(_record(this, pull, question, sight, verdict), blocking=blocking(verdict, overrides))
    report = final_report(
        verdict,
        examined.coverage,
        saying=saying,
        notes=(*examined.notes, *problems, *notes),
        footer=_footer(record),
        name=overrides.name,
        unlined=_unlined(saying, sight),
    )
    await this.close(report)
    await this.tools.store.keep_run(replace(record, shown=this.said, check=this.check))
    await till_of(this, urgent=False).cached(record.hits, model=record.model, prompt=record.prompt_version)
    if unposted:
        raise unposted
    await keep_fates(this, record, sight, saying)
    return record


def _decided(question: Question, sight: Sight, problems: tuple[str, ...], overrides: Overrides) -> Verdict:
    gate = question.config.gate
    return decide(
        sight.standing,
        sight.examined.coverage,
        fail_on=gate.fail_on,
        on_error=gate.on_error,
        problems=problems,
        overrides=overrides,
    )


def _unlined(saying: Saying, sight: Sight) -> tuple[Placed, ...]:
    """What was said before, and in no comment on its line: each new check has to show it there."""
    inline = {each.name for each in sight.told if each.comment}
    return tuple(each for each in saying.repeated if sight.life.known.get(each.fingerprint) not in inline)


def _gone(this: Run, sight: Sight, remembered: Remembered) -> tuple[str, ...]:
    """The titles of what is fixed on this head, also when an earlier attempt at this run has said so in its thread."""
    said = {each.name for each in sight.told if (each.thread.state, each.thread.by) == ("fixed", this.head)}
    return tuple(sorted(remembered.titles.get(name, name) for name in {*said, *sight.fixed}))


def _record(this: Run, pull: PullRequest, question: Question, sight: Sight, verdict: Verdict) -> RunRecord:
    examined = sight.examined
    return RunRecord(
        job=this.job,
        run=this.id,
        head=pull.head_sha,
        conclusion=verdict.conclusion,
        title=verdict_title(verdict),
        findings=verdict.standing,
        usage=examined.spent.total,
        cost=bill(examined.spent, prices=this.tools.prices),
        model=question.model.name,
        prompt_version=question.prompt.label,
        seconds=this.tools.clock() - this.started,
        spent=examined.spent,
        hits=hits(examined.coverage, sight.life),
        problem=verdict.problem,
        ended=this.tools.now(),
        quality=examined.quality,
    )


def _footer(record: RunRecord) -> str:
    return footer_line(
        model=record.model,
        prompt_version=record.prompt_version,
        usage=record.usage,
        cost=record.cost,
        seconds=record.seconds,
        others=record.spent.by_model,
        lost=record.spent.lost,
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
