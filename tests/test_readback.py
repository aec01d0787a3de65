"""What we wrote on GitHub is read back as it was: no database has to remember it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from placed import NAMES, SEVERITIES, any_placed
from placed import placed as placed_with

from reviewer.core.render.harmless import harmless, harmless_line
from reviewer.core.render.readback import comment_told, review_told
from reviewer.core.render.review import comment_body, review_body
from reviewer.core.render.words import STATE_MARK, finding_mark, state_mark
from reviewer.core.types import Placed, Severity, Told

# Words with all that `harmless` escapes and nothing that it takes away: code, links, images and addresses.
WORDS = st.text(st.sampled_from("ab c<>&@#/!-_*~|:.,;()=+9\\é🔴"), max_size=60).filter(
    lambda text: text.strip() and "~~~" not in text
)


def placed(name: str = "f", **changes: Any) -> Placed:
    """A finding whose fingerprint is `name`."""
    return replace(placed_with(**changes), fingerprint=name)


def rendered(text: str) -> str:
    """Without backslashes: those before a backtick are taken away each time."""
    return harmless_line(text).replace("\\", "").replace("\u200b", "")


@given(finding=any_placed(), name=NAMES)
@settings(max_examples=60, deadline=None)
def test_whatever_was_said_is_read_back(finding: Placed, name: str) -> None:
    """Name and severity exactly; title, category and body so that they would be written the same again."""
    finding = replace(finding, fingerprint=name)
    (told,) = comment_told(comment_body(finding))

    assert (told.name, told.severity) == (name, finding.finding.severity)
    if " — **" not in finding.finding.category:  # else nobody can tell where the title begins
        assert rendered(told.title) == rendered(finding.finding.title)
        category = finding.finding.category
        assert rendered(told.category) == (rendered(category) if harmless_line(category) else "finding")


@given(title=WORDS, category=st.from_regex(r"\A[a-z][a-z -]{0,20}[a-z]\Z"), severity=SEVERITIES)
@example(title="/review the *list*: a < b && @you #12", category="logic", severity=Severity.LOW)
@example(title="a** — **b", category="logic", severity=Severity.LOW)
@settings(max_examples=60, deadline=None)
def test_titles_come_back_exactly(title: str, category: str, severity: Severity) -> None:
    """Escapes, entities and invisible breaks are undone."""
    finding = placed(title=title, category=category, severity=severity)
    (told,) = comment_told(comment_body(finding))

    assert (told.title, told.category, told.severity) == (" ".join(title.split()), " ".join(category.split()), severity)


@given(body=st.lists(WORDS.map(str.strip), min_size=1, max_size=4).map("\n\n".join))
@settings(max_examples=40, deadline=None)
def test_bodies_come_back_as_they_read(body: str) -> None:
    """Whatever the comment folds away or adds."""
    (told,) = comment_told(comment_body(placed(body=body, suggestion="x = 1")))

    assert harmless(told.body) == harmless(body)


def test_nothing_of_ours_is_in_the_body() -> None:
    """No headline, fix, fold, facts or marks; a stranger's code keeps what looks like them."""
    body = "Sums `<b>` of @all.\n\n```py\n<details><summary>Details</summary>\n</details>\n```\n\nTwice, <really>."
    finding = placed(body=body, suggestion="```\nx\n```", more={"confirmed": False, "reason": "It is `None`."})

    (told,) = comment_told(comment_body(finding))

    assert told.body == body
    assert (told.title, told.category, told.severity) == ("The sum is wrong", "logic", Severity.HIGH)


@pytest.mark.parametrize("count", [2, 12])
def test_other_places_have_names_and_paths_of_their_own(count: int) -> None:
    """A comment that speaks of several findings, in the open or folded, is there once for each."""
    first, *along = (placed(f"f{at}", path=f"a{at}.py", more={"confirmed": True}) for at in range(count))
    told = comment_told(comment_body(first, along))

    assert [each.name for each in told] == [f"f{at}" for at in range(count)]
    assert [each.path for each in told] == ["", *(f"a{at}.py" for at in range(1, count))]
    assert {(each.title, each.body) for each in told} == {(first.finding.title, first.finding.body)}


def test_a_list_of_places_that_is_not_ours_stays_in_the_body() -> None:
    """A model may write our sentence: without the marks it is only words."""
    body = "Wrong.\n\nThe same in 2 more places: `a.py:1`, `b.py:2`."
    (told,) = comment_told(comment_body(placed(body=body)))

    assert told.body == body


def test_findings_of_a_reviews_body_are_told_apart() -> None:
    """Each with its path, and those that are said along with one."""
    listed = [
        placed("a", line=None, path="x y.py", title="One", body="First.\n\nMore.", more={"problem": "off"}),
        placed("b", line=7, path="b.py", title="Two", body="Second."),
        placed("c", line=None, path="", title="Three", body=""),
    ]
    along = {"b": [placed("d", line=9, path="d.py")]}

    told = review_told(review_body([placed()], listed, run="r", along=along))

    assert [(each.name, each.path, each.title, each.body) for each in told] == [
        ("a", "x y.py", "One", "First.\n\nMore."),
        ("b", "b.py", "Two", "Second."),
        ("d", "d.py", "Two", "Second."),
        ("c", "", "Three", ""),
    ]


@given(listed=st.lists(any_placed(), max_size=4))
@settings(max_examples=25, deadline=None)
def test_every_name_of_a_reviews_body_is_read(listed: list[Placed]) -> None:
    """Whatever the words are; where they could be another's, only the name is told."""
    listed = [replace(each, fingerprint=f"f{at}") for at, each in enumerate(listed)]
    body = review_body([], listed, run="r") if listed else "Nothing."

    assert [each.name for each in review_told(body)] == [f"f{at}" for at in range(len(listed)) if f"=f{at} " in body]


def test_words_that_may_belong_to_another_are_not_told() -> None:
    """A body that holds a headline of its own makes it unsure which words are whose."""
    fake = "🔴 **high** · bug — **Not ours**"
    listed = [placed(name, line=None, body=f"See:\n\n{fake}") for name in "ab"]

    assert review_told(review_body([], listed, run="r")) == (Told("a"), Told("b"))


@pytest.mark.parametrize(
    "text", ["", "Wrong.", "🔴", "🔴 **high**", "```", "<details><summary>Details</summary>", "\r\n"]
)
def test_what_is_not_in_our_form_is_read_as_words(text: str) -> None:
    """Comments of earlier versions, or that somebody edited."""
    assert comment_told(text) == ()
    assert [each.name for each in comment_told(f"{text}\n\n{finding_mark('f')}")] == ["f"]
    assert comment_told(f"Wrong.\r\n\r\n{finding_mark('f')}")[0].body == "Wrong."


def test_states_are_read_back() -> None:
    """The mark in our replies says what became of a finding."""
    text = f"{state_mark('fixed', 'abc')} {state_mark('open', 'def')} {state_mark('dismissed', 'ada-l')}"

    assert STATE_MARK.findall(text) == [("fixed", "abc"), ("open", "def"), ("dismissed", "ada-l")]
