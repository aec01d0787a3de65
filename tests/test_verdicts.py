"""What is read out of a confirmation: only what says true or false in so many words."""

from __future__ import annotations

import json

import pytest

from reviewer.core.findings import parse_verdicts, trimmed_verdicts, whole_verdicts


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


def test_a_reason_is_cut_last() -> None:
    """It is read whole, so that a secret in it can be found, and cut when it may be posted; one too many is left out."""
    said = [{"id": name, "holds": True, "reason": "r" * 90_000} for name in "abc"]
    read = parse_verdicts(json.dumps({"verdicts": said}))
    assert {name: (holds, len(reason)) for name, (holds, reason) in read.items()} == {
        "a": (True, 90_000),
        "b": (True, 90_000),
        "c": (True, 0),
    }
    assert trimmed_verdicts(read)["a"] == (True, "r" * 999 + "…")
    assert trimmed_verdicts({"a": (False, "short")}) == {"a": (False, "short")}


def test_an_endless_id_is_none() -> None:
    text = json.dumps({"verdicts": [{"id": "x" * 201, "holds": True}]})
    assert (parse_verdicts(text), whole_verdicts(text)) == ({}, False)
