"""The files of the base branch that shape a review: the repository's configuration and its guidelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CONFIG_PATHS = (".github/reviewer.yml", ".reviewer.yml")  # the first that is there counts
GUIDELINE_LIMIT = 8_000  # characters of one file: about 2,000 tokens in every call
GUIDELINES_LIMIT = 16_000  # characters of all together


def first_of(paths: Sequence[str], texts: Mapping[str, str | None]) -> tuple[str, str]:
    """(path, text) of the first file that is there, ("", "") where none is."""
    return next(((name, text) for name in paths if (text := texts.get(name)) is not None), ("", ""))


def capped(
    texts: Mapping[str, str | None], paths: Sequence[str]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The guidelines that are present, within the limits, and a sentence for each that was cut."""
    kept, notes, room = [], [], GUIDELINES_LIMIT
    for path in dict.fromkeys(paths):
        text = (texts.get(path) or "").strip()
        if not text:
            continue
        limit = min(GUIDELINE_LIMIT, room)
        if len(text) > limit:
            notes.append(f"Guidelines in {path} were cut: {limit:,} of {len(text):,} characters were read.")
            text = text[:limit]
        room -= len(text)
        if text:
            kept.append((path, text))
    return tuple(kept), tuple(notes)
