"""What people dismissed is shown to the model: the nearest and newest, in few words, as strangers' data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from test_prompts import LIBRARY, REFUND, REVIEW, batch, prefix, whole
from test_prompts_fences import MARK, hostile, marks_by_fence

from reviewer.core.prompts import choose, choose_dismissed, review_prompt
from reviewer.core.prompts.learned import DISMISSED_LIMIT, MOST_DISMISSED, told_dismissal
from reviewer.core.prompts.messages import DISMISSED_INTRO
from reviewer.core.types import Dismissal


def dismissed(title: str = "Rounds down", **changes: Any) -> Dismissal:
    usual: dict[str, Any] = {"path": "billing/refund.py", "code": "x", "context": "", "category": "logic"}
    about = {**usual, "severity": "medium", "body": "B", "number": 1, "name": title, **changes}
    return Dismissal(title=title, **about)


def titles(found: tuple[Dismissal, ...]) -> list[str]:
    return [each.title for each in found]


def test_the_nearest_come_first_and_of_these_the_newest() -> None:
    """The same file, its folder, its language; what shares nothing stays out."""
    known = [
        dismissed("language", path="web/views.py", at=99),
        dismissed("old", at=1),
        dismissed("folder", path="billing/tax.py", at=50),
        dismissed("other", path="billing/tax.sql", at=100),
        dismissed("new", at=2),
    ]
    assert titles(choose_dismissed(known, ["billing/refund.py"])) == ["new", "old", "folder", "language"]
    assert titles(choose_dismissed(known, ["x/y.sql", "README.md"])) == ["other"]
    assert choose_dismissed(known, ["Makefile", ".gitignore"]) == choose_dismissed([], ["a.py"]) == ()


def test_the_same_words_are_shown_once() -> None:
    """What is dismissed on every pull request leaves room for the others; another reason is another lesson."""
    again = [dismissed(number=n, at=n) for n in range(50)]
    found = choose_dismissed([*again, dismissed(reason="Cents are whole.")], ["billing/refund.py"])
    assert [(each.number, each.reason) for each in found] == [(49, ""), (1, "Cents are whole.")]


@settings(max_examples=50)
@given(
    st.lists(st.builds(dismissed, st.text(max_size=400), reason=st.text(max_size=900), at=st.floats(0, 9)), max_size=40)
)
def test_they_stay_few_and_short(known: list[Dismissal]) -> None:
    """Whatever people wrote; and in whatever order it comes from the database, the same are chosen."""
    known = [replace(each, name=str(n)) for n, each in enumerate(known)]
    found = choose_dismissed(known, ["billing/refund.py"])
    assert len(found) <= MOST_DISMISSED
    assert sum(len(told_dismissal(each)) + 1 for each in found) <= DISMISSED_LIMIT
    assert all(len(told_dismissal(each).splitlines()) == 1 for each in found)
    assert bool(found) is bool(known)
    assert choose_dismissed(known[::-1], ["billing/refund.py"]) == found


def test_the_model_is_told_where_what_and_why() -> None:
    """In our words that the like is not wanted, in a fence what it was."""
    known = [dismissed(reason="Cents\nare whole."), dismissed("Slow", path="a.py")]
    prompt = review_prompt(REVIEW, batch=batch(REFUND), dismissed=known)
    opening, first, second, closing = prompt.parts["dismissed"].removeprefix(f"{DISMISSED_INTRO}\n").split("\n")
    assert first == "- billing/refund.py: Rounds down (dismissed: Cents are whole.)"
    assert second == "- a.py: Slow"
    assert (opening[:6], opening[-19:], closing[:7]) == ("<data-", " dismissed findings>"[-19:], "</data-")
    assert prompt.parts["dismissed"] in prompt.user


def test_without_a_dismissal_nothing_changes() -> None:
    """Not a byte: what is kept of an earlier answer stays good."""
    assert review_prompt(REVIEW, batch=batch(REFUND), dismissed=[]) == review_prompt(REVIEW, batch=batch(REFUND))
    assert "ismissed" not in whole(review_prompt(REVIEW, batch=batch(REFUND), title="T"))


def test_it_ends_no_prefix_that_is_shared() -> None:
    """Another file of the pull request has other lessons: up to its own words the calls are the same."""
    first, second = (
        review_prompt(
            REVIEW, batch=batch(REFUND), title="T", examples=choose(LIBRARY, batch(REFUND)), dismissed=[dismissed(name)]
        )
        for name in ("One", "Two")
    )
    shared = prefix(first.user, second.user)
    assert shared.endswith(f"Title: T\n</data-{shared.rsplit('</data-', 1)[1][:12]}>\n\n{DISMISSED_INTRO}\n<data-")
    assert whole(first).index("Dismissed in") < whole(first).index(" diff>")


@settings(max_examples=40)
@given(hostile, hostile, hostile)
def test_what_was_dismissed_is_fenced(path: str, title: str, reason: str) -> None:
    """A title is a model's words about a stranger's code, a path is a stranger's; none of it gets out."""
    prompt = review_prompt(
        REVIEW,
        batch=batch("@@ a.py\n1+x\n"),
        dismissed=[dismissed(title, path=path, reason=reason), dismissed(title)],
    )
    said = sum(
        told_dismissal(each).count(MARK) for each in [dismissed(title, path=path, reason=reason), dismissed(title)]
    )
    assert marks_by_fence(prompt) == [said, 0]
