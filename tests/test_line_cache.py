"""What is paid for once: code that a compiler takes for the same, and only that; several passes; who asks at once."""

from __future__ import annotations

import asyncio

import pytest
from world import ADDED, CHANGED, World, finding, servers, world

__all__ = ["servers", "world"]

WRAPPED = CHANGED.replace("discount(items)", "discount(\n        items,  # all of them\n    )")
MUTATED = CHANGED.replace("subtotal - discount", "subtotal + discount")


def test_formatting_and_comments_are_not_paid_for(world: World) -> None:
    """The finding moves with its code, and the check tells which tier knew it."""
    world.model.findings = [finding(ADDED)]
    world.reviews(world.opens())
    world.reviews(world.pushes({"shop.py": "# A shop.\n" + WRAPPED}))
    assert (world.model.calls, len(world.inline)) == (1, 1)
    assert world.says("1 from cache (1 changed in layout only)")
    world.reviews(world.pushes({"other.py": "x = 1\n"}))
    assert world.model.calls == 2
    assert world.verdict == "success: Nothing blocks: 1 medium"


def test_another_operator_is_paid_for(world: World) -> None:
    """What a compiler would see is looked at."""
    world.reviews(world.opens())
    world.reviews(world.pushes({"shop.py": MUTATED}))
    assert world.model.calls == 2


def test_passes_vote(world: World) -> None:
    """Each pass asks for itself and is kept for itself; what one of three saw is not said on the line."""
    world.model.findings = [finding(ADDED)]
    base = {".github/reviewer.yml": "review: {passes: 3, min_confidence: 0.5}"}
    world.model.said = ['{"findings": []}', '{"findings": []}']
    world.reviews(world.opens(base=base))
    assert (world.model.calls, world.inline) == (3, [])
    assert world.says("About subtotal = sum(items)")
    world.reviews(world.pushes({"README.md": "x\n"}))
    assert world.model.calls == 6


def test_one_pattern_is_said_once(world: World) -> None:
    """With the list of its places; the next push says nothing more."""
    lines = [f"    value_{number} = eval(text_{number})" for number in range(5)]
    world.model.findings = [
        finding(line, f"`value_{number}` is made by eval of foreign text", body=f"`text_{number}` is a stranger's.")
        for number, line in enumerate(lines)
    ]
    world.reviews(world.opens({"shop.py": "def read():\n" + "\n".join(lines) + "\n"}))
    assert len(world.inline) == 1
    assert "The same in 4 more places: `shop.py:3`, `shop.py:4`" in world.pull.comments[0].body
    assert world.verdict == "success: Nothing blocks: 5 medium"
    world.reviews(world.pushes({"shop.py": "# A shop.\n\ndef read():\n" + "\n".join(lines) + "\n"}))
    assert (len(world.inline), len(world.pull.reviews)) == (1, 1)
    world.reviews(world.pushes({"shop.py": "def read():\n" + "\n".join(lines[:3]) + "\n"}))
    assert world.replies == []
    world.reviews(world.pushes({"shop.py": "def read():\n    return 1\n"}))
    assert world.replies == [f"Fixed in `{world.pull.head_sha[:7]}`."]


@pytest.mark.parametrize("praise", ["LGTM", "Great work, very readable!"])
def test_praise_is_not_said(world: World, praise: str) -> None:
    """Nor does it count."""
    world.model.findings = [finding(ADDED, praise, severity="low", body="")]
    world.reviews(world.opens())
    assert (world.inline, world.verdict) == ([], "success: No findings")


def test_two_that_want_one_answer_pay_once(world: World) -> None:
    """Who comes second waits for what the first one keeps."""
    opened = world.opens()
    first, second = world.wish(opened, delivery="first"), world.wish(opened, delivery="second")

    async def both() -> None:
        from reviewer import review  # noqa: PLC0415

        tools = world.tools
        runs = (review.review(job, job.delivery, tools) for job in (first, second))
        await asyncio.gather(*runs, return_exceptions=True)

    world.does(both())
    assert world.model.calls == 1
