"""What a repository asks of its reviews, from its base branch: configuration, guidelines, the end of what failed."""

from __future__ import annotations

from reviewer.configured import read_configured, reader_of
from reviewer.core.config import Config, matches
from reviewer.core.errors import OutsideError
from reviewer.core.guidelines import ATTRIBUTES, guidance
from reviewer.core.prompts import choose_prompt
from reviewer.core.types import Conclusion, Job, PullRequest
from reviewer.metering import Metered
from reviewer.question import Question
from reviewer.run import Run
from reviewer.till import till_of

SMALL = 5  # files that changed


async def read_terms(this: Run, pull: PullRequest) -> tuple[Question, tuple[str, ...]]:
    """What shapes the review, all from the base branch: configuration, guidelines; and what to say about them."""
    config, problems, texts = await _read_config(this, pull)
    more = [path for path in config.review.guidelines if path not in texts]
    if more:
        texts |= await this.github.texts(pull.base_ref, more)
    guided = guidance(texts, config.review.guidelines, matches=matches)
    model = this.tools.model(config.model.name or this.tools.default_model, this.job.installation)
    fallback = this.tools.fallback(model, this.job.installation)
    till = till_of(this, urgent=_urgent(this.job, pull))
    question = Question(
        installation=this.job.installation,
        repository=this.job.repository,
        config=config,
        model=Metered(model, till, spare=fallback is not None),
        fallback=Metered(fallback, till, spare=False) if fallback else None,
        prompt=choose_prompt(
            this.tools.prompts,
            this.tools.split,
            installation=this.job.installation,
            repository=this.job.repository,
            number=pull.number,
        ),
        number=pull.number,
        title=pull.title,
        body=pull.body,
        guidelines=guided.general,
        scoped=guided.scoped,
        attributes=((ATTRIBUTES, texts.get(ATTRIBUTES) or ""),),
        examples=this.tools.examples,
        salt=this.id if this.job.full else "",
        window=this.tools.limits.window,
    )
    return question, (*problems, *guided.notes)


def _urgent(job: Job, pull: PullRequest) -> bool:
    """Whether somebody waits for it: whoever asks, or the author of a small change."""
    asked = job.is_quick or job.trigger.startswith("command.")
    return asked or (pull.changed_files or SMALL + 1) <= SMALL


async def on_error(this: Run) -> Conclusion:
    """How the repository wants a check to end that could not review; where that cannot be read either, the default."""
    if this.on_error is None:
        try:
            await _read_config(this, await this.github.pull(this.job.number))
        except OutsideError:
            this.on_error = await this.tools.store.on_error(this.job) or Config().gate.on_error
    return this.on_error or Config().gate.on_error


async def _read_config(this: Run, pull: PullRequest) -> tuple[Config, tuple[str, ...], dict[str, str | None]]:
    """The configuration, what is wrong in it, and all texts that were read along with it."""
    configured = await read_configured(reader_of(this), pull.base_ref, [ATTRIBUTES, *Config().review.guidelines])
    known = configured.known
    this.on_error = known.config.gate.on_error
    await this.tools.store.keep_on_error(this.job, this.on_error)
    return known.config, tuple(str(problem) for problem in known.problems), configured.texts
