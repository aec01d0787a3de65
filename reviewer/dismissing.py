"""Keeps what a person has dismissed in a finding's thread, with the reason, and writes it into the record.

It is done once it is kept: a conversation may be locked, and then no thread tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from reviewer.core.life import dismissal_of
from reviewer.core.render.acts import label_of, told_label
from reviewer.core.render.talk import dismissed_mark, dismissed_text
from reviewer.core.types import Act, Dismissal, How, Told
from reviewer.recording import record
from reviewer.redacting import clean
from reviewer.run import Run

MOST_REASON = 1_000  # characters of a reason that are kept


class Dismissed(NamedTuple):
    """What to say, and the hidden mark that goes with it."""

    text: str
    mark: str


async def dismiss(this: Run, meant: Sequence[Told], reason: str, *, head: str, how: How = "command") -> Dismissed:
    """By who sent the job, who saw `head`. Done twice, it stands once."""
    (reason,) = await clean([reason], this.tools.secrets)  # the model will be shown it
    reason, by, at = reason[:MOST_REASON], this.job.author, this.tools.now()
    number = this.job.number
    if meant:
        labels = {told.name: told_label(told) for told in meant}
        step = f"dismissal {_digest(reason)}" if how == "command" else "dismissal"  # a comment may hold two commands
        await record(this, [Act("dismissal", number, by, at, head, labels, reason, how, run=this.id, step=step)])
    await _keep(this, [dismissal_of(told, number=number, by=by, at=at, reason=reason, command=True) for told in meant])
    return Dismissed(dismissed_text(by, reason, len(meant)), dismissed_mark(by, reason))


async def seen(this: Run, new: Sequence[tuple[Dismissal, How]]) -> None:
    """What a review read from GitHub."""
    acts = [
        Act(
            "dismissal",
            each.number,
            each.by,
            at=each.at,
            head=this.head if how else "",  # what was said at some time was said on some head
            findings={each.name: label_of(each)},
            reason=each.reason,
            how=how,
            step=f"dismissal {_digest(each.by)} {each.name}",
        )
        for each, how in new
    ]
    await record(this, acts)
    await _keep(this, [each for each, _ in new])


async def forgotten(this: Run, dismissal: Dismissal, *, head: str) -> None:
    """Write down that a dismissal is about to be forgotten, by who sent the job."""
    labels = {dismissal.name: label_of(dismissal)}
    step = f"forgetting {dismissal.number} {dismissal.name}"
    by, at = this.job.author, this.tools.now()
    how: How = "command"
    await record(this, [Act("forgetting", dismissal.number, by, at, head, labels, how=how, run=this.id, step=step)])


async def _keep(this: Run, new: Sequence[Dismissal]) -> None:
    """Of a line with a secret without it: GitHub shows the lines as they are."""
    texts = [text for each in new for text in (each.code, each.reason)]
    cleaned = iter(await clean(texts, this.tools.secrets) if texts else [])
    for each in new:
        dismissal = replace(each, code=next(cleaned), reason=next(cleaned))
        await this.tools.store.keep_dismissal(this.job.installation, this.job.repository, dismissal)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
