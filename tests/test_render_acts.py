"""A dismissal's reason goes to GitHub in a hidden mark and comes back, whatever a stranger wrote into it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.render.acts import told_label, why_in
from reviewer.core.render.packed import MOST_WHY
from reviewer.core.render.talk import answer_body, dismissed_mark
from reviewer.core.render.words import STATE_MARK
from reviewer.core.types import Severity, Told
from reviewer.github.shapes import Said
from reviewer.github.threads import Talked, what_became

WRITTEN, LATER = "2023-11-14T22:13:20Z", "2023-11-14T22:14:20Z"


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=50)
def test_a_reason_comes_back(reason: str) -> None:
    """Behind the mark of who dismissed it, within a length, and it ends no comment."""
    body = answer_body(["Dismissed."], key="k", marks=[dismissed_mark("ann", reason), dismissed_mark("max")])
    first, second = STATE_MARK.finditer(body)
    assert why_in(body, first.end()) == reason[:MOST_WHY]
    assert why_in(body, second.end()) == ""
    assert body.count("-->") == 3 + bool(reason)


@pytest.mark.parametrize("mark", ["", "<!-- reviewer:why=1 -->", "<!-- reviewer:why=a -->", "<!-- reviewer:why= -->"])
def test_what_is_no_mark_of_ours_gives_no_reason(mark: str) -> None:
    """It raises nothing either."""
    assert why_in(mark, 0) == ""


@pytest.mark.parametrize(
    ("written", "edited", "told"),
    [
        (WRITTEN, WRITTEN, ("a \ufffd reason", 1_700_000_000.0)),
        (WRITTEN, LATER, ("", 0.0)),
        (WRITTEN, None, ("", 0.0)),
        ("yesterday", "yesterday", ("", 0.0)),
        (None, None, ("", 0.0)),
    ],
)
def test_only_an_untouched_answer_tells_why_and_when(
    written: str | None, edited: str | None, told: tuple[str, float]
) -> None:
    """By whom it was dismissed counts all the same; a later dismissal without a reason has none."""
    body = dismissed_mark("ann", "a \ufffd reason")
    said = Said(id=2, in_reply_to_id=1, body=body, created_at=written, updated_at=edited)
    later = Said(id=3, in_reply_to_id=1, body=dismissed_mark("max"), created_at=WRITTEN, updated_at=WRITTEN)
    for replies, found in (([said], ("ann", *told)), ([said, later], ("max", "", 1_700_000_000.0))):
        thread = what_became(
            Talked(Said(id=1), replies), None, ours=frozenset({1, 2, 3}), us=frozenset(), refused_by=()
        )
        assert (thread.state, thread.by, thread.reason, thread.at) == ("dismissed", *found)


@pytest.mark.parametrize(
    ("told", "label"),
    [
        (Told("f", "a.py", 2, severity=Severity.LOW, title="A &lt;b>\nc"), "low · a.py:2 · A <b> c"),
        (Told("f", "a.py", title="Gone"), "a.py · Gone"),
        (Told("f"), ""),
    ],
)
def test_a_finding_has_a_label(told: Told, label: str) -> None:
    """One line of plain text, of what is known."""
    assert told_label(told) == label
