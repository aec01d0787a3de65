"""Reads the arguments of `report_findings`: every good finding, and a sentence for each entry that is none.

Nothing is cut here, and no sentence repeats a word of the model's: neither has been searched for secrets.
"""

from __future__ import annotations

import math
import re
from itertools import accumulate
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from reviewer.core.findings.clean import clean_code, clean_line, clean_prose, unfenced
from reviewer.core.findings.salvage import entries_of
from reviewer.core.types import Finding, Report, Severity

SUGGESTION_LIMIT = 20_000  # characters: GitHub takes 65,536 in a comment
ALL_LIMIT = 4_000_000  # characters of all findings of an answer, so that memory stays bounded
LAST_LINE = 2**31 - 1  # GitHub's line numbers are 32-bit

MAX_FINDINGS = 200  # in one answer: more is a model that has lost its way
MAX_REJECTS = 20

UNSTATED_CONFIDENCE = 0.5

_NUMBER = re.compile(r"\s*[Ll]?(\d{1,10})(?!\d)")


def _line_number(value: object) -> int | None:
    """12, 12.0, "12", "L12", "12-14" -> 12; None for what is no line."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and (match := _NUMBER.match(value)):
        value = int(match[1])
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LAST_LINE:
        return None
    return value


def _confidence(value: object) -> float:
    """0.8, "0.8", "80%" -> 0.8; out of range is clamped, unreadable is an even chance: a finding is not lost for it."""
    try:
        number = float(str(value).strip().removesuffix("%"))
    except ValueError:
        return UNSTATED_CONFIDENCE
    if math.isnan(number):
        return UNSTATED_CONFIDENCE
    return min(1.0, max(0.0, number / 100 if str(value).strip().endswith("%") else number))


def _severity(value: object) -> Severity:
    try:
        return Severity.parse(str(value))
    except KeyError:
        raise ValueError("severity is none of critical, high, medium, low") from None


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        message = f"a text was expected, not {type(value).__name__}"
        raise ValueError(message)  # noqa: TRY004  # pydantic gathers ValueErrors only
    return value


def _suggestion(value: object) -> str | None:
    """Never cut: half a suggestion would be applied as it stands. An empty one would delete the line: not meant."""
    code = clean_code(unfenced(value)) if isinstance(value, str) else ""
    return code if code.strip() and len(code) <= SUGGESTION_LIMIT else None


def _path(value: object) -> str:
    return clean_code(_text(value)).strip().removeprefix("./")


class Entry(BaseModel):
    """One entry as a model wrote it, lenient where the meaning is clear."""

    model_config = ConfigDict(extra="ignore")

    path: Annotated[str, BeforeValidator(_path)]
    line: Annotated[int | None, BeforeValidator(_line_number)] = None
    end_line: Annotated[int | None, BeforeValidator(_line_number)] = None
    quote: Annotated[str, BeforeValidator(lambda value: clean_code(_text(value)))] = ""
    severity: Annotated[Severity, BeforeValidator(_severity)]
    category: Annotated[str, BeforeValidator(lambda value: clean_line(_text(value)))] = ""
    confidence: Annotated[float, BeforeValidator(_confidence)] = UNSTATED_CONFIDENCE
    title: Annotated[str, BeforeValidator(lambda value: clean_line(_text(value)))] = ""
    body: Annotated[str, BeforeValidator(lambda value: clean_prose(_text(value)))] = ""
    suggestion: Annotated[str | None, BeforeValidator(_suggestion)] = None

    @model_validator(mode="after")
    def _complete(self) -> Entry:
        if not self.path:
            raise ValueError("it names no path")
        if self.line is None and not self.quote.strip():
            raise ValueError("it has neither a line nor a quote")
        if not (self.title or self.body):
            raise ValueError("it says nothing: title and body are empty")
        return self

    def finding(self) -> Finding:
        line = self.line or 1  # without a number the quote alone places it
        return Finding(
            path=self.path,
            line=line,
            end_line=self.end_line if self.line and self.end_line and self.end_line > line else None,
            quote=self.quote,
            severity=self.severity,
            category=self.category or "logic",
            confidence=self.confidence,
            title=self.title or clean_line(self.body),
            body=self.body or self.title,
            suggestion=self.suggestion,
        )


def _sentence(number: int, error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_context=False, include_input=False)[0]
    problem = first["msg"].removeprefix("Value error, ")
    name = ".".join(str(part) for part in first["loc"])
    told = f"{name}: {problem}" if name and name not in problem else problem
    return f"Finding {number:,} was left out: {told}."


def _capped(findings: list[Finding], rejects: list[str]) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The gravest findings within the bounds, whole, and a bounded number of sentences."""
    if len(rejects) > MAX_REJECTS:
        rejects = [*rejects[:MAX_REJECTS], f"{len(rejects) - MAX_REJECTS:,} more entries were left out as well."]
    if len(findings) > MAX_FINDINGS:
        rejects = [*rejects, f"{len(findings):,} findings in one answer: only the gravest {MAX_FINDINGS} were kept."]
        findings = _gravest(findings)[:MAX_FINDINGS]
    if sum(map(_length, findings)) > ALL_LIMIT:
        ordered = _gravest(findings)
        kept = [
            each for each, used in zip(ordered, accumulate(map(_length, ordered)), strict=True) if used <= ALL_LIMIT
        ]
        left = f"{len(findings) - len(kept):,} of {len(findings):,} findings were left out"
        rejects = [*rejects, f"{left}: they say more than {ALL_LIMIT:,} characters."]
        findings = kept
    return tuple(findings), tuple(rejects)


def _gravest(findings: list[Finding]) -> list[Finding]:
    """The gravest first, in the model's order among equals."""
    return sorted(findings, key=lambda finding: -finding.severity)


def _length(finding: Finding) -> int:
    said = (finding.path, finding.quote, finding.category, finding.title, finding.body, finding.suggestion or "")
    return sum(map(len, said))


def parse_report(arguments: str) -> Report:
    """Never raises. The findings are as they were said, whole: `trimmed` cuts them once no secret is in them.

    `Report.malformed` also stands for a text that was cut off or is no report.
    """
    found = entries_of(arguments, "findings")
    findings: list[Finding] = []
    rejects: list[str] = []
    for number, entry in enumerate(found.entries, 1):
        try:
            findings.append(Entry.model_validate(entry).finding())
        except ValidationError as error:
            rejects.append(_sentence(number, error))
    if not found.whole:
        rejects.insert(0, "The model's answer was cut off or malformed: what could be read of it was kept.")
    kept, told = _capped(findings, rejects)
    return Report(findings=kept, rejects=told, malformed=not found.whole)
