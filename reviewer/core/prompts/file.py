"""Reads a prompt file: a head with name, version and settings, then the parts for the system and for the user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reviewer.core.errors import UsageError

_PARTS = re.compile(r"^## (system|user)[ \t]*$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A file of `prompts/`: its head, and the two parts with their placeholders."""

    name: str
    version: str
    max_output: int
    system: str
    user: str
    temperature: float | None = None
    effort: str | None = None
    seed: int | None = None

    @property
    def label(self) -> str:
        """`review@1`, of a variant `review.terse@1`: what a reader and the ledger call it."""
        return f"{self.name}@{self.version}"


def parse_prompt(text: str) -> PromptFile:
    """A head between two lines `---` (`key: value`), then `## system` and `## user`. Raises UsageError."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    opening, _, rest = text.partition("---\n")
    head, closing, body = rest.partition("\n---\n")
    if opening.strip() or not closing:
        raise UsageError("A prompt file begins with a head between two lines `---`: name, version and max_output.")
    fields = _fields(head)
    parts = _PARTS.split(body)
    if parts[1::2] != ["system", "user"]:
        raise UsageError("A prompt file has exactly two parts, `## system` and then `## user`.")
    try:
        return PromptFile(
            name=fields["name"],
            version=fields["version"],
            max_output=int(fields["max_output"]),
            system=parts[2].strip(),
            user=parts[4].strip(),
            temperature=float(fields["temperature"]) if "temperature" in fields else None,
            effort=fields.get("effort"),
            seed=int(fields["seed"]) if "seed" in fields else None,
        )
    except KeyError as error:
        raise UsageError(f"The prompt file's head lacks {error.args[0]!r}: add it.") from None
    except ValueError:
        raise UsageError(
            "In the prompt file's head temperature must be a number, max_output and seed whole ones."
        ) from None


def _fields(head: str) -> dict[str, str]:
    known = {"name", "version", "max_output", "temperature", "effort", "seed"}
    fields = {}
    for line in head.splitlines():
        key, _, value = line.partition(":")
        if not line.strip():
            continue
        if key.strip() not in known or not value.strip():
            raise UsageError(f"The prompt file's head has the line {line!r}: write `key: value`, keys {sorted(known)}.")
        fields[key.strip()] = value.strip()
    return fields


def placeholders(template: str) -> set[str]:
    """The names of what is to be filled in."""
    return set(_PLACEHOLDER.findall(template))


def filled(template: str, values: Mapping[str, str]) -> str:
    """One pass: what a value holds is never read as a placeholder. Raises UsageError for a placeholder without one."""
    unknown = placeholders(template) - set(values)
    if unknown:
        raise UsageError(f"The prompt file uses {sorted(unknown)}; known here: {sorted(values)}.")
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)
