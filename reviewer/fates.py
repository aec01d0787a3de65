"""Keeps for later what became of the findings that were said, so that prompts can be compared by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from reviewer.core.errors import OutsideError
from reviewer.core.types import Placed, Saying, Told
from reviewer.locating import Look
from reviewer.looking import Sight
from reviewer.ports import RunRecord
from reviewer.ports.fates import Became, Looked
from reviewer.run import Run
from reviewer.together import beside


async def keep_fates(this: Run, record: RunRecord, sight: Sight, saying: Saying) -> None:
    """After the end of a review whose comments are posted. It is a statistic: nothing fails for its sake."""
    became = {**await _of_people(sight), **_seen(sight)}
    looked = Looked(
        installation=this.job.installation,
        repository=this.job.repository,
        number=this.job.number,
        run=this.id,
        prompt=record.prompt_version,
        model=record.model,
        tokens=record.usage.input + record.usage.output,
        quality=sight.examined.quality,
        said=_said(saying, sight.life.known),
        became=became,
    )
    with suppress(OutsideError):
        await this.tools.store.keep_look(looked)


def _said(saying: Saying, known: Mapping[str, str]) -> dict[str, str]:
    """What no model said is left out: no prompt is to be praised or blamed for it."""
    along = (placed for several in saying.along.values() for placed in several)
    return {
        placed.fingerprint: placed.finding.severity.word
        for placed in (*saying.fresh, *along)
        if placed.finding.source == "model" and placed.fingerprint not in known
    }


def _seen(sight: Sight) -> dict[str, Became]:
    """What this look saw, by the name under which a finding was said."""
    life = sight.life

    def names(found: tuple[Placed, ...]) -> Iterator[str]:
        return (life.known.get(placed.fingerprint) or placed.fingerprint for placed in found)

    became: dict[str, Became] = dict.fromkeys((told.name for told in life.outdated), "outdated")
    became |= {name: "refuted" if why else "fixed" for name, why in sight.fixed.items()}
    became |= dict.fromkeys(names(life.dismissed), "dismissed")
    return became | dict.fromkeys(names(sight.standing), "open")


async def _of_people(sight: Sight) -> dict[str, Became]:
    """What was said, is not found any more, and was settled by people, so that the review says nothing of it."""
    seen = _seen(sight)
    left = [told for told in sight.told if told.name not in seen and (told.thread.resolved or told.thread.refused_by)]
    left = [told for told in left if not told.thread.ours and told.thread.state == "open"]
    became: dict[str, Became] = {
        told.name: "dismissed" for told in sight.told if told.name not in seen and told.thread.state == "dismissed"
    }
    return became | (await beside(lambda: _settled(left, sight)) if left else {})


def _settled(left: list[Told], sight: Sight) -> dict[str, Became]:
    """A thread that somebody closed: fixed where its lines have changed, else they did not want to hear it."""
    look, became = Look(sight.examined, sight.told), dict[str, Became]()
    for told in left:
        place = look.place(told)
        if told.thread.resolved and place == "changed":
            became[told.name] = "fixed"
        elif place != "unseen":
            became[told.name] = "dismissed"
    return became
