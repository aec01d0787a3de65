"""What the page says, as plain values for its template: jobs, reviews and the figures at the top."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from reviewer.core.quality import Level
from reviewer.page import calls, money, quality, words
from reviewer.ports import Account
from reviewer.ports.overview import DAYS, Books, Queue, ShownRun, StandingJob, Sum

WEEK = 7
BAD_ERRORS = 0.02  # of the calls
NOTHING = Markup()
LEFT = {"leave": "repositories taken off", "uninstall": "uninstalled"}
KINDS = {"press": "button", "group": "merge group", "find": "look-up", "disband": "merge group ended", **LEFT}
TRIGGERS = {
    "opened": "opened",
    "reopened": "opened again",
    "synchronize": "new commits",
    "ready_for_review": "no draft any more",
    "created": "a comment",
    "checks_requested": "the merge queue",
    "rerequested": "asked for again",
    "requested_action": "a button",
}
VERDICTS = {"success": "passed", "failure": "failed"}


class Tile(NamedTuple):
    """A figure, and what it is of."""

    name: str
    value: str
    said: str
    meter: Markup = NOTHING
    bad: bool = False


def page(
    queue: Queue, books: Books, accounts: Sequence[Account], levels: Sequence[Level], *, now: float, web: str
) -> dict[str, Any]:
    """Everything that the template names. `web` is GitHub's address for people."""
    today = int(now // words.DAY)
    asked = [each for each in books.sums if not each.tier]
    recent = [each for each in books.sums if each.day > today - WEEK]
    return {
        "empty": not (queue.jobs or queue.failed or books.reviews or books.sums),
        "headline": _headline(queue),
        "waited": f"the first has waited {words.span(now - queue.oldest)}" if queue.oldest else "",
        "tiles": _tiles(books, accounts, recent, today),
        "jobs": [_job(job, now, web) for job in queue.jobs],
        "jobs_left": queue.running + queue.queued - len(queue.jobs),
        "failed": [_job(job, now, web) for job in queue.failed],
        "reviews": [_run(run, now, web) for run in books.reviews],
        "spend": money.chart(asked, accounts, today),
        "days": money.days(asked, today),
        "spenders": [{**row, "link": _link(web, row["name"], 0)} for row in money.spenders(books.spenders, accounts)],
        "accounts": money.budgets(accounts, now),
        "models": calls.models(books.seconds),
        "cache": calls.cache(recent),
        "quality": quality.rows(levels),
        "errors": calls.errors(recent),
        "now": {"said": words.moment(now), "at": words.machine(now)},
    }


def web_address(api_url: str) -> str:
    """Where people read what the REST address serves: https://github.com, or the server's own address."""
    parts = urlsplit(api_url)
    host = parts.netloc if parts.path.strip("/") else parts.netloc.removeprefix("api.")
    return f"{parts.scheme}://{host}"


def _headline(queue: Queue) -> str:
    if not queue.running and not queue.queued:
        return "Nothing is running or queued"
    running = f"{queue.running} running" if queue.running else "Nothing running"
    more = "at least " if queue.more else ""
    return f"{running}, {more}{queue.queued:,} queued" if queue.queued else running


def _link(web: str, repository: str, number: int) -> str:
    """Of the pull request; of the repository where none is known."""
    path = f"{web}/{quote(repository)}"
    return f"{path}/pull/{number}" if number else path


def _about(repository: str, number: int, web: str) -> dict[str, str]:
    return {
        "name": f"{repository}#{number}" if number else repository,
        "link": _link(web, repository, number),
    }


def _age(at: float, now: float) -> dict[str, str]:
    return {"age": words.span(now - at), "at": words.machine(at), "moment": words.moment(at)}


def _job(job: StandingJob, now: float, web: str) -> dict[str, Any]:
    kind = KINDS.get(job.kind, job.kind)
    return {
        **_about(job.repository, job.number, web),
        **_age(job.since, now),
        "id": job.job,
        "what": kind,
        "state": job.state,
        "trigger": TRIGGERS.get(job.trigger.partition(".")[2], job.trigger.replace("_", " ").replace(".", ", ")),
        "said": job.said,
    }


def _run(run: ShownRun, now: float, web: str) -> dict[str, Any]:
    return {
        **_about(run.repository, run.number, web),
        **_age(run.at, now),
        "conclusion": run.conclusion,
        "verdict": VERDICTS.get(run.conclusion, run.conclusion),
        "title": run.title,
        "cost": words.dollars(run.cost, digits=3),
        "took": words.seconds(run.seconds),
    }


def _tiles(books: Books, accounts: Sequence[Account], recent: Sequence[Sum], today: int) -> list[Tile]:
    """The figures at the top, each with its window."""
    tokens = sum(each.tokens for each in books.sums)
    made, failed = calls.made(recent)
    every = sorted(second for model in books.seconds.values() for second in model)
    late = words.seconds(calls.percentile(every, calls.P95)) if every else "–"
    day = money.budget_of_the_day(accounts)
    of_budget = f"{words.share(day.fill.share, 1)} of the day's budget" if day else "no budget for a day"
    ended, blocked = sum(books.today.values()), books.today.get("failure", 0)
    return [
        _spent("Spent today", [each for each in books.sums if each.day == today], of_budget, money.meter(day)),
        _spent(f"Spent in {DAYS} days", books.sums, f"{words.count(tokens)} tokens"),
        Tile("Reviews today", words.count(ended), f"{blocked:,} failed the gate"),
        Tile("From the cache", words.share(*calls.hits(recent)), "of the hunks, 7 days"),
        Tile("P95 of a call", late, "all models, 24 hours"),
        Tile(
            "Failed calls",
            words.share(failed, made),
            f"{failed:,} of {made:,}, 7 days",
            bad=bool(made) and failed / made > BAD_ERRORS,
        ),
    ]


def _spent(name: str, sums: Sequence[Sum], said: str, meter: Markup = NOTHING) -> Tile:
    """What has no price is said: it reads as nothing otherwise."""
    dollars, unpriced = sum((each.dollars for each in sums), Decimal(0)), sum(each.unpriced for each in sums)
    more = f", and {words.without_price(unpriced)}" if unpriced else ""
    return Tile(name, words.spent(dollars, unpriced), f"{said}{more}", meter)
