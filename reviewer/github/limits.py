"""GitHub's limits on what a check run and its annotations may hold, and texts cut to fit them."""

from __future__ import annotations

from typing import Any

from reviewer.core.types import Annotation

# https://docs.github.com/rest/checks/runs
CHECK_TEXT = 65_535  # characters, of the summary and of the text each
TITLE = 255  # characters
MESSAGE = 64 * 1024  # bytes of an annotation's message
LONGEST_TAIL = 2_000  # characters that are given up to cut at a line end
ANNOTATIONS = 50  # in one request; later requests append
ACTIONS = 3  # buttons
ACTION_LABEL, ACTION_DESCRIPTION = 20, 40  # characters

CUT = "*Cut here: GitHub takes no more than {limit:,} characters.*"


def cut(text: str, limit: int = CHECK_TEXT) -> str:
    """The text when it fits, else its first lines, open folds and code blocks closed, and a sentence that says so."""
    if len(text) <= limit:
        return text
    note = "\n\n" + CUT.format(limit=limit)
    room = limit - len(note)
    kept = _shorter(text[:room])
    while (over := len(kept) + len(_closing(kept)) - room) > 0:
        kept = _shorter(kept[:-over])
    return kept + _closing(kept) + note


def _shorter(text: str) -> str:
    """Without its last line, or without the end of it when that line is very long."""
    end = text.rfind("\n")
    return text[: max(end, len(text) - LONGEST_TAIL, 0)]


def _closing(text: str) -> str:
    """What closes the code block and the folds that are still open at the end of `text`."""
    fence, folds = "", 0
    for line in text.split("\n"):
        mark = line.lstrip(" ")
        if fence:
            fence = "" if mark.startswith(fence) and not mark.strip(fence[0] + " ") else fence
        elif mark.startswith(("```", "~~~")):
            fence = mark[: len(mark) - len(mark.lstrip(mark[0]))]
        else:
            folds += line.count("<details") - line.count("</details>")
    return (f"\n{fence}" if fence else "") + "\n\n</details>" * max(folds, 0)


def annotation(entry: Annotation) -> dict[str, Any]:
    """An annotation as the checks API takes it."""
    return {
        "path": entry.path,
        "start_line": entry.start_line,
        "end_line": entry.end_line,
        "annotation_level": entry.level,
        "title": entry.title[:TITLE],
        "message": entry.message.encode("utf-8", "replace")[:MESSAGE].decode("utf-8", "ignore"),
    }
