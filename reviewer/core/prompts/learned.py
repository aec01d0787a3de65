"""What a repository's people dismissed, as examples for the model: the nearest to the files of a call, in few words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviewer.core.types import Dismissal

MOST_DISMISSED = 10  # in one call
DISMISSED_LIMIT = 2_000  # characters of all of them: some 500 tokens
PATH_LIMIT, TITLE_LIMIT, REASON_LIMIT = 120, 120, 240  # characters of one's parts


@dataclass(frozen=True, slots=True)
class _Near:
    """What lies near some files: the files themselves, their folders, what is written in the same language."""

    paths: frozenset[str]
    folders: frozenset[str]
    languages: frozenset[str]

    def away(self, path: str) -> int | None:
        """0 to 2, the smaller the nearer; None where nothing is shared."""
        if path in self.paths:
            return 0
        if _language(path) not in self.languages:
            return None
        return 1 if path.rpartition("/")[0] in self.folders else 2


def choose_dismissed(dismissals: Iterable[Dismissal], paths: Sequence[str]) -> tuple[Dismissal, ...]:
    """Those of the same files, then of their folders, then of their languages; of these the newest first.

    At most `MOST_DISMISSED` and `DISMISSED_LIMIT` characters; what was dismissed twice in the same words is there once.
    """
    near = _Near(
        frozenset(paths), frozenset(path.rpartition("/")[0] for path in paths), frozenset(map(_language, paths))
    )
    known = ((near.away(each.path), each) for each in dismissals)
    ordered = sorted(
        ((away, each) for away, each in known if away is not None),
        key=lambda pair: (pair[0], -pair[1].at, -pair[1].number, pair[1].name),
    )
    chosen: dict[tuple[str, str], Dismissal] = {}
    room = DISMISSED_LIMIT
    for _, each in ordered:
        words, length = (_line(each.title), _line(each.reason)), len(told_dismissal(each)) + 1
        if words not in chosen and length <= room:
            chosen[words] = each
            room -= length
        if len(chosen) == MOST_DISMISSED:
            break
    return tuple(chosen.values())


def told_dismissal(dismissal: Dismissal) -> str:
    """One line: where, what, and why in the person's words. It still is a stranger's text."""
    where, what = _cut(dismissal.path, PATH_LIMIT), _cut(dismissal.title, TITLE_LIMIT)
    why = _cut(dismissal.reason, REASON_LIMIT)
    return f"- {where}: {what}{f' (dismissed: {why})' if why else ''}"


def _language(path: str) -> str:
    """By the ending; a name without one is its own."""
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return (ending if dot and stem else name).casefold()


def _cut(text: str, limit: int) -> str:
    line = _line(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _line(text: str) -> str:
    return " ".join(text.split())
