"""Moves inline comments along when the head moves: to the line's new number, or to nowhere when it is gone."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.standin.changes import Change, changes
from reviewer.standin.records import Pull, ReviewComment
from reviewer.standin.repository import GitRepository
from reviewer.standin.rules import OffTheDiff, find_spot


def follow(git: GitRepository, pull: Pull, diff: Sequence[Change]) -> None:
    """After a push: each comment's line in the new head, None (outdated) when it left the diff."""
    for comment in pull.comments:
        carry(git, comment, pull.head_sha, diff)


def carry(git: GitRepository, comment: ReviewComment, head: str, diff: Sequence[Change]) -> None:
    """The comment onto `head`; `diff` is what the pull request changes there. Its path stays as it was written.

    What is outdated stays so though a later commit brings the line back, until the head is one where it stood.
    """
    outdated = comment.line is None and head not in comment.stood
    comment.commit_id = head
    comment.line, comment.start_line = (None, None) if outdated else _place(git, comment, head)
    if comment.line is None or not _stands(comment, diff):
        comment.line = comment.start_line = None
    else:
        comment.stood.add(head)


def _place(git: GitRepository, comment: ReviewComment, head: str) -> tuple[int | None, int | None]:
    """The line and the first line, where the comment is about several."""
    moved = changes(git, comment.original_commit_id, head)
    line, first = _moved(comment.original_line, comment, moved), comment.original_start_line
    if first is None:
        return line, None
    start = _moved(first, comment, moved)
    return (None if start is None else line), start


def _moved(line: int, comment: ReviewComment, moved: Sequence[Change]) -> int | None:
    """Where `line` of the comment's own commit lies now; lines of the old file stay where they are."""
    change = next((each for each in moved if each.old_path == comment.path), None)
    if comment.side == "LEFT" or change is None:
        return line
    shift = 0
    for hunk in change.hunks:
        found = hunk.find(line, "LEFT")
        if found is not None:
            return hunk.rows[found].new
        olds = [row.old for row in hunk.rows if row.old is not None]
        if olds and olds[-1] < line:
            shift += sum(row.kind == "+" for row in hunk.rows) - sum(row.kind == "-" for row in hunk.rows)
    return line + shift


def _stands(comment: ReviewComment, diff: Sequence[Change]) -> bool:
    place = {"path": comment.path, "line": comment.line, "side": comment.side}
    if comment.start_line is not None:
        place |= {"start_line": comment.start_line, "start_side": comment.start_side}
    try:
        find_spot(diff, place)
    except OffTheDiff:
        return False
    return True
