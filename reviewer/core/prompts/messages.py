"""Makes the messages for the model out of a prompt file and the data of strangers, which can never speak as the system.

By how often a part changes, so that a provider's prompt cache (exact prefixes) serves the most: the rules, what a
repository says of all its reviews, what it says of these files, examples, the pull request's own words, what people
dismissed in files like these, the diff. What was dismissed comes so late because it differs from call to call of one
pull request, and its own words do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from reviewer.core.prompts.examples import Example
from reviewer.core.prompts.fences import fenced
from reviewer.core.prompts.file import PromptFile, filled
from reviewer.core.prompts.learned import told_dismissal
from reviewer.core.prompts.tools import CONFIRM_TOOL, REPORT_TOOL
from reviewer.core.types import Batch, Dismissal, Placed, Prompt, Tool

TITLE_LIMIT, BODY_LIMIT = 300, 4_000  # characters of the pull request's own words; the diff is what counts
INSTRUCTIONS_INTRO = "From this repository's maintainers, on what to look for or to leave out; it changes nothing else:"
PATH_INSTRUCTIONS_INTRO = "From this repository's maintainers, likewise, on the files below:"
EXAMPLES_INTRO = "Examples, from other code:"
DISMISSED_INTRO = (
    "Dismissed in this repository: its people looked at these findings and did not want them. Do not report the like "
    "again, unless it would be critical:"
)

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)  # what a person does not see has nothing to say here
_LANGUAGE = re.compile(r"[^\W\d_][\w -]{0,34}")  # BCP 47 tags are at most 35 characters


def review_prompt(
    file: PromptFile,
    *,
    batch: Batch,
    title: str = "",
    body: str = "",
    instructions: Sequence[str] = (),
    path_instructions: Sequence[str] = (),
    guidelines: Sequence[tuple[str, str]] = (),
    examples: Sequence[Example] = (),
    dismissed: Sequence[Dismissal] = (),
    language: str = "en",
    temperature: float | None = None,
    effort: str | None = None,
    cache_key: str = "",
) -> Prompt:
    """One call for one batch. `guidelines` are (path, text); settings that are None are the prompt file's.

    Both instructions come from the base branch's configuration, so they stand outside the fences; those for all files
    at the end of the system's part, those for this batch's files behind what all batches of the repository share.
    """
    spoken = {"language": _language(language), "instructions": _told(INSTRUCTIONS_INTRO, instructions)}
    parts = {
        "guidelines": "\n".join(fenced("guidelines", text, path=path) for path, text in guidelines),
        "path_instructions": _told(PATH_INSTRUCTIONS_INTRO, path_instructions),
        "examples": _told(EXAMPLES_INTRO, [example.text for example in examples]),
        "pull": fenced("pull request", pull_text(title, body)),
        "dismissed": _dismissed(dismissed),
        "diff": fenced("diff", "".join(chunk.text for chunk in batch.chunks)),
    }
    return prompt_of(file, REPORT_TOOL, spoken, parts, temperature=temperature, effort=effort, cache_key=cache_key)


def confirm_prompt(
    file: PromptFile,
    *,
    findings: Sequence[tuple[str, Placed]],
    code: str,
    language: str = "en",
    temperature: float | None = None,
    effort: str | None = None,
    cache_key: str = "",
) -> Prompt:
    """One call for several (id, finding); `code` is the text of the chunks that they talk about.

    The findings go as a JSON array on one line, without severity and confidence: those argue and prove nothing.
    """
    claims = json.dumps([_claim(name, placed) for name, placed in findings], ensure_ascii=False)
    parts = {"findings": fenced("findings", claims), "code": fenced("code", code)}
    spoken = {"language": _language(language)}
    return prompt_of(file, CONFIRM_TOOL, spoken, parts, temperature=temperature, effort=effort, cache_key=cache_key)


def _claim(name: str, placed: Placed) -> dict[str, object]:
    finding = placed.finding
    return {
        "id": name,
        "path": finding.path,
        "line": placed.anchor.line if placed.anchor else finding.line,
        "quote": finding.quote,
        "title": finding.title,
        "body": finding.body,
    }


def _told(intro: str, texts: Sequence[str]) -> str:
    told = "\n".join(text.strip() for text in texts if text.strip())
    return f"{intro}\n{told}" if told else ""


def _dismissed(dismissals: Sequence[Dismissal]) -> str:
    """A model wrote the titles about a stranger's code, and people the reasons: fenced like all the rest."""
    block = fenced("dismissed findings", "\n".join(map(told_dismissal, dismissals)))
    return _told(DISMISSED_INTRO, [block])


def pull_text(title: str, body: str) -> str:
    """The pull request's own words, cut to what they are worth."""
    title = _cut(" ".join(title.split()), TITLE_LIMIT)
    body = _cut(shown_text(body), BODY_LIMIT)
    return "\n".join(line for line in (f"Title: {title}" if title else "", body) if line)


def shown_text(markdown: str) -> str:
    """Without HTML comments."""
    return _COMMENT.sub("", markdown).replace("\r\n", "\n").strip()


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]} … [cut]"


def prompt_of(
    file: PromptFile,
    tool: Tool,
    spoken: Mapping[str, str],
    parts: Mapping[str, str],
    *,
    temperature: float | None,
    effort: str | None,
    cache_key: str,
) -> Prompt:
    """The prompt of a file: `spoken` fills its part for the system, `parts` the one for the user."""
    effort = effort or file.effort
    instructions = spoken.get("instructions", "")
    rules = _message(file.system, {**spoken, "instructions": ""})
    thinks = effort is not None and effort != "none"
    return Prompt(
        system=_message(file.system, spoken),
        user=_message(file.user, parts),
        tool=tool,
        version=file.label,
        max_output=file.max_output,
        temperature=None if thinks else (file.temperature if temperature is None else temperature),
        effort=effort,
        cache_key=cache_key,
        seed=file.seed,
        parts={"rules": rules, "instructions": instructions, **parts},
    )


def _message(template: str, values: Mapping[str, str]) -> str:
    """The template's paragraphs with their placeholders filled; a paragraph that comes out empty is left out."""
    paragraphs = (filled(paragraph, values).strip("\n") for paragraph in template.split("\n\n"))
    message = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return message.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate could not be sent


def _language(language: str) -> str:
    """A name or tag of a language; anything else that the configuration may hold there is English."""
    return language.strip() if _LANGUAGE.fullmatch(language.strip()) else "en"
