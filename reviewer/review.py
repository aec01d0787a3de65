"""THE LINE: one job, from pull request to posted review. Read this first."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from reviewer.confirming import confirm
from reviewer.core.budget import bill
from reviewer.core.config import Config, parse_config
from reviewer.core.dedupe import say
from reviewer.core.errors import GitHubError, Gone, OutsideError, Superseded
from reviewer.core.gate import decide
from reviewer.core.guidelines import CONFIG_PATHS, capped, first_of
from reviewer.core.render.check import (
    final_report,
    footer_line,
    verdict_title,
)
from reviewer.core.types import Diff, Job, PullRequest, Remembered, Saying, Verdict
from reviewer.examine import Examined, examine
from reviewer.ports import RunRecord, Tools
from reviewer.posting import post
from reviewer.question import Question, fallback_note
from reviewer.run import Run, begin, end, end_quietly, follow_head, open_check
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
        return await _carry_out(this)
    except Superseded as why:
        return await end(this, "cancelled", _capital(str(why)), f"This run ended early: {why}.")
    except Gone as error:
        return await end_quietly(this, str(error))
    except OutsideError as error:
        if not this.closed:
            await end(this, this.on_error, "Could not review", str(error))
        raise
    except Exception:
        ours = f"An error of the reviewer itself. Its log has it under the run {run}."
        await end(this, this.on_error, "Could not review", ours)
        raise


async def give_up(job: Job, run: str, tools: Tools) -> None:
    """End the check of a job that took the process down with it each time it was begun."""
    this = begin(job, run, tools)
    with suppress(Superseded):
        await open_check(this)
    await end(this, "neutral", "Could not review", f"The reviewer died in each attempt at this run ({run}).")


async def _carry_out(this: Run) -> RunRecord:
    pull = await this.github.pull(this.job.number)
    await follow_head(this, pull)
    if not pull.open:
        return await end(this, "neutral", "Closed", "The pull request is closed: nothing was reviewed.")
    shown = asyncio.create_task(this.progress(0, 0))
    asked = asyncio.create_task(_question(this, pull))
    diffed = asyncio.create_task(this.github.diff(pull))
    said = asyncio.create_task(this.github.remembered(pull.number))
    await all_done([shown, asked, diffed, said])
    question, notes = asked.result()
    if pull.draft and not question.config.review.drafts:
        return await end(this, "neutral", "Waiting: a draft", "It is reviewed once it is ready for review.")
    examined, problems = await _look(this, diffed.result(), question)
    await this.wanted()
    return await _conclude(this, pull, question, examined, said.result(), problems=problems, notes=notes)


async def _question(this: Run, pull: PullRequest) -> tuple[Question, tuple[str, ...]]:
    """What shapes the review, all from the base branch: configuration, guidelines; and what to say about them."""
    usual = Config().review.guidelines
    texts = await this.github.texts(pull.base_ref, [*CONFIG_PATHS, *usual])
    name, text = first_of(CONFIG_PATHS, texts)
    config, problems = parse_config(text, name=name)
    this.on_error = config.gate.on_error
    more = [path for path in config.review.guidelines if path not in texts]
    if more:
        texts |= await this.github.texts(pull.base_ref, more)
    guidelines, cut = capped(texts, config.review.guidelines)
    model = this.tools.model(config.model.name or this.tools.default_model)
    question = Question(
        installation=this.job.installation,
        repository=this.job.repository,
        config=config,
        model=model,
        fallback=this.tools.fallback(model),
        prompt=this.tools.prompts["review"],
        title=pull.title,
        body=pull.body,
        guidelines=guidelines,
        salt=this.id if this.job.full else "",
    )
    return question, (*(str(problem) for problem in problems), *cut)


async def _look(this: Run, diff: Diff, question: Question) -> tuple[Examined, tuple[str, ...]]:
    """Examine the diff, and have a second look at what would block."""
    tools = this.tools
    examined = await examine(
        diff,
        question,
        store=tools.store,
        tokens=tools.tokens,
        sources=tools.sources,
        tick=this.tick,
        wanted=this.wanted,
    )
    checked = await confirm(
        examined.findings,
        examined.chunks,
        question,
        prompt=tools.prompts["confirm"],
        store=tools.store,
        fail_on=question.config.gate.fail_on,
        wanted=this.wanted,
    )
    spent = examined.spent + checked.spent
    notes = (*examined.notes, *fallback_note(question, spent, (*examined.turned, *checked.turned)))
    whole = replace(examined, findings=checked.findings, spent=spent, notes=notes)
    return whole, checked.problems


async def _conclude(
    this: Run,
    pull: PullRequest,
    question: Question,
    examined: Examined,
    remembered: Remembered,
    *,
    problems: tuple[str, ...],
    notes: tuple[str, ...],
) -> RunRecord:
    """Decide what is so and what to say; say it, then end the check.

    A review that cannot be posted changes nothing of what is so: the check says it, and then the job fails.
    """
    unposted = None
    verdict = _decided(question, examined, problems)
    saying = _to_say(question, verdict, remembered)
    try:
        saying = await post(this, pull.number, saying, commit=pull.head_sha, remembered=remembered)
    except GitHubError as error:
        unposted, problems = error, (*problems, f"The review could not be posted: {error}")
        verdict = _decided(question, examined, problems)
        saying = replace(saying, inline=(), listed=saying.fresh)
    record = _record(this, pull, question, examined, verdict)
    report = final_report(
        verdict,
        examined.coverage,
        saying=saying,
        notes=(*examined.notes, *problems, *notes),
        footer=_footer(record),
    )
    await this.close(report)
    await this.tools.store.keep_run(record)
    if unposted:
        raise unposted
    return record


def _decided(question: Question, examined: Examined, problems: tuple[str, ...]) -> Verdict:
    gate = question.config.gate
    return decide(examined.findings, examined.coverage, fail_on=gate.fail_on, on_error=gate.on_error, problems=problems)


def _to_say(question: Question, verdict: Verdict, remembered: Remembered) -> Saying:
    return say(
        verdict.standing,
        remembered,
        blocking=verdict.blocking,
        min_severity=question.config.review.min_severity,
        max_comments=question.config.review.max_comments,
    )


def _record(this: Run, pull: PullRequest, question: Question, examined: Examined, verdict: Verdict) -> RunRecord:
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
    )


def _footer(record: RunRecord) -> str:
    return footer_line(
        model=record.model,
        prompt_version=record.prompt_version,
        usage=record.usage,
        cost=record.cost,
        seconds=record.seconds,
        others=record.spent.by_model,
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
