"""Brings together what is found on this head and what was said before: what is known, dismissed, fixed, open again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewer.core.anchors import Places, stands
from reviewer.core.dedupe import said_before
from reviewer.core.errors import GitHubError
from reviewer.core.fingerprints import fingerprint
from reviewer.core.gate import would_block
from reviewer.core.life import Life, Place, context_of, judge, learned, who_may_matter
from reviewer.core.meaning import (
    LEXICAL_MEANING,
    SAME_PLACE,
    Known,
    Meaning,
    Unwanted,
    dismissed,
    known,
    repeats,
    text_of,
    two_things,
)
from reviewer.core.meaning import told as told_as
from reviewer.core.redaction import redact_texts
from reviewer.core.types import Dismissal, Fate, Placed, Remembered, Severity, Told
from reviewer.progress import Examined
from reviewer.run import Run

MAY_DISMISS = frozenset({"write", "maintain", "admin"})
MOST_ASKED = 20  # people whose permission is asked for in a run


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said on the pull request, who may dismiss it, and what was dismissed in the repository."""

    told: tuple[Told, ...] = ()
    trusted: frozenset[str] = frozenset()
    dismissals: tuple[Dismissal, ...] = ()
    meaning: Meaning = LEXICAL_MEANING


async def recollect(this: Run, remembered: Remembered) -> Memory:
    """What earlier runs have said, and what people made of it. A button counts where GitHub says that its user may."""
    told = [each for each in remembered.told if each.name in remembered.fingerprints]
    names = {each.name for each in told}
    told += [Told(name) for name in sorted(remembered.fingerprints - names)]  # marks that nothing more is known of
    trusted = set()
    for login in who_may_matter(told)[:MOST_ASKED]:
        try:
            if await this.github.role(login) in MAY_DISMISS:
                trusted.add(login)
        except GitHubError:
            continue
    dismissals = await this.tools.store.dismissals(this.job.installation, this.job.repository)
    return Memory(tuple(told), frozenset(trusted), dismissals)


def compare(
    examined: Examined, memory: Memory, *, fail_on: Severity | None, full: bool
) -> tuple[Life, tuple[Placed, ...]]:
    """What became of everything, and those findings of it that are in doubt: said before, not found by this look, but
    their lines read as they did. After a `full` review, which somebody asked for to have another opinion, none is.
    """
    told = _without_secrets(memory.told, examined)
    look = _Look(examined)
    findings, names = _matched(examined.findings, told, look, memory.meaning)
    unwanted = _Unwanted(memory, fail_on)
    life = judge(findings, told, names, place=look.place, trusted=memory.trusted, unwanted=unwanted)
    if full:
        seen = tuple(each for each in life.open if look.saw(each))
        still = tuple(each for each in life.open if each not in seen)
        life = replace(life, open=still, overruled=seen)
    return life, tuple(placed for each in life.open if (placed := look.standing(each)))


def texts_of(memory: Memory, examined: Examined) -> list[str]:
    """All whose meaning is compared; none where there is nothing to compare with."""
    before = [*map(text_of, memory.told), *map(text_of, memory.dismissals)]
    return [*(text_of(placed.finding) for placed in examined.findings), *before] if before else []


async def learn(this: Run, life: Life, memory: Memory) -> None:
    """Keep for the repository what people have dismissed by a button."""
    new = learned(life, memory.told, memory.trusted, number=this.job.number, now=this.tools.now())
    kept = {(each.number, each.name) for each in memory.dismissals}
    for each in new:
        if (each.number, each.name) not in kept:
            await this.tools.store.keep_dismissal(this.job.installation, this.job.repository, each)


class _Look:
    """Where what was said stands now."""

    def __init__(self, examined: Examined) -> None:
        self.places: Places = examined.places
        self._unseen = {
            entry.hunk.path for entry in examined.coverage.entries if entry.fate in {Fate.FAILED, Fate.IGNORED}
        }

    def path(self, told: Told) -> str:
        return self.places.path(told.path)

    def standing(self, told: Told) -> Placed | None:
        """The finding where its lines read as they did. Among lines that read alike the surroundings must too."""
        placed = stands(told, self.places)
        if placed is None or (not placed.alone and context_of(fingerprint(placed)) != context_of(told.name)):
            return None
        return placed

    def saw(self, told: Told) -> bool:
        """Whether all that changed in its file was looked at."""
        return self.path(told) not in self._unseen

    def place(self, told: Told) -> Place:
        if self.standing(told):
            return "there"
        return "changed" if self.saw(told) else "unseen"


def _without_secrets(told: Sequence[Told], examined: Examined) -> list[Told]:
    """Their lines as the diff of this head has them: with placeholders."""
    if not examined.secrets:
        return list(told)
    codes = redact_texts([each.code for each in told], examined.secrets)
    return [replace(each, code=code) for each, code in zip(told, codes, strict=True)]


def _matched(
    findings: Sequence[Placed], told: Sequence[Told], look: _Look, meaning: Meaning
) -> tuple[tuple[Placed, ...], dict[str, str]]:
    """The findings, and for each that was said before the name under which it was.

    By name first, then by place and meaning. A new one that has the name of another gets a name of its own.
    """
    here = {placed.fingerprint: known(placed, meaning=meaning) for placed in findings}
    there = {
        each.name: told_as(each, path=look.path(each), gone=look.standing(each) is None, meaning=meaning)
        for each in told
    }

    def another(placed: Placed, name: str) -> bool:
        """Where the comment speaks of several places, its words are those of the first one: there the name decides."""
        said = there[name]
        return bool(said.code) and two_things(here[placed.fingerprint], said, meaning=meaning)

    names = said_before(findings, there, another=another)
    new = [placed for placed in findings if placed.fingerprint not in names]
    left = [name for name in there if name not in set(names.values())]
    pairs = repeats([here[p.fingerprint] for p in new], [there[name] for name in left], meaning=meaning)
    names |= {new[at].fingerprint: left[said] for at, said in pairs.items()}
    return _renamed(findings, names, there), names


def _renamed(findings: Sequence[Placed], names: dict[str, str], taken: dict[str, Known]) -> tuple[Placed, ...]:
    used = Counter([*taken, *(placed.fingerprint for placed in findings)])
    renamed = []
    for placed in findings:
        name, nth = placed.fingerprint, 1
        if name not in names and name in taken:
            while used[name]:
                nth += 1
                name = f"{fingerprint(placed)}-{nth}"
            used[name] += 1
        renamed.append(replace(placed, fingerprint=name))
    return tuple(renamed)


class _Unwanted:
    """Whether people have dismissed the like of a finding in the repository. What stands here, its own thread tells.

    The same on the same lines is unwanted whatever it is; what only reads like it elsewhere never opens the gate.
    """

    def __init__(self, memory: Memory, fail_on: Severity | None) -> None:
        here = {each.name for each in memory.told}
        self._meaning, self._fail_on = memory.meaning, fail_on
        elsewhere = [each for each in memory.dismissals if each.name not in here]
        self._unwanted = Unwanted([dismissed(each, meaning=self._meaning) for each in elsewhere], meaning=self._meaning)

    def __call__(self, placed: Placed) -> bool:
        like = self._unwanted.like(known(placed, meaning=self._meaning))
        if like is None or like.why == SAME_PLACE:
            return like is not None
        grave = placed.finding.severity >= Severity.HIGH or would_block(placed, self._fail_on)
        return placed.finding.source == "model" and not grave
