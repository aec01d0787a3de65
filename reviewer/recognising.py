"""Recognises what was said before among what is found now: by name, by place and meaning, by what is left over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reviewer.core.dedupe import said_before
from reviewer.core.fingerprints import fingerprint
from reviewer.core.life import dismissed_by, graver, tried
from reviewer.core.meaning import Known, Meaning, known, left_over, repeats, same_issue, two_things
from reviewer.core.meaning import told as told_as
from reviewer.core.types import Placed, Severity, Told
from reviewer.locating import TELLING, Look


@dataclass(frozen=True, slots=True)
class Recognised:
    findings: tuple[Placed, ...]  # each with a name of its own
    names: Mapping[str, str]  # under which some were said
    known: Mapping[str, Known]  # what each is compared by


def recognised(
    findings: Sequence[Placed], told: Sequence[Told], look: Look, *, trusted: Collection[str], meaning: Meaning
) -> Recognised:
    """For each finding that was said before the name under which it was.

    By name first, then by place and meaning, then by what is left over on both sides. What somebody closed and tried to
    mend stands for nothing that is found there now; what was dismissed stands for nothing graver.
    """
    here = {placed.fingerprint: known(placed, meaning=meaning) for placed in findings}
    by_name = {placed.fingerprint: placed for placed in findings}
    said = {each.name: each for each in told}
    closed = {each.name for each in told if tried(each, look.place)}
    there = {name: _known(each, look, meaning) for name, each in said.items()}
    rules = _Rules(here, there, said, _along(told), look, trusted, meaning)
    names = rules.by_name(findings)
    meant = partial(repeats, meaning=meaning)
    for pair, fits, of_closed in (
        (meant, lambda placed, name: not rules.outgrown(placed, name), False),
        (left_over, rules.stands_in, False),
        (meant, rules.laid_out_anew, True),
    ):
        new = [placed.fingerprint for placed in findings if placed.fingerprint not in names]
        taken = {*names.values()}
        left = [name for name in there if name not in taken and (name in closed) is of_closed]
        pairs = pair([here[name] for name in new], [there[name] for name in left])
        names |= {new[at]: left[to] for at, to in pairs.items() if fits(by_name[new[at]], left[to])}
    renamed = _renamed(findings, names, {each.name for each in told})
    now = {after.fingerprint: here[before.fingerprint] for before, after in zip(findings, renamed, strict=True)}
    return Recognised(renamed, names, now)


@dataclass(frozen=True, slots=True)
class _Rules:
    """When a finding with the name of one that was said, or on its lines, is another one."""

    here: Mapping[str, Known]
    there: Mapping[str, Known]
    said: Mapping[str, Told]
    along: frozenset[str]
    look: Look
    trusted: Collection[str]
    meaning: Meaning

    def by_name(self, findings: Sequence[Placed]) -> dict[str, str]:
        """What was said of a line that still stands has the name that it would be given on this head."""
        present: dict[str, str] = {}
        for name, each in self.said.items():
            placed = self.look.standing(each)
            if placed is None and each.code:
                continue  # its line is gone: what has its name now is of another line
            base = fingerprint(placed) if placed else name
            nth, alias = 1, base
            while alias in present:
                nth += 1
                alias = f"{base}-{nth}"
            present[alias] = name
        found = said_before(findings, present, another=lambda placed, alias: self.two(placed, present[alias]))
        return {fresh: present[alias] for fresh, alias in found.items()}

    def dismissed(self, name: str) -> bool:
        return bool(dismissed_by(self.said[name], self.trusted))

    def two(self, placed: Placed, name: str) -> bool:
        """Where a comment speaks of several places, its words are those of the first one: there the name decides."""
        found, said = self.here[placed.fingerprint], self.there[name]
        if self.outgrown(placed, name):
            return True
        if name in self.along:
            return False
        if self.dismissed(name) and placed.finding.severity > (self.said[name].severity or placed.finding.severity):
            return not same_issue(found, said, meaning=self.meaning)
        return two_things(found, said, meaning=self.meaning)

    def outgrown(self, placed: Placed, name: str) -> bool:
        """Much graver than what was dismissed, another secret, or the text elsewhere: nobody has settled that."""
        said = self.said[name]
        settled = self.dismissed(name) or (said.thread.state == "fixed" and self.look.holds(said))
        if settled and self.look.elsewhere(said, placed):
            return True
        if not self.dismissed(name):
            return False
        return graver(placed, said.severity) or (placed.finding.source != "model" and not self.look.standing(said))

    def stands_in(self, placed: Placed, name: str) -> bool:
        """Whether what is left over may be what was said: what was dismissed stands for nothing worse, or other."""
        said, found = self.said[name], placed.finding
        if self.outgrown(placed, name) or self.look.left(said, placed):
            return False
        no_worse = found.severity <= (said.severity or Severity.LOW)
        return not self.dismissed(name) or (found.category == said.category and no_worse)

    def laid_out_anew(self, placed: Placed, name: str) -> bool:
        """Whether the lines of a thread that somebody closed were only wrapped: that is no repair."""
        now, was = ("".join(code.split()).rstrip(",;") for code in (placed.code, self.said[name].code))
        return len(now) >= TELLING and now in was and not self.outgrown(placed, name)


def _known(told: Told, look: Look, meaning: Meaning) -> Known:
    """Where its line is gone nothing tells it from others that read alike, and GitHub may have carried it anywhere."""
    found = told_as(told, path=look.path(told), gone=look.standing(told) is None, meaning=meaning)
    return replace(found, alone=False, line=0) if found.gone else found


def _along(told: Sequence[Told]) -> frozenset[str]:
    """The names of those that have the words of another one in the same comment."""
    words = Counter((each.comment, each.run, each.title, each.body) for each in told)
    return frozenset(
        each.name for each in told if not each.code and words[each.comment, each.run, each.title, each.body] > 1
    )


def _renamed(findings: Sequence[Placed], names: Mapping[str, str], taken: Collection[str]) -> tuple[Placed, ...]:
    """A new one that has the name of another gets a name of its own."""
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
