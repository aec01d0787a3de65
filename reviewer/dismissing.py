"""Keeps what a person has dismissed in a finding's thread, with the reason.

It is done once it is kept: a conversation may be locked, and then no thread tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.life import context_of
from reviewer.core.render.talk import dismissed_text
from reviewer.core.types import Dismissal, Told
from reviewer.redacting import clean
from reviewer.run import Run

MOST_REASON = 1_000  # characters of a reason that are kept


async def dismiss(this: Run, meant: Sequence[Told], reason: str) -> str:
    """By who sent the job; gives what to say. Done twice, it stands once."""
    (reason,) = await clean([reason], this.tools.secrets)  # the model will be shown it
    reason, by = reason[:MOST_REASON], this.job.author
    codes = await clean([told.code for told in meant], this.tools.secrets)  # GitHub shows the lines as they are
    for told, code in zip(meant, codes, strict=True):
        dismissal = _dismissal(replace(told, code=code), this.job.number, reason, by, this.tools.now())
        await this.tools.store.keep_dismissal(this.job.installation, this.job.repository, dismissal)
    return dismissed_text(by, reason, len(meant))


def _dismissal(told: Told, number: int, reason: str, by: str, at: float) -> Dismissal:
    return Dismissal(
        number=number,
        name=told.name,
        path=told.path,
        code=told.code,
        context=context_of(told.name),
        category=told.category,
        severity=told.severity.word if told.severity else "",
        title=told.title,
        body=told.body,
        reason=reason,
        by=by,
        at=at,
        command=True,
    )
