"""Makes the message for a question in a conversation, and for a reply to a finding; all of it is strangers' text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.core.prompts.fences import fenced
from reviewer.core.prompts.file import PromptFile
from reviewer.core.prompts.messages import prompt_of, pull_text, shown_text
from reviewer.core.prompts.tools import ANSWER_TOOL, REPLY_TOOL
from reviewer.core.types import Prompt

SPOKEN, SPOKEN_LIMIT = 10, 4_000  # comments of a thread that are shown, the newest, and characters of all of them
COMMENT_LIMIT = 1_500  # characters of one
QUESTION_LIMIT = 2_000
FINDING_LIMIT = 3_000


@dataclass(frozen=True, slots=True)
class Matter:
    """A question and what the model is shown beside it, without secrets; "" where there is nothing of a kind.

    `diff` are the texts of chunks, `around` numbered lines of the file `path` on the head; `talk` is who said what
    before, oldest first; `standing` are the findings of the pull request, a line for each.
    """

    question: str
    title: str = ""
    body: str = ""
    finding: str = ""
    standing: tuple[str, ...] = ()
    diff: str = ""
    around: str = ""
    path: str = ""
    talk: tuple[tuple[str, str], ...] = ()


def ask_prompt(
    file: PromptFile,
    matter: Matter,
    *,
    reply: bool = False,
    temperature: float | None = None,
    effort: str | None = None,
    cache_key: str = "",
) -> Prompt:
    """One call. `reply`: the question is what somebody said about our finding; else it was put to us."""
    parts = {
        "pull": fenced("pull request", pull_text(matter.title, matter.body)),
        "standing": fenced("findings", "\n".join(f"- {_line(each)}" for each in matter.standing)),
        "finding": fenced("finding", _cut(matter.finding, FINDING_LIMIT)),
        "diff": fenced("diff", matter.diff),
        "around": fenced("around", matter.around, path=matter.path),
        "talk": fenced("said before", _talk(matter.talk)),
        "question": fenced("reply" if reply else "question", _cut(shown_text(matter.question), QUESTION_LIMIT)),
    }
    tool = REPLY_TOOL if reply else ANSWER_TOOL
    return prompt_of(file, tool, {}, parts, temperature=temperature, effort=effort, cache_key=cache_key)


def _talk(talk: Sequence[tuple[str, str]]) -> str:
    """A JSON object on each line, so that no comment can pose as another one; the newest that there is room for."""
    lines: list[str] = []
    room = SPOKEN_LIMIT
    for by, says in reversed(talk[-SPOKEN:]):
        line = json.dumps({"by": by, "says": _cut(shown_text(says), COMMENT_LIMIT)}, ensure_ascii=False)
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    return "\n".join(reversed(lines))


def _line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, limit: int) -> str:
    text = text.strip()
    return text if len(text) <= limit else f"{text[:limit]} … [cut]"
