"""Several pull requests with one head: what each one's check has to say of the others, and who is judged again."""

from __future__ import annotations

from reviewer.core.errors import GitHubError, Gone
from reviewer.core.heads import combined, misled, verdicts, was_judged
from reviewer.core.render.beside import beside_report, repeats
from reviewer.core.types import CheckReport, Ended, Job
from reviewer.ports import GitHub, Tools

SAME_HEAD = "same_head"  # the trigger of a review that follows because of another pull request


async def others(job: Job, head: str, github: GitHub, tools: Tools) -> tuple[Ended, ...]:
    """The verdicts of the other open pull requests with this head. The database knows; of one that fails GitHub is
    asked whether it is still open, since that it was closed may have been missed.
    """
    found = verdicts(await tools.store.ends(job, head), besides=job.number)
    return tuple([each for each in found if each.conclusion != "failure" or await _stays(github, each.number, head)])


async def beside(
    job: Job, head: str, report: CheckReport, *, github: GitHub, tools: Tools, forgotten: bool = False
) -> CheckReport:
    """The end of the check on the head, with what the other pull requests there make of it.

    `forgotten`: the database was lost, so GitHub's checks are asked too.
    """
    found = await others(job, head, github, tools) if report.conclusion else ()
    if forgotten and report.conclusion and not found:
        found = await _told(job, head, github)
    if report.conclusion is None or (conclusion := combined(report.conclusion, found)) == report.conclusion:
        return report
    return beside_report(report, found, conclusion)


async def _told(job: Job, head: str, github: GitHub) -> tuple[Ended, ...]:
    """Who fails by the checks on the head, without those that only repeat what another one says."""
    try:
        checks = await github.checks(head)
    except GitHubError:
        return ()
    newest = {each.number: each for each in sorted(checks, key=lambda each: each.id) if each.status == "completed"}
    failed = [each for number, each in newest.items() if number not in {0, job.number} and each.conclusion == "failure"]
    own = [each for each in failed if not repeats(each.title)]
    return tuple(
        [
            Ended(each.number, each.run, "failure", "failure", each.title, judged=True, check=each.id)
            for each in own
            if await _stays(github, each.number, head)
        ]
    )


async def _stays(github: GitHub, number: int, head: str) -> bool:
    """Where GitHub does not say, what is known of it counts."""
    try:
        pull = await github.pull(number)
    except Gone:
        return False
    except GitHubError:
        return True
    return pull.open and pull.head_sha == head


async def judged(job: Job, head: str, tools: Tools) -> bool:
    """Whether the job's pull request has a verdict on this head."""
    return was_judged(await tools.store.ends(job, head), job.number)


async def follow(job: Job, head: str, tools: Tools) -> tuple[Job, ...]:
    """The reviews that are to follow the end of `job` on `head`, so that each check there tells the truth: from what
    is kept. What the pull request has left behind is looked at too. They have none that follow them.
    """
    if job.trigger == SAME_HEAD:
        return ()
    before = await tools.store.head_before(job, head)
    again = [(at, number) for at in (head, before) if at for number in misled(await tools.store.ends(job, at))]
    return tuple(
        job.review_of(at, trigger=SAME_HEAD, suffix=f"{at[:7]}-{number}", number=number) for at, number in again
    )
