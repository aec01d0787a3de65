"""The GitHub adapter remembers what it said, posts once what it was told to, and asks for no more than it must."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest
from forge import Forge, comment, forge, report, served
from placed import placed

from reviewer.core.errors import GitHubError, Unprocessable
from reviewer.core.render.review import review_body
from reviewer.core.types import Annotation, Remembered, ReviewDraft
from reviewer.github.repository import Repository
from reviewer.ports import GitHub, Place
from reviewer.standin.records import Review
from reviewer.standin.state import FOREVER

__all__ = ["forge", "served"]


def review(forge: Forge, *marks: str) -> ReviewDraft:
    comments = tuple(comment(at + 2, mark=mark) for at, mark in enumerate(marks))
    return ReviewDraft(forge.stands.head_sha, "Two things.\n\n<!-- reviewer:run=run-1 -->", comments)


# --- memory -------------------------------------------------------------------------------------------------------


async def looked(github: Repository) -> Remembered:
    await github.pull(1)
    return await github.remembered(1)


def test_no_comments_are_asked_for_where_there_can_be_none_of_ours(forge: Forge) -> None:
    """A first review spares the request: none was counted, and no review is ours."""
    assert forge.act(looked) == Remembered()
    assert (forge.hub.count("GET", "pulls/1/reviews"), forge.hub.count("GET", "pulls/1/comments")) == (1, 0)


def test_comments_are_remembered_where_the_count_is_wrong(forge: Forge) -> None:
    """A server that counts none and holds a review of ours is not believed."""
    forge.act(lambda github: github.post_review(1, review(forge, "one", "two")))

    async def look(github: Repository) -> Remembered:
        github._counted[1] = 0
        return await github.remembered(1)

    assert forge.act(look).fingerprints == {"one", "two"}


def test_a_count_is_good_for_one_look(forge: Forge) -> None:
    """What is posted after the pull request was read is found again, a comment outside any review of ours too."""

    async def post_and_look(github: Repository) -> Remembered:
        first = await looked(github)
        await github.post_comment(1, commit=forge.stands.head_sha, comment=comment(2, mark="late"))
        assert first == Remembered()
        return await github.remembered(1)

    assert forge.act(post_and_look).fingerprints == {"late"}


def test_only_our_own_marks_count(forge: Forge) -> None:
    """A person or another bot that quotes our marks does not make us forget or remember anything."""
    forge.act(lambda github: github.post_review(1, review(forge, "one", "two")))
    for user in ("eve", "other[bot]"):
        quote = Review(9, 1, user, "<!-- reviewer:run=x --><!-- reviewer:finding=x -->", "COMMENTED", "", 0)
        forge.stands.reviews.append(quote)
    ours = Review(
        8, 1, forge.hub.bot, "<!-- reviewer:finding=three --> <!-- reviewer:finding=four -->", "COMMENTED", "", 0
    )
    forge.stands.reviews.append(ours)

    remembered = forge.act(lambda github: github.remembered(1))

    assert {told.name for told in remembered.told} == remembered.fingerprints
    assert replace(remembered, told=()) == Remembered(
        frozenset({"one", "two", "three", "four"}),
        frozenset({"run-1"}),
        {"run-1": frozenset({"one", "two"})},
        titles={"one": "`area.py`", "two": "`area.py`"},
    )


def test_what_stands_in_a_review_has_a_title_too(forge: Forge) -> None:
    """Its place and its headline, as for a comment; a bare mark has none."""
    listed = placed(line=None, path="x.py", title="Off by <one>", more={"fingerprint": "far"})
    body = review_body((), (listed,), run="run-1")
    forge.act(lambda github: github.post_review(1, ReviewDraft(forge.stands.head_sha, body)))
    forge.act(lambda github: github.post_review(1, review(forge, "near")))

    remembered = forge.act(lambda github: github.remembered(1))
    assert remembered.titles == {"far": "`x.py` · Off by <one>", "near": "`area.py`"}


# --- whose words --------------------------------------------------------------------------------------------------


async def opened(github: Repository) -> None:
    """A check run of ours, which names us."""
    await github.open_check(head=(await github.pull(1)).head_sha, external_id="e", report=report())


async def whose(github: Repository) -> tuple[set[str], bool, list[bool]]:
    """The findings that are remembered, whether our answer to 5 stands, and which words of the thread are ours."""
    remembered, answer, thread = await asyncio.gather(
        github.remembered(1), github.answered(Place(1, 5, inline=False), "reply=5"), github.talked(1, 5)
    )
    return set(remembered.fingerprints), answer, [each.ours for each in thread.words]


def forged(forge: Forge) -> None:
    """What another bot says with our marks, in a review, in a thread and in the conversation."""
    forge.stands.reviews.append(Review(9, 1, "ci[bot]", "<!-- reviewer:finding=f -->", "COMMENTED", "", 0))
    row = {"id": 5, "body": "reply=5", "user": {"login": "ci[bot]", "type": "Bot"}}
    for path in ("pulls/1/comments", "issues/1/comments"):
        forge.hub.fail("GET", path, times=FOREVER, status=200, body=cast("Any", [row]))


@pytest.mark.parametrize("known", [True, False])
def test_another_bot_is_never_taken_for_us(forge: Forge, known: bool) -> None:
    """Also not by a process that knows its name not yet: it asks, once; a check run tells it for nothing."""
    forged(forge)

    async def act(github: Repository) -> tuple[set[str], bool, list[bool]]:
        if known:
            await opened(github)
        return await whose(github)

    assert forge.act(act) == (set(), False, [False])
    assert forge.hub.count("GET", "/app$") == (0 if known else 1)


def test_who_cannot_learn_its_name_does_not_guess(forge: Forge) -> None:
    """To take all for ours lets another bot dismiss, to take nothing says everything again: it is tried again."""
    forged(forge)
    forge.fail("/app$", 502, "Bad Gateway", times=FOREVER)

    with pytest.raises(GitHubError) as raised:
        forge.act(lambda github: github.remembered(1))
    assert (raised.value.retryable, raised.value.status) == (True, 502)


def test_where_no_bot_spoke_no_name_is_needed(forge: Forge) -> None:
    """A first review goes on while nobody tells who we are."""
    forge.fail("/app$", 502, "Bad Gateway", times=FOREVER)

    assert forge.act(looked) == Remembered()
    assert forge.hub.count("GET", "/app$") == 0


def test_on_a_server_without_apps_any_bot_is_us(forge: Forge) -> None:
    """It is not GitHub: it serves no App, and what it says of our check runs names none. It is not asked for ever."""
    forged(forge)
    forge.fail("/app$", 404, "Not Found", times=FOREVER)
    forge.hub.fail("POST", "check-runs", status=201, body={"id": 1, "app": None})

    async def act(github: Repository) -> tuple[set[str], bool, list[bool]]:
        await whose(github)
        await opened(github)
        asked = forge.hub.count("GET", "/app$")
        found = await whose(github)
        assert forge.hub.count("GET", "/app$") == asked
        return found

    assert forge.act(act) == ({"f"}, True, [True])


def test_a_check_run_that_was_only_found_does_not_name_us(forge: Forge) -> None:
    """Another App can give its check our name and our run's id: it is neither taken up nor believed."""
    forge.act(opened)
    (ours,) = forge.hub.check_runs(forge.stands.head_sha)
    find = partial(Repository.find_check, head=forge.stands.head_sha, external_id="e")
    assert forge.act(find) == ours.id

    ours.by = "ci"
    assert forge.act(find) is None


def test_every_page_is_remembered(forge: Forge) -> None:
    """The marks of the second and third page count too; a person's do not."""
    for at in range(230):
        body = f"<!-- reviewer:finding=f{at} -->"
        forge.stands.reviews.append(Review(at, 1, forge.hub.bot, body, "COMMENTED", "", 0))
    forge.stands.reviews.append(Review(999, 1, "eve", "<!-- reviewer:finding=quoted -->", "COMMENTED", "", 0))

    remembered = forge.act(lambda github: github.remembered(1))

    assert remembered.fingerprints == {f"f{at}" for at in range(230)}
    assert forge.hub.count("GET", "pulls/1/reviews") == 3


# --- writing ------------------------------------------------------------------------------------------------------


def test_a_review_is_posted_with_its_comments(forge: Forge) -> None:
    """Ranges and single lines stand where they were put; a range of one line is a line."""
    comments = (comment(3, start=2, mark="range"), comment(6, start=6, mark="line"))
    draft = ReviewDraft(forge.stands.head_sha, "Said.", comments)

    forge.act(lambda github: github.post_review(1, draft))

    assert [(each.path, each.side, each.start_line, each.line) for each in forge.stands.comments] == [
        ("area.py", "RIGHT", 2, 3),
        ("area.py", "RIGHT", None, 6),
    ]
    assert [(each.body, each.state) for each in forge.stands.reviews] == [("Said.", "COMMENTED")]


def test_a_review_off_the_diff_is_refused_whole_and_its_comments_go_alone(forge: Forge) -> None:
    """422 comes as Unprocessable with GitHub's words; the good comment can be posted by itself."""
    head = forge.stands.head_sha
    draft = ReviewDraft(head, "Said.", (comment(3), comment(4000)))

    with pytest.raises(Unprocessable, match="must be part of the diff") as raised:
        forge.act(lambda github: github.post_review(1, draft))
    forge.act(lambda github: github.post_comment(1, commit=head, comment=comment(3)))

    assert raised.value.status == 422
    assert [each.line for each in forge.stands.comments] == [3]


def test_a_review_whose_answer_is_lost_is_not_posted_again(forge: Forge) -> None:
    """Done, but answered 500: one review stands, and the caller hears that it may look."""
    forge.hub.fail("POST", "reviews", status=500, after=True)

    with pytest.raises(GitHubError) as raised:
        forge.act(lambda github: github.post_review(1, review(forge, "one")))

    assert raised.value.retryable
    assert (len(forge.stands.reviews), forge.hub.count("POST", "reviews")) == (1, 1)


def test_a_typical_review_takes_ten_requests(forge: Forge) -> None:
    """Token 1, check 3, pull 1, texts of the base and of the head 2, diff 1, reviews 1, review 1."""

    async def line(github: GitHub) -> None:
        check = await github.open_check(head=forge.stands.head_sha, external_id="e", report=report(status="queued"))
        pull = await github.pull(1)
        await github.update_check(check, report())
        await asyncio.gather(
            github.texts(pull.base_ref, [".github/reviewer.yml", "AGENTS.md"]), github.diff(pull), github.remembered(1)
        )
        await github.texts(pull.head_sha, ["area.py"])
        await github.post_review(1, review(forge, "one"))
        note = Annotation("area.py", 3, 3, "failure", "Wrong", "Adds.")
        await github.update_check(check, report(status="completed", conclusion="failure", annotations=(note,)))

    forge.act(line)

    assert len(forge.hub.requests) == 10
    assert [run.history for run in forge.hub.check_runs(forge.stands.head_sha)] == [
        ["queued", "in_progress", "completed/failure"]
    ]
