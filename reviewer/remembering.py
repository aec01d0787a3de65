"""Brings together what is found on this head and what was said before: what is known, dismissed, fixed, open again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from reviewer.core.errors import GitHubError
from reviewer.core.gate import would_block
from reviewer.core.life import Life, graver, how_dismissed, judge, learned, stem_of, who_may_matter
from reviewer.core.meaning import LEXICAL_MEANING, SAME_PLACE, Known, Meaning, Unwanted, dismissed, text_of, two_things
from reviewer.core.redaction import redact_texts
from reviewer.core.types import Anchor, Dismissal, Placed, Remembered, Severity, Told
from reviewer.dismissing import seen
from reviewer.locating import Look
from reviewer.progress import Examined
from reviewer.recognising import recognised
from reviewer.run import Run
from reviewer.speaking import may

MOST_ASKED = 100  # people whose permission is asked for in a run

UNSURE = "GitHub did not say who may dismiss findings, or what became of their threads: what was known of it counts."


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said on the pull request, who may dismiss it, and what was dismissed in the repository."""

    told: tuple[Told, ...] = ()
    trusted: frozenset[str] = frozenset()
    dismissals: tuple[Dismissal, ...] = ()
    meaning: Meaning = LEXICAL_MEANING
    number: int = 0  # the pull request
    notes: tuple[str, ...] = ()


async def recollect(this: Run, remembered: Remembered) -> Memory:
    """What earlier runs have said, and what people made of it. A button counts where GitHub says that its user may."""
    told = [each for each in remembered.told if each.name in remembered.fingerprints]
    names = {each.name for each in told}
    told += [Told(name) for name in sorted(remembered.fingerprints - names)]  # marks that nothing more is known of
    trusted, unknown = await _asked(this, who_may_matter(told)[:MOST_ASKED])
    dismissals = await this.tools.store.dismissals(this.job.installation, this.job.repository)
    kept = {each.name: each for each in dismissals if each.number == this.job.number}
    unsure = bool(unknown) or any(each.comment and not each.thread.id for each in told)
    return Memory(
        tuple(_as_kept(each, kept, unknown) for each in told),
        trusted,
        dismissals,
        number=this.job.number,
        notes=(UNSURE,) if unsure else (),
    )


async def _asked(this: Run, logins: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Who of them may dismiss, and of whom GitHub did not say."""
    trusted, unknown = set(), set()
    for login in logins:
        try:
            if may(await this.github.role(login), "write"):
                trusted.add(login)
        except GitHubError:
            unknown.add(login)
    return frozenset(trusted), frozenset(unknown)


def _as_kept(told: Told, kept: Mapping[str, Dismissal], unknown: Collection[str]) -> Told:
    """Where GitHub does not tell who dismissed it, what was kept does: what stands in a review's body has no thread,
    and in a locked one nobody can write down what was dismissed in words.
    """
    thread, of = told.thread, kept.get(told.name)
    silent = not told.comment or not thread.id or not {thread.resolved_by, *thread.refused_by}.isdisjoint(unknown)
    if of is None or not (silent or of.command or of.reason):
        return told
    return replace(told, thread=replace(thread, state="dismissed", by=of.by))


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of everything. `doubts` are those findings of it that were said before and not found by this look,
    though their lines read as they did. `unmoved` gives, for the fingerprint of each finding whose lines read as they
    did, the name under which it was said.
    """

    life: Life
    doubts: tuple[Placed, ...] = ()
    unmoved: Mapping[str, str] = field(default_factory=dict)


def compare(examined: Examined, memory: Memory, *, fail_on: Severity | None, full: bool) -> Compared:
    """After a `full` review, which somebody asked for to have another opinion, nothing that it saw is in doubt."""
    if not memory.told and not memory.dismissals:
        return Compared(Life(standing=examined.findings, known={}), unmoved=_by_their_names(examined.findings))
    told = _without_secrets(memory.told, examined)
    look = Look(examined, told)
    found = recognised(examined.findings, told, look, trusted=memory.trusted, meaning=memory.meaning)
    unwanted = _Unwanted(memory, found.known, fail_on)
    life = judge(found.findings, told, found.names, place=look.place, trusted=memory.trusted, unwanted=unwanted)
    if full:
        seen = tuple(each for each in life.open if look.saw(each))
        still = tuple(each for each in life.open if each not in seen)
        life = replace(life, open=still, overruled=seen)
    doubts = tuple(placed for each in life.open if (placed := look.standing(each)))
    return Compared(life, doubts, _by_their_names(doubts) | _unmoved(life, told, look))


def _by_their_names(findings: Sequence[Placed]) -> dict[str, str]:
    """A name tells the line and what stands around it."""
    return {placed.fingerprint: placed.fingerprint for placed in findings}


def _unmoved(life: Life, told: Sequence[Told], look: Look) -> dict[str, str]:
    by_name = {each.name: look.standing(each) for each in told}
    names = _by_their_names(life.standing) | dict(life.known)
    standing = ((placed, names[placed.fingerprint]) for placed in life.standing)
    return {
        placed.fingerprint: name
        for placed, name in standing
        if placed.fingerprint not in life.known or _meet(placed.anchor, _anchor(by_name.get(name)))
    }


def _anchor(placed: Placed | None) -> Anchor | None:
    return placed.anchor if placed else None


def _meet(a: Anchor | None, b: Anchor | None) -> bool:
    if a is None or b is None or (a.path, a.side) != (b.path, b.side):
        return False
    return (a.start_line or a.line) <= b.line and (b.start_line or b.line) <= a.line


def texts_of(memory: Memory, examined: Examined) -> list[str]:
    """All whose meaning is compared; none where there is nothing to compare with."""
    before = [*map(text_of, memory.told), *map(text_of, memory.dismissals)]
    return [*(text_of(placed.finding) for placed in examined.findings), *before] if before else []


async def learn(this: Run, life: Life, memory: Memory) -> None:
    """Keep for the repository what people have dismissed by a button, and what a lost database knew of."""
    kept = {(each.number, each.name) for each in memory.dismissals}
    found = learned(life, memory.told, memory.trusted, number=this.job.number, now=this.tools.now())
    how = {each.name: how_dismissed(each, memory.trusted) for each in memory.told}
    await seen(this, [(each, how[each.name]) for each in found if (each.number, each.name) not in kept])


def _without_secrets(told: Sequence[Told], examined: Examined) -> list[Told]:
    """Their lines as the diff of this head has them: with a placeholder for a secret that is there. Another one stays,
    so that a line with another secret is another line.
    """
    if not examined.secrets:
        return list(told)
    codes = redact_texts([each.code for each in told], examined.secrets)
    return [replace(each, code=code) for each, code in zip(told, codes, strict=True)]


class _Unwanted:
    """Whether people have dismissed the like of a finding in the repository. What stands here, its own thread tells.

    The same on the same lines is unwanted unless it is much graver; what only reads like it elsewhere never opens the
    gate. What no model said is a fact, another one at each place.
    """

    def __init__(self, memory: Memory, findings: Mapping[str, Known], fail_on: Severity | None) -> None:
        here = {each.name for each in memory.told}
        self._findings, self._fail_on = findings, fail_on
        self._elsewhere = [each for each in memory.dismissals if each.name not in here]
        self._unsaid = {each.name: each.severity for each in self._elsewhere if each.number == memory.number}
        self._meaning = meaning = memory.meaning
        self._unwanted = Unwanted([_known(each, meaning) for each in self._elsewhere], meaning=meaning)

    def __call__(self, placed: Placed) -> bool:
        if placed.finding.source != "model":
            return False
        if self._unsaid.get(placed.fingerprint) == placed.finding.severity.word:
            return True  # dismissed here by a button, though it was never said
        if self._same_lines(placed):
            return True
        like = self._unwanted.like(self._findings[placed.fingerprint])
        if like is None:
            return False
        if like.why == SAME_PLACE:
            return not graver(placed, _severity(self._elsewhere[like.at]))
        return placed.finding.severity < Severity.HIGH and not would_block(placed, self._fail_on)

    def _same_lines(self, placed: Placed) -> bool:
        """By its name: on the very lines, with the same code around them, and not clearly another thing."""
        found = self._findings[placed.fingerprint]
        return any(
            not two_things(found, _known(each, self._meaning), meaning=self._meaning)
            and not graver(placed, _severity(each))
            for each in self._elsewhere
            if stem_of(each.name) == stem_of(placed.fingerprint)
        )


def _severity(dismissal: Dismissal) -> Severity | None:
    return Severity.parse(dismissal.severity) if dismissal.severity else None


@lru_cache(maxsize=4_096)  # a repository's dismissals are the same from run to run
def _known(dismissal: Dismissal, meaning: Meaning) -> Known:
    return replace(dismissed(dismissal, meaning=meaning), alone=False)  # its surroundings have to tell
