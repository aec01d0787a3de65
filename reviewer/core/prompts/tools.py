"""The functions that the model is forced to call, as strict schemas.

Strict means: a root object, every field required, no further fields, an absent value as a null union, and no
`default`, `maxLength`, `allOf`, `not` or `if` (OpenAI, structured outputs). So lengths are capped after reading.
"""

from __future__ import annotations

from typing import Any

from reviewer.core.types import Severity, Tool

# What the defect is about; a word for people and for counting. Other words are accepted when read.
CATEGORIES = ("logic", "contract", "null", "concurrency", "state", "security", "performance", "text")


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list_of(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    return _object({name: {"type": "array", "items": entry}})


REPORT_TOOL = Tool(
    name="report_findings",
    description="Report the defects, or none.",
    schema=_list_of(
        "findings",
        _object(
            {
                "path": {"type": "string"},
                "line": {"type": "integer"},
                "end_line": {"type": ["integer", "null"], "description": "last line of a range, else null"},
                "quote": {"type": "string", "description": "text of that line, unchanged"},
                "severity": {"type": "string", "enum": [severity.word for severity in reversed(Severity)]},
                "category": {"type": "string", "enum": list(CATEGORIES)},
                "confidence": {"type": "number", "description": "0-1"},
                "title": {"type": "string", "description": "at most 12 words"},
                "body": {"type": "string"},
                "suggestion": {"type": ["string", "null"]},
            }
        ),
    ),
)

CONFIRM_TOOL = Tool(
    name="confirm_findings",
    description="Give a verdict on every claim.",
    schema=_list_of(
        "verdicts",
        _object(
            {
                "id": {"type": "string"},
                # Before `holds`: what is written first is what the answer can rest on.
                "reason": {"type": "string", "description": "the line that decides it, in at most 40 words"},
                "holds": {"type": "boolean"},
            }
        ),
    ),
)

ANSWER_TOOL = Tool(
    name="answer_question",
    description="Answer the question.",
    schema=_object({"answer": {"type": "string", "description": "Markdown, at most 200 words"}}),
)

REPLY_TOOL = Tool(
    name="answer_reply",
    description="Answer the reply, or say nothing.",
    schema=_object(
        {
            "reason": {"type": "string", "description": "the fact that decides it, in at most 30 words, or empty"},
            "convinced": {"type": "boolean"},
            "answer": {"type": "string", "description": "Markdown, at most 120 words, or empty"},
        }
    ),
)
