"""Reads the arguments of `answer_question` and `answer_reply`: what is to be said, and whether a reply convinces.

Nothing is cut here, because nothing has been searched for secrets yet.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from reviewer.core.findings.clean import clean_line, clean_prose, cut
from reviewer.core.findings.salvage import object_of

ANSWER_LIMIT, FACT_LIMIT = 4_000, 400  # characters; we ask for 200 words, and for 30
ALL_LIMIT = 100_000  # characters that are read of an answer, so that memory stays bounded


@dataclass(frozen=True, slots=True)
class Reply:
    """`answer` is Markdown, "" where nothing needs to be said; `reason` is the fact because of which it convinces."""

    answer: str = ""
    convinced: bool = False
    reason: str = ""


def parse_reply(arguments: str) -> Reply | None:
    """None where no answer can be read. Never raises. Only a plain `true` convinces."""
    said = object_of(arguments, "answer")
    if said is None or not isinstance(said["answer"], str | None):
        return None
    reason = said.get("reason")
    return Reply(
        clean_prose((said["answer"] or "")[:ALL_LIMIT]),
        said.get("convinced") is True,
        clean_line(reason[:ALL_LIMIT]) if isinstance(reason, str) else "",
    )


def trimmed_reply(reply: Reply) -> Reply:
    """The reply as it may be kept and posted."""
    return replace(reply, answer=cut(reply.answer, ANSWER_LIMIT), reason=cut(reply.reason, FACT_LIMIT))


def kept_reply(reply: Reply) -> str:
    """As `parse_reply` reads it back."""
    return json.dumps(asdict(reply))
