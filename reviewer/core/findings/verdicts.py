"""Reads the arguments of `confirm_findings`; a finding without a readable verdict does not hold.

No reason is cut here, because none has been searched for secrets.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ValidationError

from reviewer.core.findings.clean import clean_line, clean_prose
from reviewer.core.findings.salvage import entries_of

ALL_LIMIT = 200_000  # characters of all reasons of an answer, so that memory stays bounded
ID_LIMIT = 200  # characters; ours are far shorter


def _id(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("an id is a string")  # noqa: TRY004  # pydantic gathers ValueErrors only
    name = clean_line(str(value))
    if len(name) > ID_LIMIT:
        raise ValueError("no id is that long")
    return name


def _holds(value: object) -> bool:
    """A verdict that has to be guessed at is none: only what says true or false in so many words counts."""
    known = {"true": True, "false": False}
    word = str(value).strip().lower()
    if not isinstance(value, bool | str) or word not in known:
        raise ValueError("a verdict is true or false")
    return known[word]


def _reason(value: object) -> str:
    return clean_prose(value) if isinstance(value, str) else ""


class Verdict(BaseModel):
    """One verdict as the model wrote it."""

    id: Annotated[str, BeforeValidator(_id)]
    holds: Annotated[bool, BeforeValidator(_holds)]
    reason: Annotated[str, BeforeValidator(_reason)] = ""


def parse_verdicts(arguments: str) -> dict[str, tuple[bool, str]]:
    """(holds, reason) by finding id. Never raises. Of two verdicts on one finding, the one against it counts.

    Reasons are whole (`trimmed_verdicts` cuts them); one that there is no room for is left out whole.
    """
    verdicts: dict[str, tuple[bool, str]] = {}
    room = ALL_LIMIT
    for entry in entries_of(arguments, "verdicts").entries:
        try:
            verdict = Verdict.model_validate(entry)
        except ValidationError:
            continue
        if verdicts.get(verdict.id, (True, ""))[0]:
            reason = verdict.reason if len(verdict.reason) <= room else ""
            room -= len(reason)
            verdicts[verdict.id] = (verdict.holds, reason)
    return verdicts


def whole_verdicts(arguments: str) -> bool:
    """Whether the text was whole JSON of readable verdicts, so that nothing more was meant than could be read."""
    told = entries_of(arguments, "verdicts")
    return told.whole and all(_readable(entry) for entry in told.entries)


def _readable(entry: object) -> bool:
    try:
        Verdict.model_validate(entry)
    except ValidationError:
        return False
    return True
