"""A pattern's comment speaks of several findings: it is posted once, listed whole when refused, and found again."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from placed import placed
from test_posting import WRITES, Death, Killed, mortal
from world import World, servers, world

from reviewer.core.render.words import FINDING_MARK
from reviewer.core.types import Job, Placed, Remembered, Saying
from reviewer.posting import post
from reviewer.run import begin

__all__ = ["servers", "world"]

# What dies may be about to connect; httpcore then forgets a coroutine.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine 'connect_tcp:RuntimeWarning")


def at(line: int, name: str, **changes: Any) -> Placed:
    return placed(line=line, title=f"Title of {name}", more={"fingerprint": name}, **changes)


FIRST, ALONE = at(2, "first"), at(3, "alone")
OTHERS = (at(7, "second"), at(8, "third"))
SAYING = Saying(inline=(FIRST, ALONE), along={"first": OTHERS})


def posts(world: World, job: Job) -> Saying:
    """Posts SAYING on the pull request, as a run of `job` does."""

    async def work() -> Saying:
        this = begin(job, job.delivery, world.tools)
        return await post(this, 1, SAYING, commit=world.pull.head_sha, remembered=Remembered())

    return world.does(work())


def marks(texts: list[str]) -> list[list[str]]:
    return [FINDING_MARK.findall(text) for text in texts]


def test_a_pattern_has_one_comment(world: World) -> None:
    """With the marks of all its places; the review counts them."""
    saying = posts(world, world.wish(world.opens()))
    assert saying == SAYING
    assert marks([each.body for each in world.pull.comments]) == [["first", "second", "third"], ["alone"]]
    assert "**4 new findings**: 4 high." in world.bodies[0]
    assert marks(world.bodies) == [[]]


def test_a_refused_pattern_is_listed_with_its_places(world: World) -> None:
    """GitHub takes no comment on its line: the review's body says the whole of it."""
    job = world.wish(world.opens())
    for write in ("review", "comment"):
        world.hub.fail("POST", WRITES[write], status=422)
    saying = posts(world, job)
    assert ([each.fingerprint for each in saying.inline], saying.listed[0].fingerprint) == (["alone"], "first")
    assert marks([each.body for each in world.pull.comments]) == [["alone"]]
    assert marks(world.bodies) == [["first", "second", "third"]]
    assert "The same in 2 more places: `shop.py:7`, `shop.py:8`." in world.bodies[0]


def test_a_pattern_s_comment_that_landed_is_not_posted_again(world: World) -> None:
    """The mark of its first finding tells."""
    job = world.wish(world.opens())
    world.hub.fail("POST", WRITES["review"], status=422)
    world.hub.fail("POST", WRITES["comment"], status=502, after=True)
    posts(world, job)
    assert marks([each.body for each in world.pull.comments]) == [["first", "second", "third"], ["alone"]]


def test_after_a_death_its_places_are_known_with_it(world: World) -> None:
    """What the attempt that died had said is not said again: not the first, and none of its places."""
    job = world.wish(world.opens())
    world.hub.fail("POST", WRITES["review"], status=422)
    mortal(world, Death("post_comment", 1, after=True))
    with pytest.raises(Killed):
        posts(world, job)
    gc.collect()  # so that what it leaves is seen here
    saying = posts(world, job)
    assert [each.fingerprint for each in saying.repeated] == ["first", "second", "third"]
    assert [each.fingerprint for each in saying.inline] == ["alone"]
    assert sorted(marks([each.body for each in world.pull.comments])) == [["alone"], ["first", "second", "third"]]
