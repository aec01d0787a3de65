"""Reports each secret that a pull request adds, at its line; what the secret is was cut out before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reviewer.core.redaction import POSSIBLE, is_certain, is_secret_file, is_silent
from reviewer.core.types import FileDiff, Finding, Line, Material, Severity

MOST = 50  # findings in a pull request: whoever has committed more has made one mistake, not fifty
_EACH = 5  # places in one file that are reported one by one; more are listed in one finding
_LISTED = 20  # line numbers in that list
_NOT_IN_USE = re.compile(
    r"(?:^|[/_.-])(?:tests?|testing|specs?|fixtures?|mocks?|docs?|examples?|samples?|demos?)(?:[/_.-]|$)|\.(?:md|rst)$",
    re.IGNORECASE,
)

_Place = tuple[Line, ...]  # lines that follow each other: a private key is one place


class CommittedSecrets:
    """Satisfies `ports.Source`; looks at `Line.secrets` alone. Removed and context lines were there before."""

    name = "secrets"

    def find(self, material: Material) -> list[Finding]:
        """In the order of the diff; of very many the gravest, and one finding without a place that names the rest."""
        found = [finding for file in material.diff.files for finding in _of_file(file)]
        if len(found) <= MOST:
            return found
        gravest = sorted(range(len(found)), key=lambda at: (-found[at].severity, at))[:MOST]
        kept, left = (
            [found[at] for at in sorted(gravest)],
            [found[at] for at in sorted(set(range(len(found))) - {*gravest})],
        )
        return [*kept, _the_rest(left)]


def _of_file(file: FileDiff) -> Iterator[Finding]:
    places = list(_places(file))
    if len(places) <= _EACH:
        for place in places:
            yield _finding(file.path, place, others=[])
    else:
        places.sort(key=lambda place: not is_certain(_kind(place[0])))
        yield _finding(file.path, places[0], others=sorted(place[0].number for place in places[1:]))


def _the_rest(left: list[Finding]) -> Finding:
    paths = list(dict.fromkeys(finding.path for finding in left))
    named = ", ".join(f"`{path}`" for path in paths[:_LISTED]) + (", …" if len(paths) > _LISTED else "")
    return replace(
        left[0],
        path="",
        line=1,
        end_line=None,
        quote="",
        severity=max(finding.severity for finding in left),
        title=f"Secrets seem to be committed in {len(left)} more places",
        body=f"They stand in {named}.",
    )


def _places(file: FileDiff) -> Iterator[_Place]:
    held = bool(is_secret_file(file.path))
    lines = [line for hunk in file.hunks for line in hunk.lines if line.kind == "+" and _kind(line, held=held)]
    place: list[Line] = []
    for line in lines:
        if place and not (line.number == place[-1].number + 1 and _kind(line) == _kind(place[0]) == "private-key"):
            yield tuple(place)
            place = []
        place.append(line)
    if place:
        yield tuple(place)


def _kind(line: Line, *, held: bool = True) -> str:
    """The kind that says most of those on the line, "" when nobody is to be told.

    In a file that is there to hold secrets (`held`) what stands beside a secret's name is one.
    """
    told = (kind for kind in line.secrets if not is_silent(kind) or (held and kind == POSSIBLE))
    kinds = sorted(told, key=lambda kind: not is_certain(kind))
    return kinds[0] if kinds else ""


def _finding(path: str, place: _Place, *, others: list[int]) -> Finding:
    first, kind = place[0], _kind(place[0])
    guessed = not is_certain(kind)
    title = f"A secret is committed: {kind}" if not guessed else f"A secret seems to be committed: {kind}"
    return Finding(
        path=path,
        line=first.number,
        end_line=place[-1].number if len(place) > 1 else None,
        quote="\n".join(line.text for line in place),
        severity=Severity.MEDIUM if guessed and _NOT_IN_USE.search(path) else Severity.CRITICAL,
        category="security",
        confidence=1.0,
        title=title,
        body=_body(path, others, guessed=guessed),
        source=CommittedSecrets.name,
    )


def _body(path: str, others: list[int], *, guessed: bool) -> str:
    held = is_secret_file(path)
    move = f"take this {held} out of the repository" if held else "read it from the environment or a secret store"
    sentences = [
        f"{'If it is a real one, revoke' if guessed else 'Revoke'} it, because it stays in the history, and {move}.",
    ]
    if others:
        shown = ", ".join(map(str, others[:_LISTED])) + (", …" if len(others) > _LISTED else "")
        sentences.append(f"More stand in this file, in {'line' if len(others) == 1 else 'lines'} {shown}.")
    return " ".join(sentences)
