"""Keeps what a person has dismissed in a finding's thread, with the reason.

It is done once it is kept: a conversation may be locked, and then no thread tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.life import dismissal_of
from reviewer.core.render.talk import dismissed_text
from reviewer.core.types import Dismissal, Told
from reviewer.redacting import clean
from reviewer.run import Run

MOST_REASON = 1_000  # characters of a reason that are kept


async def dismiss(this: Run, meant: Sequence[Told], reason: str) -> str:
    """By who sent the job; gives what to say. Done twice, it stands once."""
    (reason,) = await clean([reason], this.tools.secrets)  # the model will be shown it
    reason, by, at = reason[:MOST_REASON], this.job.author, this.tools.now()
    number = this.job.number
    new = [dismissal_of(told, number=number, by=by, at=at, reason=reason, command=True) for told in meant]
    await keep(this, new)
    return dismissed_text(by, reason, len(meant))


async def keep(this: Run, new: Sequence[Dismissal]) -> None:
    """Of a line with a secret without it: GitHub shows the lines as they are."""
    codes = await clean([each.code for each in new], this.tools.secrets) if new else []
    for each, code in zip(new, codes, strict=True):
        dismissal = replace(each, code=code)
        await this.tools.store.keep_dismissal(this.job.installation, this.job.repository, dismissal)
