"""Makes the messages for the model out of a prompt file and the data of strangers, which can never speak as the system.

What never changes comes first and the diff last, so that a provider's prompt cache (exact prefixes) serves the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from reviewer.core.prompts.fences import fenced
from reviewer.core.prompts.file import PromptFile, filled
from reviewer.core.prompts.tools import CONFIRM_TOOL, REPORT_TOOL
from reviewer.core.types import Batch, Placed, Prompt, Tool

TITLE_LIMIT, BODY_LIMIT = 300, 4_000  # characters of the pull request's own words; the diff is what counts
INSTRUCTIONS_INTRO = "From this repository's maintainers, on what to look for or to leave out; it changes nothing else:"

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)  # what a person does not see has nothing to say here
_LANGUAGE = re.compile(r"[^\W\d_][\w -]{0,34}")  # BCP 47 tags are at most 35 characters


def review_prompt(
    file: PromptFile,
    *,
    batch: Batch,
    title: str = "",
    body: str = "",
    instructions: Sequence[str] = (),
    guidelines: Sequence[tuple[str, str]] = (),
    language: str = "en",
    temperature: float | None = None,
    effort: str | None = None,
    cache_key: str = "",
) -> Prompt:
    """One call for one batch. `guidelines` are (path, text); settings that are None are the prompt file's.

    The instructions come from the base branch's configuration, so they alone stand in the system's part, at its end.
    """
    parts = {
        "guidelines": "\n".join(fenced(f"guidelines {json.dumps(path)}", text) for path, text in guidelines),
        "pull": fenced("pull request", _pull(title, body)),
        "diff": fenced("diff", "".join(chunk.text for chunk in batch.chunks)),
    }
    told = "\n".join(text.strip() for text in instructions if text.strip())
    spoken = {"language": _language(language), "instructions": f"{INSTRUCTIONS_INTRO}\n{told}" if told else ""}
    return _prompt(file, REPORT_TOOL, spoken, parts, temperature=temperature, effort=effort, cache_key=cache_key)


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
    return _prompt(file, CONFIRM_TOOL, spoken, parts, temperature=temperature, effort=effort, cache_key=cache_key)


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


def _pull(title: str, body: str) -> str:
    title = _cut(" ".join(title.split()), TITLE_LIMIT)
    body = _cut(_COMMENT.sub("", body).replace("\r\n", "\n").strip(), BODY_LIMIT)
    return "\n".join(line for line in (f"Title: {title}" if title else "", body) if line)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]} … [cut]"


def _prompt(
    file: PromptFile,
    tool: Tool,
    spoken: Mapping[str, str],
    parts: Mapping[str, str],
    *,
    temperature: float | None,
    effort: str | None,
    cache_key: str,
) -> Prompt:
    effort = effort or file.effort
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
    )


def _message(template: str, values: Mapping[str, str]) -> str:
    """The template's paragraphs with their placeholders filled; a paragraph that comes out empty is left out."""
    paragraphs = (filled(paragraph, values).strip("\n") for paragraph in template.split("\n\n"))
    message = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return message.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate could not be sent


def _language(language: str) -> str:
    """A name or tag of a language; anything else that the configuration may hold there is English."""
    return language.strip() if _LANGUAGE.fullmatch(language.strip()) else "en"
