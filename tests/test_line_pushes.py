"""The line over several pushes: what was found stays found, is said once, and nothing new goes unsaid."""

from __future__ import annotations

from typing import Any

import pytest
from world import ADDED, CHANGED, SHOP, World, finding, servers, world

__all__ = ["servers", "world"]

FILLING = "".join(f"x{n} = {n}\n" for n in range(40))
PARSED = "result = parse(raw)"
BODY = "".join(f"line_{n} = compute({n})\n" for n in range(30))
FIRST = {"aaa.py": "one = 1\ntwo = 2\n", "old_name.py": BODY}
RENAMED = {"old_name.py": None, "new_name.py": BODY.replace("compute(5)", "compute(50)")}


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ({"shop.py": CHANGED}, finding(ADDED, "Wrong", path="`shop.py`", line=2, severity="high")),
        ({"shop.py": CHANGED}, finding(ADDED, "Wrong", path=".\\shop.py", line=2, severity="high")),
        (RENAMED, finding("line_5 = compute(50)", "Wrong", path="old_name.py", line=6, severity="high")),
    ],
    ids=["backticks", "backslash", "old name"],
)
def test_a_finding_stays_with_its_file_however_its_path_was_written(
    world: World, head: dict[str, str | None], found: dict[str, Any]
) -> None:
    """It is kept with the code that it talks about: a push to another file does not make the gate green."""
    world.model.always = [found]
    world.reviews(world.opens({"aaa.py": "one = 1\ntwo = 3\n", **head}, base=FIRST))
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    world.model.always = []
    world.reviews(world.pushes({"aaa.py": "one = 1\ntwo = 4\n"}))
    assert world.verdict == "failure: 1 finding blocks: 1 high"
    assert len(world.inline) == 1


def test_of_two_lines_that_read_alike_the_new_finding_is_said(world: World) -> None:
    """The one that was commented keeps its name when the same line is written once more above it."""
    old = finding(PARSED, "Old one", line=42)
    world.model.always = [old]
    world.reviews(world.opens({"shop.py": f"top = 1\n{FILLING}{PARSED}\n"}, base={"shop.py": SHOP}))
    assert world.inline == ["shop.py:42 RIGHT medium: Old one"]
    world.model.always = [finding(PARSED, "A worse one", line=2, severity="critical"), {**old, "line": 43}]
    world.reviews(world.pushes({"shop.py": f"top = 1\n{PARSED}\n{FILLING}{PARSED}\n"}))
    assert world.inline == ["shop.py:42 RIGHT medium: Old one", "shop.py:2 RIGHT critical: A worse one"]


def test_another_category_is_no_new_finding(world: World) -> None:
    """A model calls the same thing `logic` today and `contract` tomorrow; a second thing on that line is said."""
    world.model.always = [finding(ADDED, "Subtracted twice", category="logic", line=2)]
    world.reviews(world.opens())
    world.model.always = [finding(ADDED, "It is subtracted twice", category="contract", line=2)]
    world.reviews(world.pushes({"shop.py": CHANGED.replace("/ len(items)", "/ max(1, len(items))")}))
    assert world.inline == ["shop.py:2 RIGHT medium: Subtracted twice"]
    world.model.always.append(finding(ADDED, "Slow", category="performance", line=2))
    world.reviews(world.pushes({"shop.py": CHANGED.replace("/ len(items)", "/ max(2, len(items))")}))
    assert world.inline == ["shop.py:2 RIGHT medium: Subtracted twice", "shop.py:2 RIGHT medium: Slow"]
