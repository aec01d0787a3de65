"""When a reply may dismiss a finding: never by what the shown code says, and what blocks only after a second look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reviewer.core.findings import Reply
from reviewer.core.hostile import hidden, orders
from reviewer.core.prompts import Matter
from reviewer.core.render.talk import ORDERED, unreasoned_text, unsure_text
from reviewer.core.types import Told
from reviewer.matter import Gathered
from reviewer.run import Run
from reviewer.speaking import wait_for_the_model
from reviewer.telling import tell
from reviewer.together import beside

_NUMBER = re.compile(r"^\d{1,9}[ +-]")  # begins a row of code


async def why_not(this: Run, gathered: Gathered, meant: Sequence[Told], said: Reply, *, place: str) -> str:
    """What to say where a reply that convinced the model leaves the findings open, "" where it may dismiss them.

    The code is the work of whoever wants to have it merged, and speaks to the model as well. Raises TooEarly where the
    second look may be had later.
    """
    if not said.reason:
        return unreasoned_text(said.answer)
    if await beside(lambda: _gives_orders(gathered.matter)):
        return ORDERED
    if not _blocks(gathered, meant):
        return ""
    alone = replace(gathered, matter=replace(gathered.matter, talk=()))
    second = await tell(this, alone, place=place, prompt="settle")
    if second.reply is None:
        await wait_for_the_model(this, second)
        return unsure_text("")
    if second.reply.convinced and second.reply.reason:
        return ""
    return unsure_text("" if second.reply.convinced else second.reply.answer)


def _blocks(gathered: Gathered, meant: Sequence[Told]) -> bool:
    """By the severity that it was said with; where that is not known, it may."""
    fail_on = gathered.terms.config.gate.fail_on
    return fail_on is not None and any(each.severity is None or each.severity >= fail_on for each in meant)


def _gives_orders(matter: Matter) -> bool:
    code = [_NUMBER.sub("", line) for text in (matter.diff, matter.around) for line in text.split("\n")]
    said = (matter.finding, *(says for _, says in matter.talk), matter.question)
    words = [line for text in said for line in text.split("\n")]
    return bool(orders(code) or orders(words, said=True) or any(hidden(line) for line in (*code, *words)))
