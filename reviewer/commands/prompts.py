"""`reviewer prompts`: the variants that there are, how two of them did, and the quality by day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from reviewer import resources
from reviewer.core.errors import UsageError
from reviewer.core.quality import (
    compare,
    comparison_record,
    comparison_text,
    days_record,
    days_text,
    named,
)
from reviewer.core.render.rulings import utc
from reviewer.core.render.words import many
from reviewer.printing import complain, say
from reviewer.settings import Settings
from reviewer.store import Results, SqlStore, engine
from reviewer.store.engine import missing

DAY = 86_400
FORMATS = ("text", "json")


def list_prompts(settings: Settings, *, output: str) -> None:
    """The review's prompts, their share of the pull requests, and what was looked at with them within 30 days."""
    _known(output)
    files = resources.prompt_files(settings.prompts_path, settings.prompt_variants)
    shares = {f"review.{name}": share / 100 for name, share in settings.prompt_variants.shares}
    shares["review"] = 100 - sum(shares.values())
    used = {}
    if not missing(settings.database_url):
        with _opened(settings) as results:
            used = {each.label: each for each in results.labels(results.now() - 30 * DAY)}
    labels = {file.label: shares.get(name, 0.0) for name, file in files.items() if name.partition(".")[0] == "review"}
    labels |= dict.fromkeys((label for label in used if label not in labels), 0.0)
    found = [(label, share, used[label].looks if label in used else 0) for label, share in labels.items()]
    if output == "json":
        keys = ("prompt", "percent", "reviews")
        return say(json.dumps([dict(zip(keys, each, strict=True)) for each in found], indent=2))
    width = max(map(len, labels))
    lines = [f"{label:<{width}}  {share:6.2f}%  {many(looks, 'review')} in 30 days" for label, share, looks in found]
    return say("\n".join(lines))


def compare_prompts(settings: Settings, one: str, other: str, *, days: int, output: str) -> None:
    """Raises UsageError for a prompt that nothing is known of."""
    _known(output)
    if why := missing(settings.database_url):
        raise UsageError(why)
    with _opened(settings) as results:
        since = results.now() - days * DAY
        known = {each.label: each.last for each in results.labels(since)}
        labels = _meant(one, known, days), _meant(other, known, days)
        if labels[0] == labels[1]:
            raise UsageError(f"Both are {labels[0]}: name two prompts.")
        reach = results.reach(labels, since)
        found = compare(labels, results.pulls(labels, reach))
    if reach > since:
        complain(f"There is too much to compare: what was looked at before {utc(reach)} is left out")
    if output == "json":
        return say(json.dumps({"days": days, **comparison_record(found)}, indent=2))
    return say(f"The last {many(days, 'day')}\n\n{comparison_text(found)}")


def show_quality(settings: Settings, *, days: int, output: str) -> None:
    """By day, the newest first."""
    _known(output)
    if why := missing(settings.database_url):
        raise UsageError(why)
    with _opened(settings) as results:
        found = [(f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}", shares) for day, shares in results.days(days)]
    if output == "json":
        return say(json.dumps(days_record(found), indent=2))
    return say(days_text(found) if found else f"Nothing was reviewed in the last {many(days, 'day')}.")


def _meant(wanted: str, known: dict[str, float], days: int) -> str:
    if label := named(wanted, known):
        return label
    there = f"known are {', '.join(sorted(known))}" if known else "no review is stored in this database"
    raise UsageError(f"No review with the prompt {wanted!r} in the last {many(days, 'day')}: {there}.")


def _known(output: str) -> None:
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")


@contextmanager
def _opened(settings: Settings) -> Iterator[Results]:
    store = SqlStore(engine(settings.database_url))
    try:
        store.create_tables()
        yield Results(store)
    finally:
        store.close()
