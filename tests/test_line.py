"""The line on a good day: what a review leaves on the pull request, and what the next one adds to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import ADDED, ADDED_TOO, CHANGED, CONTEXT, REMOVED, SHOP, World, finding, servers, world

from reviewer.standin.repository import WHEN

__all__ = ["servers", "world"]


def test_a_finding_stands_on_its_line(world: World) -> None:
    """One review with one inline comment, and a check that counts it."""
    world.model.findings = [finding(ADDED, "Adds up twice")]
    record = world.reviews(world.opens())
    assert world.inline == ["shop.py:2 RIGHT medium: Adds up twice"]
    assert [posted.state for posted in world.pull.reviews] == ["COMMENTED"]
    assert world.verdict == "success: Nothing blocks: 1 medium"
    assert record.conclusion == "success"


def test_added_removed_and_context_lines_are_commented(world: World) -> None:
    """A removed line is commented in the old file, the others in the new one; all in one review, in the diff's order."""
    world.model.findings = [finding(CONTEXT, line=6), finding(REMOVED, line=6), finding(ADDED, line=2)]
    world.reviews(world.opens())
    assert world.inline == [
        f"shop.py:2 RIGHT medium: About {ADDED.strip()}",
        f"shop.py:6 RIGHT medium: About {CONTEXT.strip()}",
        f"shop.py:6 LEFT medium: About {REMOVED.strip()}",
    ]
    assert len(world.pull.reviews) == 1


def test_a_range_carries_its_suggestion(world: World) -> None:
    """The suggestion replaces exactly the lines of the range, as GitHub applies it."""
    fix = "    return sum(items) - discount(items)"
    world.model.findings = [finding(ADDED, "Two lines for one", line=2, end_line=3, suggestion=fix)]
    world.reviews(world.opens())
    assert world.inline == ["shop.py:2-3 RIGHT medium: Two lines for one"]
    assert f"```suggestion\n{fix}\n```" in world.pull.comments[0].body


def test_a_removed_line_offers_no_suggestion(world: World) -> None:
    """GitHub cannot apply one to the old file; the finding stands all the same."""
    world.model.findings = [finding(REMOVED, line=6, suggestion="    if items is None:")]
    world.reviews(world.opens())
    assert len(world.inline) == 1
    assert "suggestion" not in world.pull.comments[0].body


def test_the_quote_decides_on_the_line(world: World) -> None:
    """A line number that is wrong does not put a finding on the wrong line."""
    world.model.findings = [finding(ADDED_TOO, "Where is discount?", line=8)]
    world.reviews(world.opens())
    assert world.inline == ["shop.py:3 RIGHT medium: Where is discount?"]


@pytest.mark.parametrize(
    "lost",
    [
        finding("    return sum(goods)", "Of a line that is not there"),
        finding("whatever", "Of a file that is not there", path="gone.py"),
        finding("", "Without a quote", line=2),
    ],
    ids=lambda lost: lost["title"],
)
def test_what_has_no_place_is_said_in_the_review(world: World, lost: dict[str, str]) -> None:
    """A finding that stands on no line of the diff is not lost, and keeps no other from its line."""
    world.model.always = [lost]
    world.model.findings = [finding(ADDED, "Adds up twice")]
    world.reviews(world.opens())
    assert world.inline == ["shop.py:2 RIGHT medium: Adds up twice"]
    assert len(world.bodies) == 1
    assert lost["title"] in world.bodies[0]
    assert lost["title"] in (world.check.summary or "")


def test_the_same_words_on_two_lines_are_two_findings(world: World) -> None:
    """Two findings that read alike on different lines are both said."""
    world.model.findings = [finding("    return 1", "Always one", line=line) for line in (2, 6)]
    world.reviews(world.opens({"a.py": "def a():\n    return 1\n\n\ndef b():\n    return 1\n"}))
    assert world.inline == []
    world.model.findings = [{**each, "path": "a.py"} for each in world.model.findings]
    world.reviews(world.pushes({"a.py": "def a():\n    return 1\n\n\ndef c():\n    return 1\n"}))
    assert world.inline == ["a.py:2 RIGHT medium: Always one", "a.py:6 RIGHT medium: Always one"]


def test_a_clean_change_gets_no_comment(world: World) -> None:
    """Nothing to say: no review, only the check."""
    world.reviews(world.opens())
    assert world.pull.reviews == []
    assert world.pull.issue_comments == []
    assert world.verdict == "success: No findings"


# --- the next push ----------------------------------------------------------------------------------------------------


def test_the_same_head_again_costs_and_says_nothing(world: World) -> None:
    """Kept answers make a second review of the same code free of the model, and of noise."""
    world.model.findings = [finding(ADDED, "Adds up twice"), finding(REMOVED, severity="high")]
    opened = world.opens()
    first, calls = world.reviews(opened), world.model.calls
    second = world.reviews(opened)
    assert (calls, world.model.calls) == (2, 2)  # one that finds, one that confirms
    assert second.usage.calls == 0
    assert [placed.fingerprint for placed in first.findings] == [placed.fingerprint for placed in second.findings]
    assert (len(world.inline), len(world.pull.reviews)) == (2, 1)
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    assert "2 findings were said on an earlier push" in (world.check.summary or "")


def test_a_push_says_only_what_is_new(world: World) -> None:
    """The finding that stands already is not said again; the new one gets a review of its own."""
    world.model.findings = [finding(ADDED, "Adds up twice"), finding("    return items[0]", "Empty", path="first.py")]
    world.reviews(world.opens())
    world.reviews(world.pushes({"first.py": "def first(items):\n    return items[0]\n"}))
    assert world.inline == ["shop.py:2 RIGHT medium: Adds up twice", "first.py:2 RIGHT medium: Empty"]
    assert [body.split("\n", 1)[0] for body in world.bodies] == ["**1 new finding**: 1 medium."] * 2
    assert world.verdict == "success: Nothing blocks: 2 medium"


def test_a_push_asks_only_about_what_changed(world: World) -> None:
    """What stands as it stood is not sent again."""
    world.reviews(world.opens())
    world.reviews(world.pushes({"first.py": "def first(items):\n    return items[0]\n"}))
    asked = [str(request.body["input"]) for request in world.model.requests]
    assert ["subtotal" in text for text in asked] == [True, False]
    assert ["return items[0]" in text for text in asked] == [False, True]
    assert "Coverage: 2 hunks: 1 reviewed, 1 from cache." in (world.check.summary or "")


def test_code_that_moved_is_the_same_code(world: World) -> None:
    """Lines put in above move a finding: it is neither asked about nor said again, and its comment follows."""
    filler = "".join(f"x{n} = {n}\n" for n in range(20))
    world.model.findings = [finding(ADDED, "Adds up twice")]
    world.reviews(world.opens({"shop.py": filler + CHANGED}, base={"shop.py": filler + SHOP}))
    calls = world.model.calls
    world.reviews(world.pushes({"shop.py": "import math\n" + filler + CHANGED}))
    assert world.inline == ["shop.py:22 RIGHT medium: Adds up twice"]
    assert [comment.line for comment in world.pull.comments] == [23]
    asked = str(world.model.requests[-1].body["input"])
    assert (world.model.calls, "import math" in asked, "subtotal" in asked) == (calls + 1, True, False)


def test_a_force_push_of_the_same_change_says_nothing(world: World) -> None:
    """A rebase onto a base that moved elsewhere changes no finding."""
    world.model.findings = [finding(ADDED, "Adds up twice")]
    world.reviews(world.opens())
    calls = world.model.calls
    base = world.pull.base_sha = world.git.commit({"other.py": "x = 1\n"}, when=WHEN + 60)
    world.reviews(world.pushes({"shop.py": CHANGED}, parent=base, when=WHEN + 90))
    assert world.model.calls == calls
    assert len(world.pull.reviews) == 1


def test_what_is_fixed_does_not_count(world: World) -> None:
    """The gate opens with the push that mends what blocked it."""
    world.model.findings = [finding(ADDED, severity="high")]
    world.reviews(world.opens())
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    world.reviews(world.pushes({"shop.py": SHOP.replace("sum(items)", "math.fsum(items)")}))
    assert world.verdict == "success: No findings"
    assert world.says("No longer found on this head")
    assert world.says(f"`shop.py` · About {ADDED.strip()}")


def test_a_full_review_asks_again_and_says_nothing_twice(world: World) -> None:
    """Past the cache, not past the memory."""
    world.model.findings = [finding(ADDED, "Adds up twice")]
    opened = world.opens()
    world.reviews(opened)
    world.carries_out(replace(world.wish(opened), full=True))
    assert world.model.calls == 2
    assert len(world.inline) == 1


# --- how much is said -------------------------------------------------------------------------------------------------


def config(text: str) -> dict[str, str]:
    return {".github/reviewer.yml": text}


def test_beyond_max_comments_the_worst_come_first(world: World) -> None:
    """The rest is in the review's body, in order: nothing is dropped."""
    world.model.findings = [
        finding(ADDED, "Third", severity="low"),
        finding(ADDED_TOO, "First", severity="high"),
        finding(REMOVED, "Second", severity="medium"),
    ]
    world.reviews(world.opens(base=config("review: {max_comments: 1}")))
    assert world.inline == ["shop.py:3 RIGHT high: First"]
    assert 0 < world.bodies[0].index("Second") < world.bodies[0].index("Third")
    assert "3 new findings" in world.bodies[0]
    world.reviews(world.pushes({"other.md": "x\n"}))
    assert len(world.pull.reviews) == 1  # what the body said counts as said


def test_below_min_severity_nothing_is_said(world: World) -> None:
    """It is counted in the check, so that nobody wonders."""
    world.model.findings = [finding(ADDED, "Quiet", severity="low"), finding(ADDED_TOO, "Loud")]
    world.reviews(world.opens(base=config("review: {min_severity: medium}")))
    assert world.inline == ["shop.py:3 RIGHT medium: Loud"]
    assert not world.says("Quiet")
    assert "1 finding below `min_severity` was left unsaid." in (world.check.summary or "")


def test_what_blocks_is_always_said(world: World) -> None:
    """A check never fails for a reason that nobody can read."""
    world.model.findings = [finding(ADDED, "Blocks", severity="medium")]
    world.reviews(world.opens(base=config("review: {min_severity: critical}\ngate: {fail_on: medium}")))
    assert world.inline == ["shop.py:2 RIGHT medium: Blocks"]
    assert world.verdict == "failure: 1 finding blocks: 1 medium"


def test_a_full_review_takes_the_place_of_what_was_kept(world: World) -> None:
    """What a second look past the cache no longer finds does not come back from the cache on the next push."""
    world.model.findings = [finding(ADDED, "Gone on second thoughts", severity="high")]
    opened = world.opens()
    world.reviews(opened)
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    world.model.findings = []
    world.carries_out(replace(world.wish(opened, delivery="again"), full=True))
    assert world.verdict == "success: No findings"
    world.reviews(world.pushes({"README.md": "x\n"}))
    assert world.verdict == "success: No findings"
