"""What is read out of a confirmation: only what says true or false in so many words."""

from __future__ import annotations

import json

import pytest

from reviewer.core.findings import parse_verdicts, whole_verdicts


def test_verdicts_are_read_by_id() -> None:
    text = json.dumps(
        {"verdicts": [{"id": "a", "reason": "line 7 guards it", "holds": False}, {"id": 2, "holds": "True"}]}
    )
    assert parse_verdicts(text) == {"a": (False, "line 7 guards it"), "2": (True, "")}


def test_a_verdict_that_has_to_be_guessed_is_none() -> None:
    """What is not in the result does not hold."""
    guesses = [
        {"id": "a"},
        {"id": "b", "holds": "probably"},
        {"id": "c", "holds": 1},
        {"holds": True},
        {"id": None, "holds": True},
    ]
    assert parse_verdicts(json.dumps({"verdicts": guesses})) == {}
    assert parse_verdicts("it holds") == {}


def test_a_cut_off_verdict_is_not_believed() -> None:
    text = '{"verdicts": [{"id": "a", "reason": "", "holds": true}, {"id": "b", "holds": true'
    assert parse_verdicts(text) == {"a": (True, "")}


def test_of_two_verdicts_on_one_finding_the_one_against_it_counts() -> None:
    for order in ([True, False], [False, True]):
        text = json.dumps({"verdicts": [{"id": "a", "holds": holds, "reason": str(holds)} for holds in order]})
        assert parse_verdicts(text) == {"a": (False, "False")}


@pytest.mark.parametrize(
    "text", ['{"verdicts": "x"}', '{"verdicts": null}', '{"verdicts": [{"id": "a", "holds": "yes"}]}']
)
def test_what_is_no_verdict_is_asked_for_again(text: str) -> None:
    """A slip of the model is no verdict: it neither holds nor clears a finding."""
    assert not whole_verdicts(text)
    assert whole_verdicts('{"verdicts": []}')
