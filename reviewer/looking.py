"""The whole look at a head: what is found, what became of what was said, and a second look at what would block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.confirming import confirm
from reviewer.core.budget import bill
from reviewer.core.life import Life
from reviewer.core.types import Coverage, Diff, Fate, Placed, Remembered, Told
from reviewer.examine import examine
from reviewer.meanings import meaning_for
from reviewer.metering import MeteredVectors
from reviewer.plan import Means
from reviewer.progress import Examined
from reviewer.purse import Purse
from reviewer.question import Question, fallback_note
from reviewer.remembering import Compared, Memory, compare, learn, recollect, texts_of
from reviewer.run import Run
from reviewer.till import till_of
from reviewer.together import beside

OVERRULED = "a full review does not find it any more"


@dataclass(frozen=True, slots=True)
class Sight:
    """What was examined, what became of what was said, and what counts on this head."""

    examined: Examined
    life: Life
    told: tuple[Told, ...]
    fixed: Mapping[str, str]  # why, by the name of what was said
    standing: tuple[Placed, ...]
    problems: tuple[str, ...] = ()


async def look(this: Run, diff: Diff, question: Question, remembered: Remembered) -> Sight:
    """Raises Superseded once nobody wants the run any more, OutsideError where nobody could look for secrets."""
    memory = await recollect(this, remembered.before(this.id))
    means = _means(this)
    question = replace(question, dismissed=memory.dismissals)
    examined = await examine(diff, question, means, tick=this.tick, wanted=this.wanted)
    memory, examined = await _with_meaning(this, memory, examined)
    sight = await _second_look(this, examined, question, means, memory)
    await learn(this, sight.life, memory)
    return sight


async def _with_meaning(this: Run, memory: Memory, examined: Examined) -> tuple[Memory, Examined]:
    """Texts are compared by the embedding model, where there is one and anything to compare with."""
    texts = texts_of(memory, examined)
    if not texts:
        return memory, examined
    vectors = await this.tools.vectors(this.job.installation)
    chosen = await meaning_for(
        texts,
        vectors=MeteredVectors(vectors, till_of(this, urgent=False)) if vectors else None,
        store=this.tools.store,
        cases=this.tools.cases,
        installation=this.job.installation,
        repository=this.job.repository,
    )
    notes = (*examined.notes, *([chosen.note] if chosen.note else []))
    priced = bill(chosen.spent, prices=this.tools.prices) is not None  # else one of our own would hide what is paid
    spent = examined.spent + chosen.spent if priced else examined.spent
    return replace(memory, meaning=chosen.meaning), replace(examined, spent=spent, notes=notes)


def _means(this: Run) -> Means:
    tools = this.tools

    async def read(paths: Sequence[str]) -> dict[str, str | None]:
        return await this.github.texts(this.head, paths, sure=False)

    return Means(
        tools.store,
        tools.tokens,
        tools.secrets,
        tools.outlines,
        tools.clock,
        read=read,
        sources=tools.sources,
        limits=tools.limits,
        forms=tools.forms,
        holder=this.id,
        sleep=tools.sleep,
        purse=Purse(tools.limits.tokens, tools.tokens().count),
    )


async def _second_look(this: Run, examined: Examined, question: Question, means: Means, memory: Memory) -> Sight:
    """Compare with what was said, and ask once more about what would block and about what is in doubt."""
    fail_on = question.config.gate.fail_on
    compared = await beside(lambda: compare(examined, memory, fail_on=fail_on, full=this.job.full))
    life = compared.life
    checked = await confirm(
        life.standing,
        examined.chunks,
        question,
        means,
        prompt=this.tools.prompts["confirm"],
        fail_on=fail_on,
        wanted=this.wanted,
        doubts=compared.doubts,
        blocked=await _blocked(this, compared),
    )
    spent = examined.spent + checked.spent
    notes = (*examined.remarks, *fallback_note(question, spent, (*examined.turned, *checked.turned)), *memory.notes)
    held = {placed.fingerprint for placed in checked.doubts}
    refuted = {placed.fingerprint: placed.reason for placed in checked.refuted}
    refuted |= {each.name: OVERRULED for each in life.overruled}
    known = {**life.known, **dict.fromkeys(held, "")}
    if lost := len(life.outdated):
        stood = "1 finding stood" if lost == 1 else f"{lost} findings stood"
        notes = (*notes, f"{stood} on lines that are not there any more, and what is there now was not looked at.")
    return Sight(
        examined=replace(examined, spent=spent, notes=notes, quality=examined.quality + checked.quality),
        life=replace(life, known=known),
        told=memory.told,
        fixed=refuted | dict.fromkeys((each.name for each in life.fixed), ""),
        standing=(*checked.findings, *checked.doubts),
        problems=(*examined.problems, *checked.problems),
    )


async def _blocked(this: Run, compared: Compared) -> dict[str, str]:
    """The head on which it blocked last, for all that did and whose lines read as they did."""
    last = await this.tools.store.last_verdict(this.job, this.head) if compared.unmoved else None
    return {fresh: last.head for fresh, name in compared.unmoved.items() if name in last.blocking} if last else {}


def hits(coverage: Coverage, life: Life) -> dict[str, int]:
    """What each tier of the cache was good for: hunks, and findings that were known by what they mean."""
    alike = coverage.alike
    return {
        "exact": coverage.count(Fate.CACHED) - alike,
        "structural": alike,
        "miss": coverage.count(Fate.REVIEWED) + coverage.count(Fate.FAILED),
        "meaning": sum(bool(said) and said != name for name, said in life.known.items()),
    }
