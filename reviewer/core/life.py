"""The life of a finding across pushes: open, fixed, outdated, dismissed, open again; decided from what GitHub shows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewer.core.types import Dismissal, How, Placed, Severity, Told

Place = Literal["there", "changed", "unseen"]
"""Of the lines that a finding was put on, on the head under review: they read as before; they do not, and all that
changed in the file was looked at; nobody can tell, as something of the file was not looked at."""


@dataclass(frozen=True, slots=True)
class Life:
    """What became of everything that was said, and of what was found now. Each finding is in one place, each told too.

    Of the findings: `standing` count, `dismissed` do not. Of what was said: `back` was fixed and is found again;
    `open` is not found by this look, but its lines read as before: whether it still holds has to be asked; `fixed` has
    gone with its lines; `outdated` has lost its lines, and nobody has looked at what is there now;
    `overruled` was not found by a full review that somebody asked for, although its lines read as before.
    """

    standing: tuple[Placed, ...]
    known: Mapping[str, str]  # fingerprint to the name under which it was said
    dismissed: tuple[Placed, ...] = ()
    back: tuple[Told, ...] = ()
    open: tuple[Told, ...] = ()
    fixed: tuple[Told, ...] = ()
    outdated: tuple[Told, ...] = ()
    overruled: tuple[Told, ...] = ()


def judge(
    findings: Sequence[Placed],
    told: Sequence[Told],
    known: Mapping[str, str],
    *,
    place: Callable[[Told], Place],
    trusted: Collection[str],
    unwanted: Callable[[Placed], bool] = lambda _placed: False,
) -> Life:
    """Tell the states apart.

    `known` gives for a finding's fingerprint the name under which it was said; `trusted` are the logins that may
    dismiss; `unwanted` is asked of what was never said here: whether people have dismissed it elsewhere.
    """
    by_name = {each.name: each for each in told}
    said = {
        placed.fingerprint: first for placed in findings if (first := by_name.get(known.get(placed.fingerprint, "")))
    }
    refused = {
        placed.fingerprint
        for placed in findings
        if (first := said.get(placed.fingerprint)) and dismissed_by(first, trusted)
    }
    refused |= {p.fingerprint for p in findings if p.fingerprint not in said and unwanted(p)}
    standing = tuple(placed for placed in findings if placed.fingerprint not in refused)
    found = {first.name for first in said.values()}
    left = [each for each in told if each.name not in found and not _settled(each, trusted, place)]
    now = {each.name: place(each) for each in left}
    back = [said[placed.fingerprint] for placed in standing if placed.fingerprint in said]
    return Life(
        standing=standing,
        known={name: first.name for name, first in said.items()},
        dismissed=tuple(placed for placed in findings if placed.fingerprint in refused),
        back=tuple(each for each in back if each.thread.state == "fixed"),
        open=tuple(each for each in left if now[each.name] == "there"),
        fixed=tuple(each for each in left if now[each.name] == "changed"),
        outdated=tuple(each for each in left if now[each.name] == "unseen"),
    )


def tried(told: Told, place: Callable[[Told], Place]) -> bool:
    """Whether somebody closed its thread and changed its lines: what is found there now is worth its own comment."""
    thread = told.thread
    closed = thread.resolved and not thread.ours and thread.state != "dismissed"
    return closed and place(told) != "there"


def dismissed_by(told: Told, trusted: Collection[str]) -> str:
    """The login of who dismissed it: by our command, by resolving its thread, or by 👎; "" when nobody did."""
    thread = told.thread
    if thread.state == "dismissed":
        return thread.by or "somebody"
    if thread.resolved and not thread.ours and thread.resolved_by in trusted:
        return thread.resolved_by
    return next((login for login in thread.refused_by if login in trusted), "")


def graver(placed: Placed, dismissed: Severity | None) -> bool:
    """Whether it is so much graver than what was dismissed that nobody has dismissed it: who waved a remark through has
    not waved a security hole through, whatever the two have in common. A severity that changes by one is a mood.
    """
    now = placed.finding.severity
    return now >= Severity.HIGH and (dismissed is None or now - dismissed > 1)


def who_may_matter(told: Sequence[Told]) -> tuple[str, ...]:
    """The logins whose permission decides something, in order, each once."""
    asked: dict[str, None] = {}
    for each in told:
        thread = each.thread
        if thread.state == "dismissed":
            continue
        if thread.resolved and not thread.ours and thread.resolved_by:
            asked[thread.resolved_by] = None
        asked |= dict.fromkeys(thread.refused_by)
    return tuple(asked)


def learned(
    life: Life, told: Sequence[Told], trusted: Collection[str], *, number: int, now: float
) -> tuple[Dismissal, ...]:
    """What GitHub tells of dismissals: by a button while it stood, then it is from `now` on that we know of it; and in
    words, as far as our own answer says when. All of it may be written down for this repository already.
    """
    still = {life.known.get(placed.fingerprint, placed.fingerprint) for placed in life.dismissed}
    pressed = [each for each in told if each.name in still and each.thread.state != "dismissed"]
    said = [each for each in told if each.thread.state == "dismissed" and each.thread.at]
    return (
        *(dismissal_of(each, number=number, by=by, at=now) for each in pressed if (by := dismissed_by(each, trusted))),
        *(
            dismissal_of(each, number=number, by=each.thread.by, at=each.thread.at, reason=each.thread.reason)
            for each in said
        ),
    )


def how_dismissed(told: Told, trusted: Collection[str]) -> How:
    """By which button; "" where our own answer says it, as many ways lead there."""
    thread = told.thread
    if thread.state == "dismissed":
        return ""
    resolved = thread.resolved and not thread.ours and thread.resolved_by in trusted
    return "resolved thread" if resolved else "thumbs down"


def dismissal_of(told: Told, *, number: int, by: str, at: float, reason: str = "", command: bool = False) -> Dismissal:
    """What is kept for the repository of a finding on its pull request `number`."""
    return Dismissal(
        number=number,
        name=told.name,
        path=told.path,
        code=told.code,
        context=context_of(told.name),
        category=told.category,
        severity=told.severity.word if told.severity else "",
        title=told.title,
        body=told.body,
        reason=reason,
        by=by,
        at=at,
        command=command,
    )


def context_of(name: str) -> str:
    """The digest in a fingerprint (`CODE-CONTEXT-CATEGORY`) of what stood around the code."""
    return name.split("-")[1] if name.count("-") >= 2 else ""


def stem_of(name: str) -> str:
    """The parts of a fingerprint that tell the line: code and what stood around it."""
    return "-".join(name.split("-")[:2])


def _settled(told: Told, trusted: Collection[str], place: Callable[[Told], Place]) -> bool:
    """Nothing more is to be said about it while it is not found. Who may not dismiss settles nothing by closing its
    thread, unless its lines were changed as well.
    """
    closed = told.thread.resolved and told.thread.ours
    return bool(dismissed_by(told, trusted)) or told.thread.state == "fixed" or closed or tried(told, place)
