"""What is paid for once: code that a compiler takes for the same, and only that; several passes; who asks at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from world import ADDED, ADDED_TOO, CHANGED, World, finding, servers, world

from reviewer.holding import PAUSE
from reviewer.standin import events
from reviewer.standin.model_shapes import Fault
from reviewer.store.tables import ANSWERS, RESERVATIONS

__all__ = ["servers", "world"]

BLOCKS = "failure: 1 finding blocks: 1 high"
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


@pytest.mark.parametrize("dismissed", [False, True])
def test_a_formatter_that_wraps_the_line_changes_nothing(world: World, dismissed: bool) -> None:
    """The finding goes to where its code went, in its own thread, dismissed or not."""
    line = "    return combine(sum(items) / len(items), weight)"
    wrapped = "    return combine(\n        sum(items) / len(items),\n        weight,\n    )"
    text = f"def mean(items, weight):\n{line}\n"
    world.model.findings = [finding(line, "It divides by zero", severity="high", path="mean.py")]
    world.reviews(world.opens({"mean.py": text}))
    if dismissed:
        comment = world.pull.comments[0].id
        world.reviews(events.resolve(world.hub, world.name, 1, comment=comment, user="ann"))
    world.reviews(world.pushes({"mean.py": text.replace(line, wrapped)}))
    assert (len(world.inline), world.replies) == (1, [])
    assert world.verdict == ("success: No findings" if dismissed else "failure: 1 finding blocks: 1 high")


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


def test_a_dead_run_is_not_waited_for(world: World) -> None:
    """What it had set out to ask is asked at once by the next run of the pull request; a run leaves nothing behind."""
    held: list[Any] = []
    world.while_asked(lambda: held.extend(_reservations(world)))
    world.reviews(world.opens())
    assert (len(held), _reservations(world)) == (1, [])
    with world.parts.store.transaction() as connection:
        connection.execute(sa.delete(ANSWERS))
        connection.execute(sa.insert(RESERVATIONS), [{**row, "holder": "killed"} for row in held])
    world.reviews(world.pushes({"other.py": "x = 1\n"}))
    assert (world.model.calls, _reservations(world)) == (2, [])
    assert PAUSE not in world.naps


def _reservations(world: World) -> list[Any]:
    with world.parts.store.transaction() as connection:
        return [dict(row) for row in connection.execute(sa.select(RESERVATIONS)).mappings()]


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


@pytest.mark.parametrize("holds", [True, False])
def test_a_comment_asks_for_no_other_verdict(world: World, holds: bool) -> None:
    """Nor does a line that is wrapped, and nobody need be there to ask."""
    world.model.findings = [finding(ADDED_TOO, "Wrong sum", severity="high")]
    world.model.verdicts = {"Wrong sum": holds}
    world.reviews(world.opens())
    calls, verdict = world.model.calls, world.verdict
    assert (calls, verdict) == (2, BLOCKS if holds else "success: Nothing blocks: 1 high")
    world.model.verdicts = {"Wrong sum": not holds}
    world.reviews(world.pushes({"shop.py": CHANGED.replace(ADDED_TOO, f"    # All of it.\n{ADDED_TOO}  # so far")}))
    assert (world.model.calls, world.verdict, len(world.inline)) == (calls, verdict, 1)
    world.model.faults = [Fault("server_error")] * 9
    world.reviews(world.pushes({"shop.py": "# A shop.\n\n" + WRAPPED}))
    assert (world.model.calls, world.verdict, len(world.inline)) == (calls, verdict, 1)


def test_joined_lines_keep_their_verdict(world: World) -> None:
    """A claim about a line that is now the end of another one."""
    split = CHANGED.replace("discount(items)", "discount(\n        items,\n    )")
    world.model.findings = [finding("        items,", "Wrong items", severity="high", body="It is no list.")]
    world.reviews(world.opens({"shop.py": split}))
    assert (world.model.calls, world.verdict) == (2, BLOCKS)
    world.model.verdicts = {"Wrong items": False}
    world.reviews(world.pushes({"shop.py": CHANGED.replace("discount(items)", "discount(items,)")}))
    assert (world.model.calls, world.verdict) == (2, BLOCKS)


def test_other_code_has_another_verdict(world: World) -> None:
    """What a compiler would see of the place is judged anew."""
    world.model.findings = [finding(ADDED, "Wrong sum", severity="high")]
    world.reviews(world.opens())
    world.model.verdicts = {"Wrong sum": False}
    world.reviews(world.pushes({"shop.py": MUTATED}))
    assert (world.model.calls, world.verdict) == (4, "success: Nothing blocks: 1 high")
