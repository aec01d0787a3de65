"""The stand-in for OpenAI refuses what OpenAI refuses; else the tests of the model would prove nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asker import HIT, asking, review, served, standin

from reviewer.model import responses
from reviewer.standin.model import StandInModel
from reviewer.standin.model_rules import refusal_of

__all__ = ["served"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"store": True}, "store"),
        ({"tool_choice": {"type": "function", "name": "other"}}, "Tool choice 'other' not found"),
        ({"tool_choice": {"type": "function", "function": {"name": "report_findings"}}}, "tool_choice.name"),
        ({"temperature": 1, "reasoning": {"effort": "low"}}, "'temperature' is not supported"),
        ({"max_tokens": 3}, "Unknown parameter: 'max_tokens'"),
        ({"max_output_tokens": 3}, "max_output_tokens"),
        ({"tools": [{"type": "function", "function": {"name": "report_findings"}}]}, "not found in 'tools'"),
        (
            {"tools": [{"type": "function", "name": "report_findings", "strict": True, "parameters": {}}]},
            "the root must",
        ),
        ({"prompt_cache_key": "k" * 65}, "prompt_cache_key"),
        ({"input": ""}, "input"),
    ],
)
def test_the_stand_in_refuses_what_openai_refuses(change: dict[str, Any], message: str) -> None:
    """Else the tests above would prove nothing about the request."""
    body = responses.request(review(), model="gpt-x", cache_key="")
    assert refusal_of(body, api="responses", demand_store_false=True) is None
    refusal = refusal_of(body | change, api="responses", demand_store_false=True)
    assert refusal is not None
    assert message in refusal.message


def test_the_stand_in_refuses_by_status() -> None:
    with asking(standin(refused_fields=frozenset({"instructions"}))) as asker:
        error = asker.fails(review())
    assert (error.retryable, error.code) == (False, "unsupported_parameter")


def test_recorded_answers_come_from_a_file(tmp_path: Any) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"findings": [HIT], "verdicts": {"one": False}}))
    server = StandInModel.from_file(file)
    assert server.told("report_findings", "src/refund.py if cents > order.paid:") == {"findings": [HIT]}
    assert server.told("confirm_findings", '[{"id": "a", "title": "one"}]')["verdicts"][0]["holds"] is False
    file.write_text(json.dumps([HIT]))
    assert StandInModel.from_file(file).findings == [HIT]
