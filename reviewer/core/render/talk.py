"""The words of answers to commands."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.core.render.acts import why_mark
from reviewer.core.render.harmless import code_span, harmless, harmless_line
from reviewer.core.render.packed import login_in_mark
from reviewer.core.render.words import COMMENT_LIMIT, many, state_mark, within
from reviewer.core.types import Dismissal

ANSWER_MARK = "<!-- reviewer:answer="  # begins the mark of every answer of ours
MOST_SHOWN = 50  # dismissals in one answer
_CLOSES = "`/dismiss REASON` closes it."
UNREASONED = f"That names no fact because of which the finding would be wrong, so it stays open; {_CLOSES}"
ORDERED = f"Something that is shown there gives orders to reviewers, so the finding is left to people; {_CLOSES}"
UNSURE = f"The finding blocks, and a second look was not convinced, so it stays open; {_CLOSES}"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of the configuration as its file would have it, and where it comes from."""

    key: str
    value: str
    source: str


def answer_mark(key: str) -> str:
    """How an answer is found again: `key` names it on the whole pull request."""
    return f"{ANSWER_MARK}{key} -->"


def dismissed_mark(login: str, reason: str = "") -> str:
    """In the thread of a finding: it is dismissed by this person, and why."""
    return "\n".join(filter(None, [state_mark("dismissed", login_in_mark(login)), why_mark(reason)]))


def answer_body(parts: Sequence[str], *, key: str, marks: Sequence[str] = ()) -> str:
    """A whole answer; `parts` are made of the functions below, or sentences of ours."""
    return within("\n\n".join(parts), COMMENT_LIMIT, "\n".join([*marks, answer_mark(key)]))


def refused(sentence: str) -> str:
    """A sentence that may hold strangers' words."""
    return harmless(sentence)


def help_text(rows: Sequence[tuple[str, str, str]], bot: str) -> str:
    """`rows` are (usage, what it does, the permission that it needs)."""
    lines = [f"- {code_span(usage)}: {does} ({needs})" for usage, does, needs in rows]
    also = f", or as {code_span(f'@{bot} help')} and so on" if bot else ""
    return "\n".join([f"At the start of a line{also}, with the permission that is named:", "", *lines])


def dismissed_text(login: str, reason: str, count: int) -> str:
    what = "Dismissed" if count == 1 else f"Dismissed, all {count:,} findings of this comment,"
    why = f": {harmless_line(reason).rstrip('.')}." if reason else "."
    hint = " It is not said again and does not block." if count == 1 else " They are not said again and do not block."
    return f"{what} by {code_span(login)}{why}{hint}"


def answered_text(answer: str, *, before: bool = False) -> str:
    """What the model answered; `before`: to the same question, asked earlier."""
    return harmless(answer) + ("\n\n(answered before)" if before else "")


def convinced_text(answer: str) -> str:
    """The answer to somebody who has convinced us and may not dismiss anything."""
    hint = "Somebody with write permission can dismiss the finding with `/dismiss`."
    return "\n\n".join(filter(None, [harmless(answer), hint]))


def unreasoned_text(answer: str) -> str:
    """The answer to somebody who has convinced us, we do not say of what."""
    return "\n\n".join(filter(None, [harmless(answer), UNREASONED]))


def unsure_text(answer: str) -> str:
    """The answer to somebody who has convinced us once, but not twice, of a finding that blocks."""
    return "\n\n".join(filter(None, [harmless(answer), UNSURE]))


def unanswered_text(problem: str) -> str:
    """In a thread of ours, to somebody with whom nothing could be talked over."""
    return f"I could not answer: {harmless(problem)}"


def cut_note(limit: int) -> str:
    return f"(I read the first {limit:,} characters of the question.)"


def forget_id(dismissal: Dismissal) -> str:
    """What a dismissal is called in `/config`."""
    text = f"{dismissal.number}\0{dismissal.name}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def config_text(settings: Sequence[Setting], problems: Sequence[str], dismissals: Sequence[Dismissal]) -> str:
    """The settings, what is wrong in their file, and what people have dismissed."""
    rows = [f"| {_cell(each.key)} | {_cell(each.value)} | {harmless_line(each.source)} |" for each in settings]
    parts = ["\n".join(["| key | value | from |", "|---|---|---|", *rows])]
    if problems:
        parts.append("\n".join(f"- {harmless_line(problem)}" for problem in problems))
    if not dismissals:
        return "\n\n".join([*parts, "Nothing was dismissed in this repository."])
    shown = dismissals[:MOST_SHOWN]
    lines = [_dismissal(each) for each in shown]
    if left := len(dismissals) - len(shown):
        lines.append(f"- and {left:,} more")
    head = f"{many(len(dismissals), 'dismissal')} in this repository, not said again; `/config forget ID` forgets one:"
    return "\n\n".join([*parts, head, "\n".join(lines)])


def forgotten_text(dismissal: Dismissal) -> str:
    """A thread goes on to tell what was done in it: only people can take that back."""
    back = "unresolve it, take the 👎 back, or delete my answer there that says so"
    there = f"On pull request {dismissal.number} its thread still says that it is dismissed: {back}."
    return f"Forgotten: {_title(dismissal)}. It may be said again. {there}"


def _dismissal(each: Dismissal) -> str:
    by = f" by {code_span(each.by)}" if each.by else ""
    why = f": {harmless_line(each.reason)}" if each.reason else ""
    place = code_span(each.path)
    return f"- {code_span(forget_id(each))} · {place} · {_title(each)} · in {each.number}{by}{why}"


def _title(dismissal: Dismissal) -> str:
    """As it stands in our own comment, where it was made harmless before."""
    return harmless_line(html.unescape(dismissal.title)) or "a finding"


def _cell(text: str) -> str:
    """In a table a bar ends the cell, even within code."""
    return code_span(text).replace("|", "\\|")
