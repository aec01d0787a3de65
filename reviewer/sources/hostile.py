"""Says where a pull request's text speaks to the reviewer instead of to people, or hides what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewer.core.hostile import hidden, orders
from reviewer.core.types import FileDiff, Finding, Line, Material, Severity

MOST = 10  # findings in a pull request: more say no more
_NEAR = 5  # lines; what is closer is one place
_QUOTE = 2_000  # characters

_ORDER = "tries to instruct the reviewer"
_ORDER_BODY = (
    "It reads as an order to whoever reviews this change, not as a part of it. "
    "This review takes a pull request's text as data, but other tools and people may act on it. "
    "Take it out, or tell people in the description why it has to be there."
)
_HIDDEN = "holds characters that nobody can see"
_HIDDEN_BODY = (
    "Among them {names}. They make a text read as something else than it is, or carry words that only a program reads. "
    "Take them out, or write them as escapes where they are meant."
)


@dataclass(frozen=True, slots=True)
class _Place:
    """The first and last of the lines concerned, and what is wrong with them."""

    first: Line
    last: Line
    orders: bool
    unseen: tuple[str, ...]


class HostileText:
    """Satisfies `ports.Source`: added lines, the title and the description."""

    name = "hostile-text"

    def find(self, material: Material) -> list[Finding]:
        """At most ten findings, severity medium: what the author wrote comes first, then the diff in its order."""
        found = [*_said(material.title, "title"), *_said(material.body, "description")]
        for file in material.diff.files:
            if len(found) >= MOST:
                break
            found += [_finding(file, place) for place in _places(file)]
        return found[:MOST]


def _said(text: str, what: str) -> Iterator[Finding]:
    """A finding about the pull request's own text has no path: it goes to the summary."""
    lines = text.split("\n")
    places = orders(lines, said=True)
    unseen = [(at, names) for at, line in enumerate(lines) if (names := hidden(line))]
    whose = f"The pull request's {what}"
    if places:
        yield _worded("", (1, None), lines[places[0][0]], title=f"{whose} {_ORDER}", body=_ORDER_BODY, sure=0.8)
    elif unseen:
        at, names = unseen[0]
        body = _HIDDEN_BODY.format(names=_listed(names))
        yield _worded("", (1, None), lines[at], title=f"{whose} {_HIDDEN}", body=body, sure=0.95)


def _finding(file: FileDiff, place: _Place) -> Finding:
    first, last = place.first.number, place.last.number
    told = _HIDDEN_BODY.format(names=_listed(place.unseen))
    if place.orders:
        told = f"{_ORDER_BODY} It also holds characters that nobody can see." if place.unseen else _ORDER_BODY
    return _worded(
        file.path,
        (first, last if last > first else None),
        place.first.text,
        title=f"This text {_ORDER if place.orders else _HIDDEN}",
        body=told,
        sure=0.8 if place.orders else 0.95,
    )


def _worded(path: str, lines: tuple[int, int | None], quote: str, *, title: str, body: str, sure: float) -> Finding:
    return Finding(
        path, *lines, quote[:_QUOTE], Severity.MEDIUM, "security", sure, title, body, source=HostileText.name
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _places(file: FileDiff) -> Iterator[_Place]:
    """The places of a file's added lines; what lies within a few lines is one."""
    for run in _runs(file):
        texts = [line.text for line in run]
        marked: dict[int, bool] = {}
        for first, last in orders(texts):
            marked |= dict.fromkeys(range(first, last + 1), True)
        unseen = {at: names for at, text in enumerate(texts) if (names := hidden(text))}
        at: list[int] = []
        for each in sorted({*marked, *unseen}):
            if at and each - at[-1] > _NEAR:
                yield _place(run, at, marked, unseen)
                at = []
            at.append(each)
        if at:
            yield _place(run, at, marked, unseen)


def _place(run: Sequence[Line], at: list[int], marked: dict[int, bool], unseen: dict[int, tuple[str, ...]]) -> _Place:
    names = dict.fromkeys(name for each in at for name in unseen.get(each, ()))
    return _Place(run[at[0]], run[at[-1]], any(each in marked for each in at), tuple(names))


def _runs(file: FileDiff) -> Iterator[list[Line]]:
    """Added lines that follow one another in the new file."""
    for hunk in file.hunks:
        run: list[Line] = []
        for line in hunk.lines:
            if line.kind == "+":
                run.append(line)
            elif run and line.kind == " ":
                yield run
                run = []
        if run:
            yield run
