"""The files of the base branch that shape a review: the repository's configuration and its guidelines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

CONFIG_PATHS = (".github/reviewer.yml", ".reviewer.yml")  # the first that is there counts
ATTRIBUTES = ".gitattributes"
GUIDELINE_LIMIT = 8_000  # characters of one file: about 2,000 tokens in every call
GUIDELINES_LIMIT = 16_000  # characters of all together in one call
INSTRUCTIONS_LIMIT = 8_000  # characters of the configuration's own instructions in one call
MOST_GLOBS = 50  # of one file: each is tried on each path

Guideline = tuple[str, str]  # (path, text)
Matches = Callable[[str, str], bool]  # (path, glob); raises ValueError for a glob that cannot be used


@dataclass(frozen=True, slots=True)
class Scoped:
    """A file of guidelines for the paths that fit one of its globs."""

    path: str
    globs: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the guideline files of a base branch say: to every call, to some paths, and what to tell about them."""

    general: tuple[Guideline, ...] = ()
    scoped: tuple[Scoped, ...] = ()
    notes: tuple[str, ...] = ()


def guidance(texts: Mapping[str, str | None], paths: Sequence[str], *, matches: Matches) -> Guidance:
    """Out of the files that the configuration names; one with a front matter `applyTo` is for those paths only."""
    files, unclear = scoped({path: texts.get(path) for path in paths}, matches=matches)
    named = {file.path for file in files}
    present = ((path, (texts.get(path) or "").strip()) for path in dict.fromkeys(paths) if path not in named)
    return Guidance(tuple((path, text) for path, text in present if text), files, unclear)


def first_of(paths: Sequence[str], texts: Mapping[str, str | None]) -> tuple[str, str]:
    """(path, text) of the first file that is there, ("", "") where none is."""
    return next(((name, text) for name in paths if (text := texts.get(name)) is not None), ("", ""))


def capped(
    guidelines: Sequence[Guideline], *, room: int = GUIDELINES_LIMIT
) -> tuple[tuple[Guideline, ...], tuple[str, ...]]:
    """The guidelines within the limits, and a sentence for each that was cut."""
    kept, notes = [], []
    for path, text in guidelines:
        limit = min(GUIDELINE_LIMIT, room)
        if len(text) > limit:
            notes.append(f"Guidelines in {path} were cut: {limit:,} of {len(text):,} characters were read.")
        if text[:limit]:
            kept.append((path, text[:limit]))
        room -= len(text[:limit])
    return tuple(kept), tuple(notes)


def capped_instructions(
    texts: Sequence[str], *, room: int = INSTRUCTIONS_LIMIT
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The configuration's instructions for one call, each in its place, the last ones cut; a sentence when any was."""
    kept, limit = [], room
    for text in texts:
        kept.append(text[:room])
        room -= len(kept[-1])
    if sum(map(len, texts)) <= limit:
        return tuple(kept), ()
    cut = f"one call reads the first {limit:,} characters of those that apply to its files"
    return tuple(kept), (f"The configuration's instructions were cut: {cut}.",)


def scoped(texts: Mapping[str, str | None], *, matches: Matches) -> tuple[tuple[Scoped, ...], tuple[str, ...]]:
    """The files that name their paths in a front matter (`applyTo: "glob,glob"`), and what is wrong in them.

    In the order of their paths. Without `applyTo` a file waits for a person to add it, and with `excludeAgent:
    "code-review"` it is for others: neither is read.
    """
    found, notes = [], []
    for path, raw in sorted(texts.items()):
        head, text = _front_matter(raw or "")
        if "applyTo" not in head or head.get("excludeAgent") == "code-review" or not text:
            continue
        globs, problems = _globs(head["applyTo"], matches)
        notes += [f"`applyTo` in {path}: {problem}" for problem in problems]
        if globs:
            found.append(Scoped(path, globs, text))
    return tuple(found), tuple(notes)


def for_paths(
    files: Sequence[Scoped], paths: Sequence[str], *, matches: Matches, room: int = GUIDELINES_LIMIT
) -> tuple[tuple[Guideline, ...], tuple[str, ...]]:
    """Those that apply to any of `paths`, within `room` characters, and a sentence for each that has no place."""
    kept, notes = [], []
    for file in files:
        if not any(matches(path, glob) for glob in file.globs for path in paths):
            continue
        text = file.text[: max(0, min(GUIDELINE_LIMIT, room))]
        room -= len(text)
        if text:
            kept.append((file.path, text))
        if len(text) == GUIDELINE_LIMIT < len(file.text):
            notes.append(
                f"Guidelines in {file.path} were cut: {len(text):,} of {len(file.text):,} characters were read."
            )
        elif len(text) < len(file.text):
            limit = f"{GUIDELINES_LIMIT:,} characters of guidelines"
            notes.append(f"Guidelines in {file.path} were cut: one call has room for {limit} in all.")
    return tuple(kept), tuple(notes)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Its keys with their values out of quotes, and the text below; no keys where there is no front matter."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff").strip()
    head, closing, body = text.removeprefix("---\n").partition("\n---")
    below, _, rest = body.partition("\n")
    if not text.startswith("---\n") or not closing or below.strip():
        return {}, text
    pairs = (line.partition(":") for line in head.split("\n"))
    return {key.strip(): _unquoted(value) for key, _, value in pairs}, rest.strip()


def _unquoted(value: str) -> str:
    value = value.strip()
    if value[:1] in {'"', "'"}:
        return value[1:].partition(value[0])[0].strip()
    return value.partition(" #")[0].strip()


def _globs(listed: str, matches: Matches) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The globs between the commas (those in braces aside), and a sentence for each that cannot be used."""
    globs, problems = [], []
    listed = listed.strip("[]") if listed[:2] in {'["', "['"} else listed
    names = [name for part in _split(listed) if (name := part.strip().strip("\"'"))]
    if not names:
        return (), ("it is empty: write globs with commas between them.",)
    if len(names) > MOST_GLOBS:
        problems.append(f"the first {MOST_GLOBS} of {len(names)} globs are used.")
    for glob in names[:MOST_GLOBS]:
        try:
            matches("a", glob)
        except ValueError as error:
            problems.append(f"`{glob[:100]}` is left out: it should be {error}.")
        else:
            globs.append(glob)
    return tuple(globs), tuple(problems)


def _split(listed: str) -> list[str]:
    """At the commas outside of braces."""
    parts, begun, depth = [], 0, 0
    for at, char in enumerate(listed):
        depth = max(depth + (char == "{") - (char == "}"), 0)
        if char == "," and not depth:
            parts.append(listed[begun:at])
            begun = at + 1
    return [*parts, listed[begun:]]
