"""The functions that the model is forced to call keep the rules of strict mode and the contract."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.core.findings.report import Entry
from reviewer.core.prompts import CONFIRM_TOOL, REPORT_TOOL
from reviewer.core.types import Tool
from reviewer.standin.model_rules import strict_problems


@pytest.mark.parametrize("tool", [REPORT_TOOL, CONFIRM_TOOL])
def test_the_schemas_keep_the_rules_of_strict_mode(tool: Tool) -> None:
    assert list(strict_problems(tool.schema)) == []


def test_the_schemas_are_those_of_the_contract() -> None:
    """The reader knows exactly the fields that the schema asks for."""
    fields = REPORT_TOOL.schema["properties"]["findings"]["items"]["properties"]
    assert (
        list(fields)
        == ["path", "line", "end_line", "quote", "severity", "category", "confidence", "title", "body", "suggestion"]
        == list(Entry.model_fields)
    )
    assert fields["severity"]["enum"] == ["critical", "high", "medium", "low"]
    assert [name for name, field in fields.items() if "null" in field["type"]] == ["end_line", "suggestion"]
    verdict = CONFIRM_TOOL.schema["properties"]["verdicts"]["items"]["properties"]
    assert set(verdict) == {"id", "holds", "reason"}


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "array", "items": {"type": "string"}}, "the root must be an object"),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": False}, "root: 'required' must include every key in properties"),
        ({"type": "object", "properties": {}, "required": []}, "root: 'additionalProperties' is required to be supplied and to be false"),
        ({"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}, "required": ["a"], "additionalProperties": False}, "root.a: 'maxLength' is not permitted"),
    ],
)  # fmt: skip
def test_the_rules_of_strict_mode_are_checked_for_real(schema: dict[str, Any], problem: str) -> None:
    """The walk that the schemas pass does find breaches."""
    assert list(strict_problems(schema)) == [problem]
