"""Recognises what was said before among what is found now: by name, by place and meaning, by what is left over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reviewer.core.anchors import Places, heading, heading_of, headings_of, holds, restored, standings
from reviewer.core.dedupe import said_before
from reviewer.core.fingerprints import fingerprint, line_digest
from reviewer.core.life import Place, context_of, dismissed_by, graver, tried
from reviewer.core.meaning import Known, Meaning, known, left_over, repeats, same_issue, two_things
from reviewer.core.meaning import told as told_as
from reviewer.core.types import Anchor, Fate, Placed, Severity, Told
from reviewer.progress import Examined

TELLING = 12  # letters and digits of lines that are not everywhere
MOST_FILES = 300  # that are searched for lines whose file is not in the diff any more


class Look:
    """Where what was said stands on the head under review."""

    def __init__(self, examined: Examined, told: Sequence[Told]) -> None:
        self._places: Places = examined.places
        fates: dict[str, set[Fate]] = {}
        for entry in examined.coverage.entries:
            fates.setdefault(entry.hunk.path, set()).add(entry.fate)
        self._unseen = {path for path, found in fates.items() if not found.isdisjoint({Fate.FAILED, Fate.IGNORED})}
        self._ignored = {path for path, found in fates.items() if found == {Fate.IGNORED}}
        self._new = [file.path for file in examined.places.files if file.status in {"added", "renamed", "copied"}]
        self._found = self._apart({each: placed for each in told if (placed := self._standing(each))})

    def path(self, told: Told) -> str:
        """The file's present name, as far as the diff or the lines themselves tell it."""
        placed = self.standing(told)
        return placed.finding.path if placed else self._places.path(told.path)

    def standing(self, told: Told) -> Placed | None:
        """The finding where its lines read as they did, and are the same ones as far as anything tells."""
        return self._found.get(told)

    def elsewhere(self, told: Told, placed: Placed) -> bool:
        """Whether the lines of the one are gone, and the other stands in another file or another block."""
        if self.standing(told) or not told.code:
            return False
        was, now = heading(told.above, told.code), tuple(headings_of(placed, self._places))
        return placed.finding.path != self.path(told) or (was not in now if was else bool(now))

    def holds(self, told: Told) -> bool:
        """Whether the block that its lines stood in is still to be seen, and has not moved along."""
        return holds(self.path(told), heading(told.above, told.code), self._places)

    def saw(self, told: Told) -> bool:
        """Whether all that changed in its file was looked at."""
        return bool(told.path) and self._places.path(told.path) not in self._unseen

    def place(self, told: Told) -> Place:
        if self.path(told) in self._ignored:
            return "unseen"
        if self.standing(told):
            return "there"
        return "changed" if self.saw(told) else "unseen"

    def _standing(self, told: Told) -> Placed | None:
        if not told.code:
            named = restored(told, self._places, digest=partial(line_digest, told.path))
            return next((placed for placed in named if placed.alone or _in_context(placed, told)), None)
        here = standings(told, self._places)
        if here:
            return self._chosen(here, told)
        if told.path and not self._places.has(self._places.path(told.path)):
            return self._moved(told)
        return None

    def _chosen(self, here: Sequence[Placed], told: Told) -> Placed | None:
        """Of lines that read alike: by what stands around them, by what they stand in, by where GitHub carried it."""
        near = sorted(here, key=lambda placed: abs(placed.finding.line - told.line))
        was = heading(told.above, told.code)
        ours = [placed for placed in near if _in_context(placed, told)]
        same = (placed for placed in ours or near if was and heading_of(placed, self._places) == was)
        chosen = next(same, ours[0] if ours else None)
        if chosen:
            return chosen
        if len(here) > 1:
            return near[0] if near[0].finding.line == told.line else None
        now = heading_of(here[0], self._places)
        lost = was and now and was != now and holds(here[0].finding.path, was, self._places)
        return None if lost else here[0]  # a function that is still there has lost it; another one has it

    def _moved(self, told: Told) -> Placed | None:
        """In a new file that got another name: nothing but its lines tells so. In doubt it stands."""
        found = [placed for path in self._new[:MOST_FILES] for placed in standings(told, self._places, path=path)]
        ours = [placed for placed in found if _in_context(placed, told)]
        if ours:
            return ours[0]
        return found[0] if len(found) == 1 and sum(map(str.isalnum, told.code)) >= TELLING else None

    def _apart(self, found: dict[Told, Placed]) -> dict[Told, Placed]:
        """A line stands for what was said of one line: of two that read alike only one may be left."""
        by_place: dict[tuple[str, Anchor | None, str], list[Told]] = {}
        for each, placed in found.items():
            if each.code:
                by_place.setdefault((placed.finding.path, placed.anchor, each.code), []).append(each)
        for group in by_place.values():
            ours = [each for each in group if _in_context(found[each], each)]
            keeper = ours[0] if ours else min(group, key=lambda each: abs(each.line - found[each].finding.line))
            for each in group:
                if context_of(each.name) != context_of(keeper.name):
                    del found[each]
        return found


def _in_context(placed: Placed, told: Told) -> bool:
    return context_of(fingerprint(placed)) == context_of(told.name)


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
        if self.outgrown(placed, name):
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
