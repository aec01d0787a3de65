"""The words of overrides and pauses: answers, what the check says, and the mark that a lost database is mended by."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from reviewer.core.render.harmless import code_span, harmless_line, plain
from reviewer.core.render.packed import fits_in_mark, login_in_mark, pack, unpack
from reviewer.core.render.words import many
from reviewer.core.types import Override, Pause, Placed

Seen = Literal["blocked", "clean", "nothing"]  # the verdict that an override is about; nothing: there was none

MOST_NAMED = 200  # findings that a mark names
_SHORT = 7  # digits of a SHA
_MARK = re.compile(
    r"<!-- reviewer:override=([0-9a-f]{7,64}):([\w-]{1,100}):([0-9]{1,12})"  # head, login, seconds
    r"((?::[\w-]{1,200})*)(?:::([a-z2-7]{1,4000}))? -->"  # names, reason in base 32
)


def label(placed: Placed) -> str:
    """A finding in a line of plain text: `high · shop.py:2 · Wrong sum`."""
    finding = placed.finding
    place = f"{finding.path}:{placed.anchor.line}" if placed.anchor else finding.path
    return " · ".join(plain(part) for part in (finding.severity.word, place, finding.title) if part)


def override_title(override: Override) -> str:
    """Without the reason, which is a person's own text: a title is no Markdown, and nothing in it can be made harmless.

    The check's summary has it.
    """
    return f"Overridden by {override.by}"


def override_lines(override: Override) -> str:
    """Who, when, on which head, why."""
    where = f"on {code_span(override.head[:_SHORT])}"
    why = f": {harmless_line(override.reason)}" if override.reason else "; the reason stands in the conversation."
    return f"Overridden by {code_span(override.by)} at {utc(override.at)} {where}{why}"


def override_mark(override: Override) -> str:
    """In our answer: who let which head pass, when, what blocked there, and why."""
    names = [name for name in list(override.findings)[:MOST_NAMED] if fits_in_mark(name)]
    parts = [override.head, login_in_mark(override.by), f"{max(int(override.at), 0)}", *names]
    why = pack(override.reason)
    return f"<!-- reviewer:override={':'.join(parts)}{why and '::'}{why} -->"


def overrides_in(text: str, number: int) -> Iterator[Override]:
    """What the marks in an answer of ours remember; the findings' labels they do not."""
    for head, login, at, names, why in _MARK.findall(text):
        known = {name: "" for name in names.split(":") if name}
        reason = unpack(why)
        run = f"read back {head[:_SHORT]} {at} {reason_id(reason)}"
        yield Override(number, head, login, reason, at=float(at), findings=known, run=run)


def reason_id(reason: str) -> str:
    """Tells the overrides of one comment apart."""
    return hashlib.sha256(reason.encode(errors="replace")).hexdigest()[:8]


def override_answer(override: Override, *, moved: bool, seen: Seen = "blocked") -> str:
    """`moved`: there is a newer head, and it had no verdict when the override was given."""
    head = code_span(override.head[:_SHORT])
    what = [f"- {code_span(each)}" for each in override.findings.values() if each]
    said = f"Overridden by {code_span(override.by)} for {head}: {harmless_line(override.reason).rstrip('.')}."
    newer = " That is the newest head that had a verdict then." if moved and seen != "nothing" else ""
    how = {
        "blocked": " The check passes for what was found there; what is found later blocks again.",
        "clean": " Nothing blocked there, so this lets nothing pass; what is found later blocks.",
        "nothing": " No verdict from before is known, so this lets no finding pass: give it again after the next one.",
    }[seen]
    return "\n".join([said + newer + how, *(["", "What blocked:", "", *what] if what else [])])


def left_title(title: str, left: Mapping[str, str]) -> str:
    """`left` still blocks, although nobody looked at this head: a label by name."""
    return f"{title}: {many(len(left), 'finding')} still {'blocks' if len(left) == 1 else 'block'}"


def left_lines(sentence: str, left: Mapping[str, str]) -> str:
    what = "\n".join(f"- {code_span(each or name)}" for name, each in left.items())
    return f"{sentence}\n\nWhat blocked at the last verdict still does:\n\n{what}"


def paused_sentence(pause: Pause) -> str:
    by = f"{code_span(pause.by)} has" if pause.by else "Somebody has"
    return f"{by} paused the reviews of this pull request: `/resume` brings them back, `/review` asks for one."


def pause_answer(pause: Pause, *, again: bool) -> str:
    if again:
        return paused_sentence(pause)
    return "Paused: what is pushed is not reviewed. `/resume` brings the reviews back, `/review` asks for one."


def utc(seconds: float) -> str:
    """Seconds since the epoch as `2026-11-22 18:05 UTC`."""
    days, rest = divmod(int(max(seconds, 0)), 86_400)
    era, day = divmod(days + 719_468, 146_097)  # days since 1 March of the year 0, in eras of 400 years
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153  # from March on
    date = (year + era * 400 + (month > 9), month + (-9 if month > 9 else 3), day - (153 * month + 2) // 5 + 1)
    return f"{date[0]}-{date[1]:02}-{date[2]:02} {rest // 3_600:02}:{rest % 3_600 // 60:02} UTC"


def overridden_part(override: Override, rows: Sequence[str]) -> str:
    """A part of the check's summary; `rows` are the findings that would block."""
    return "\n".join(["**Overridden**", "", override_lines(override), *(["", *rows] if rows else [])])
