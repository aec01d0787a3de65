"""Finds where on the head under review the lines stand that something was said of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from reviewer.core.anchors import Places, heading, heading_of, headings_of, holds, left_behind, restored, standings
from reviewer.core.fingerprints import fingerprint, line_digest
from reviewer.core.life import Place, context_of
from reviewer.core.types import Anchor, Fate, Placed, Told
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
        found = self._apart({each: placed for each in told if (placed := self._standing(each))})
        self._found = found | self._left_over([each for each in told if each not in found], found)

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

    def left(self, told: Told, placed: Placed) -> bool:
        """Whether what it stood in is there without its lines, and the other stands in something else."""
        return not self.standing(told) and left_behind(told, placed, self._places)

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

    def _left_over(self, lost: Sequence[Told], found: Mapping[Told, Placed]) -> dict[Told, Placed]:
        """Where a comment speaks of several places, only names tell of all but the first: of the lines that a name may
        be of, those that nothing else was said of are its own, unless there are too many.
        """
        groups: dict[str, list[Told]] = {}
        for each in lost:
            groups.setdefault(each.name.partition("-")[0], []).append(each)
        taken = {placed.anchor for placed in found.values()}
        left: dict[Told, Placed] = {}
        for group in groups.values():
            named = self._restored(group[0]) if not any(each.code for each in group) else []
            free = [placed for placed in named if placed.anchor not in taken]
            if len(free) <= len(group):
                left |= {
                    each: replace(placed, fingerprint=each.name) for each, placed in zip(group, free, strict=False)
                }
        return left

    def _restored(self, told: Told) -> list[Placed]:
        named = restored(told, self._places, digest=partial(line_digest, told.path))
        return [placed for placed in named if placed.anchor and placed.anchor.side is told.side]

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
