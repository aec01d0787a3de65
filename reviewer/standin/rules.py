"""What GitHub refuses about reviews, comments and check runs, with the words it uses for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reviewer.standin.calls import Refusal, invalid
from reviewer.standin.changes import Change, Hunk
from reviewer.standin.records import Limits

Json = Mapping[str, Any]

EVENTS = {"COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED"}
_CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out"}
_STATUSES = {"queued", "in_progress", "completed", "waiting", "requested", "pending"}
_ACTION_LIMITS = {"label": 20, "description": 40, "identifier": 20}
_MESSAGE = 65_536  # bytes of an annotation's message
REACTIONS = {"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}
_THREAD = "Pull request review thread"


class Spot(NamedTuple):
    """Where a comment stands, after GitHub looked it up in the diff."""

    change: Change
    side: str
    line: int
    start_side: str | None
    start_line: int | None
    diff_hunk: str


class OffTheDiff(Exception):
    """The comment's place is not in the diff; `field` names what is wrong and the text says it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def find_spot(changes: Sequence[Change], comment: Json) -> Spot:
    """Where in the diff the comment's path, line, side, start_line and start_side (or position) lie."""
    change = next((each for each in changes if each.path == comment.get("path")), None)
    if change is None:
        raise OffTheDiff("path", f"{_THREAD} path is invalid")
    if comment.get("line") is None and comment.get("position") is not None:
        return _by_position(change, comment["position"])
    line, side = comment.get("line"), comment.get("side") or "RIGHT"
    if not isinstance(line, int) or isinstance(line, bool) or side not in {"LEFT", "RIGHT"}:
        raise OffTheDiff("line", f"{_THREAD} line is invalid")
    hunk, end = _row_at(change, line, side, what="line")
    start, start_side = comment.get("start_line"), comment.get("start_side") or side
    if start is not None:
        _check_start(change, hunk, start=start, side=start_side, end=end)
    return Spot(change, side, line, None if start is None else start_side, start, _shown(hunk, end))


def _row_at(change: Change, line: int, side: str, *, what: str) -> tuple[Hunk, int]:
    for hunk in change.hunks:
        at = hunk.find(line, side)
        if at is not None:
            return hunk, at
    raise OffTheDiff(what, f"{_THREAD} {what.replace('_', ' ')} must be part of the diff")


def _check_start(change: Change, hunk: Hunk, *, start: object, side: str, end: int) -> None:
    if not isinstance(start, int) or side not in {"LEFT", "RIGHT"}:
        raise OffTheDiff("start_line", f"{_THREAD} start line is invalid")
    start_hunk, begin = _row_at(change, start, side, what="start_line")
    if start_hunk is not hunk and start_hunk != hunk:
        raise OffTheDiff("start_line", f"{_THREAD} start line must be part of the same hunk as the line.")
    if begin >= end:
        raise OffTheDiff("start_line", f"{_THREAD} start line must precede the end line.")


def _by_position(change: Change, position: object) -> Spot:
    """The old way: lines counted from below the file's first hunk header."""
    at = 0
    for number, hunk in enumerate(change.hunks):
        at += number > 0
        for index, row in enumerate(hunk.rows):
            at += 1
            if at == position:
                side = "LEFT" if row.kind == "-" else "RIGHT"
                return Spot(change, side, row.number(side) or 0, None, None, _shown(hunk, index))
    raise OffTheDiff("position", f"{_THREAD} position is invalid")


def _shown(hunk: Hunk, end: int) -> str:
    return "\n".join((hunk.header, *(row.kind + row.text for row in hunk.rows[: end + 1])))


def check_body(body: object, limits: Limits, *, resource: str) -> str:
    """A comment's text; blank and too long ones are refused."""
    if not isinstance(body, str) or not body.strip():
        raise invalid(resource, "body", code="missing_field")
    if len(body) > limits.comment:
        raise invalid(resource, "body", f"body is too long (maximum is {limits.comment} characters)")
    return body


def check_review(body: Json, changes: Sequence[Change], limits: Limits) -> list[Spot]:
    """The places of a review's comments. All or nothing: one comment that cannot stand refuses the whole review."""
    event, text = body.get("event"), body.get("body") or ""
    if event is not None and event not in EVENTS:
        raise _unprocessable(f"Event {event!r} is invalid")
    if event in {"COMMENT", "REQUEST_CHANGES"} and not text.strip():
        raise _unprocessable("Body can't be blank")
    if len(text) > limits.comment:
        raise _unprocessable(f"Body is too long (maximum is {limits.comment} characters)")
    spots, problems = [], []
    for comment in body.get("comments") or ():
        if not isinstance(comment, dict):
            raise _unprocessable(f"For 'items', {comment!r} is not an object.")
        said = comment.get("body")
        if not isinstance(said, str) or not said.strip():
            problems.append(f"{_THREAD} body can't be blank")
        elif len(said) > limits.comment:
            problems.append(f"{_THREAD} body is too long (maximum is {limits.comment} characters)")
        try:
            spots.append(find_spot(changes, comment))
        except OffTheDiff as off:
            problems.append(off.sentence)
    if problems:
        raise _unprocessable(*dict.fromkeys(problems))  # GitHub does not say which entry it was
    return spots


def _unprocessable(*sentences: str) -> Refusal:
    return Refusal(422, "Unprocessable Entity", errors=sentences)


def check_check_run(body: Json, limits: Limits, *, new: bool) -> None:
    """Refuses what GitHub refuses of a check run, new or updated."""
    status, conclusion = body.get("status"), body.get("conclusion")
    if status is not None and status not in _STATUSES:
        raise invalid("CheckRun", "status", code="invalid")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise invalid("CheckRun", "conclusion", code="invalid")
    if status == "completed" and conclusion is None:
        raise invalid("CheckRun", "conclusion", code="missing_field")
    actions = body.get("actions") or ()
    if len(actions) > limits.actions:
        raise invalid("CheckRun", "actions", f"Only {limits.actions} actions are allowed")
    for action in actions:
        for name, most in _ACTION_LIMITS.items():
            if not 0 < len(action.get(name) or "") <= most:
                raise invalid("CheckRun", f"actions.{name}", f"{name} must have 1 to {most} characters")
    if body.get("output") is not None:
        _check_output(body["output"], limits, needed=("title", "summary") if new else ("summary",))


def _check_output(output: Json, limits: Limits, *, needed: Sequence[str]) -> None:
    for name in needed:
        if not output.get(name):
            raise invalid("CheckRun", f"output.{name}", code="missing_field")
    for name in ("summary", "text"):
        if len(output.get(name) or "") > limits.check_text:
            raise invalid("CheckRun", f"output.{name}", f"Only {limits.check_text} characters are allowed")
    annotations = output.get("annotations") or ()
    if len(annotations) > limits.annotations:
        raise invalid("CheckRun", "annotations", f"Only {limits.annotations} annotations are allowed per request")
    for annotation in annotations:
        _check_annotation(annotation)


def _check_annotation(annotation: Json) -> None:
    for name in ("path", "start_line", "end_line", "annotation_level", "message"):
        if annotation.get(name) in {None, ""}:
            raise invalid("CheckAnnotation", name, code="missing_field")
    if annotation["annotation_level"] not in {"notice", "warning", "failure"}:
        raise invalid("CheckAnnotation", "annotation_level", code="invalid")
    if annotation["end_line"] < annotation["start_line"] or annotation["start_line"] < 1:
        raise invalid("CheckAnnotation", "end_line", code="invalid")
    columns = annotation.get("start_column") is not None or annotation.get("end_column") is not None
    if columns and annotation["end_line"] != annotation["start_line"]:
        raise invalid("CheckAnnotation", "start_column", code="invalid")
    if len(annotation["message"].encode()) > _MESSAGE:
        raise invalid("CheckAnnotation", "message", "message exceeds 64 KB")
