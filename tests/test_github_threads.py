"""What our comments say and what people did to them is read back from GitHub, whatever it leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from forge import NAME, Forge
from kept_forge import forge, served
from placed import placed

from reviewer.core.render.review import comment_body, review_body
from reviewer.core.render.words import finding_mark, state_mark
from reviewer.core.types import Comment, Placed, ReviewDraft, Severity, Side, State, Thread, Told
from reviewer.github.graph_shapes import ReviewThread
from reviewer.github.memory import _code
from reviewer.github.shapes import Said
from reviewer.github.threads import THUMBS, threads_of, what_became
from reviewer.standin import events
from reviewer.standin.records import Reaction
from reviewer.standin.state import FOREVER
from reviewer.standin.threads import answer_in_thread

__all__ = ["forge", "served"]


def finding(name: str = "f1", **changes: Any) -> Placed:
    return placed(path="area.py", more={"fingerprint": name}, **changes)


def post(forge: Forge, *findings: Placed, listed: tuple[Placed, ...] = ()) -> list[int]:
    """A review with these findings; gives its comments' ids."""
    comments = tuple(Comment(each.anchor, comment_body(each), each.fingerprint) for each in findings if each.anchor)
    draft = ReviewDraft(forge.stands.head_sha, review_body(findings, listed, run="run-1"), comments)
    forge.act(lambda github: github.post_review(1, draft))
    return [each.id for each in forge.stands.comments]


def told(forge: Forge) -> tuple[Told, ...]:
    return forge.act(lambda github: github.remembered(1)).told


def thread(forge: Forge) -> Thread:
    (only,) = told(forge)
    return only.thread


def answered(forge: Forge, root: int, body: str, user: str = "") -> None:
    answer_in_thread(forge.hub, forge.stands, body, user=user or forge.hub.bot, to=root)


# --- words --------------------------------------------------------------------------------------------------------


def test_a_finding_is_read_back_with_its_place_and_code(forge: Forge) -> None:
    """Both kinds: on a line, and in the review's body."""
    (root,) = post(
        forge,
        finding(line=3, start=2, title="A <b>", body="It adds.\n\nTwice."),
        listed=(placed(line=None, path="x.py", title="Off", body="Far.", more={"fingerprint": "f2"}),),
    )
    head = forge.stands.head_sha

    assert told(forge) == (
        Told(
            "f1",
            path="area.py",
            line=3,
            code="    # both sides\n    return w * h",
            above=("def area(w, h):",),
            severity=Severity.HIGH,
            category="logic",
            title="A <b>",
            body="It adds.\n\nTwice.",
            run="run-1",
            comment=root,
            commit=head,
            thread=Thread(id=f"PRRT_{root}", node=f"PRRC_{root}"),
        ),
        Told("f2", "x.py", 0, Side.RIGHT, "", (), Severity.HIGH, "logic", "Off", "Far.", "run-1", 0, head),
    )


def test_an_outdated_comment_keeps_the_code_that_it_was_put_on(forge: Forge) -> None:
    """GitHub says null for its line: then nobody knows where it is now."""
    post(forge, finding(line=3))
    forge.stands.comments[0].line = forge.stands.comments[0].start_line = None

    (only,) = told(forge)
    assert (only.line, only.code) == (0, "    return w * h")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"side": "LEFT", "original_line": 2}, "    return w + h"),
        ({"side": "LEFT", "original_line": 2, "original_start_line": 1}, "def area():\n    return w + h"),
        ({"side": "LEFT", "original_line": 9, "original_start_line": 1}, "def area():\n    return w + h"),
        ({"original_line": 2}, "    return w * h"),
        ({"line": 2, "start_line": 1}, "def area():\n    return w * h"),
        ({"original_line": 1, "subject_type": "file"}, ""),
        ({"original_line": 2, "diff_hunk": None}, ""),
        ({}, "    return w * h"),
    ],
)
def test_code_is_read_off_the_diff(fields: dict[str, Any], code: str) -> None:
    """The last lines of the comment's side, without their signs, and no more than there are."""
    hunk = "@@ -1,2 +1,2 @@ def\n def area():\n-    return w + h\n\\ No newline at end of file\n+    return w * h"
    said = Said.model_validate({"id": 1, "diff_hunk": hunk, **fields})

    assert _code(said, Side.LEFT if said.side == "LEFT" else Side.RIGHT)[0] == code


def test_a_comment_that_names_several_findings_is_there_for_each(forge: Forge) -> None:
    """The others have paths of their own, and stand on no line that anybody knows."""
    first, other = finding(line=3), placed(line=8, path="b.py", more={"fingerprint": "f2"})
    assert first.anchor
    comment = Comment(first.anchor, comment_body(first, [other]), "f1")
    forge.act(lambda github: github.post_comment(1, commit=forge.stands.head_sha, comment=comment))

    assert [(each.name, each.path, each.line, bool(each.code), each.run) for each in told(forge)] == [
        ("f1", "area.py", 3, True, ""),
        ("f2", "b.py", 0, False, ""),
    ]


# --- threads ------------------------------------------------------------------------------------------------------


def test_who_resolved_it(forge: Forge) -> None:
    """A person, or we ourselves: an App's login is another one in GraphQL than in REST."""
    (root,) = post(forge, finding())
    events.resolve(forge.hub, NAME, 1, comment=root, user="ada")
    forge.stands.comments[0].minimized = "outdated"
    assert thread(forge) == Thread(f"PRRT_{root}", f"PRRC_{root}", resolved=True, resolved_by="ada", minimized=True)

    events.unresolve(forge.hub, NAME, 1, comment=root, user="ada")
    events.resolve(forge.hub, NAME, 1, comment=root, user=forge.hub.bot)
    now = thread(forge)
    assert (now.resolved, now.resolved_by, now.ours) == (True, forge.hub.slug, True)


@pytest.mark.parametrize(("login", "ours"), [(None, True), ("ada", False), ("us", True), ("us[bot]", True)])
def test_a_resolver_without_a_login_is_us_where_we_said_fixed(login: str | None, ours: bool) -> None:
    """GraphQL may give null for an App; a person's name is believed."""
    known = ReviewThread.model_validate(
        {"id": "T", "isResolved": True, "resolvedBy": login and {"login": login}, "comments": None}
    )
    said = [
        Said(id=1, body="Wrong."),
        Said(id=2, in_reply_to_id=1, body=state_mark("fixed", "abc")),
    ]
    became = what_became(threads_of(said)[1], known, ours=frozenset({1, 2}), us=frozenset({"us"}), refused_by=())

    assert (became.resolved, became.ours, became.state, became.by) == (True, ours, "fixed", "abc")


@pytest.mark.parametrize(("login", "by"), [("ann[bot]", ""), ("ann", "ann"), ("us[bot]", "us")])
def test_another_bot_is_not_the_person_of_its_name(login: str, by: str) -> None:
    """What it resolved nobody has decided."""
    known = ReviewThread.model_validate({"id": "T", "isResolved": True, "resolvedBy": {"login": login}})
    became = what_became(threads_of([Said(id=1)])[1], known, ours=frozenset({1}), us=frozenset({"us"}), refused_by=())

    assert (became.resolved, became.resolved_by, became.ours) == (True, by, by == "us")


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        ([], ("open", "")),
        ([("fixed", "abc")], ("fixed", "abc")),
        ([("fixed", "abc"), ("open", "def")], ("open", "def")),
        ([("open", "def"), ("dismissed", "ada")], ("dismissed", "ada")),
    ],
)
def test_the_newest_of_our_marks_tells_the_state(
    forge: Forge, marks: list[tuple[State, str]], state: tuple[State, str]
) -> None:
    """Only ours: what a person writes or quotes changes nothing but that people wrote here."""
    (root,) = post(forge, finding())
    for mark in marks:
        answered(forge, root, f"Said.\n\n{state_mark(*mark)}")
    assert not thread(forge).people

    answered(forge, root, state_mark("dismissed", "eve"), user="eve")
    now = thread(forge)
    assert (now.state, now.by, now.people) == (*state, True)


def test_people_who_refuse_a_comment_are_named(forge: Forge) -> None:
    """By 👎, and not bots; other reactions do not count. The threads tell it all: no request for each comment."""
    first, second = post(forge, finding(), finding("f2", line=3))
    for user, content in (("ada", "-1"), ("eve", "+1"), ("lint[bot]", "-1")):
        events.react(forge.hub, NAME, 1, content, comment=first, user=user)
    events.react(forge.hub, NAME, 1, "+1", comment=second, user="ada")

    assert [each.thread.refused_by for each in told(forge)] == [("ada",), ()]
    assert forge.hub.count("GET", "reactions") == 0


def test_a_page_of_comments_with_thumbs_costs_what_one_does(forge: Forge) -> None:
    """Reviews, comments, threads; and a new 👎 undoes no old one."""
    post(forge, finding())
    top = forge.stands.comments[0]
    forge.stands.comments += [replace(top, id=9_000 + at, reactions=[]) for at in range(98)]
    for each in forge.stands.comments[:25]:
        each.reactions.append(Reaction(0, "ada", "-1", 0.0))
    told(forge)  # learns our name
    forge.hub.requests.clear()

    assert [bool(each.thread.refused_by) for each in told(forge)] == [True] * 25 + [False] * 74
    assert len(forge.hub.requests) == 3


def test_a_crowd_of_thumbs_hides_nobody(forge: Forge) -> None:
    """Of more than a thread brings, all are asked for; where that fails, those that it brought count."""
    (root,) = post(forge, finding())
    for at in range(THUMBS):
        events.react(forge.hub, NAME, 1, "-1", comment=root, user=f"stranger-{at}")
    assert len(thread(forge).refused_by) == THUMBS
    assert forge.hub.count("GET", "reactions") == 0

    events.react(forge.hub, NAME, 1, "-1", comment=root, user="ada")
    assert thread(forge).refused_by[-1] == "ada"
    forge.fail("reactions", 404, "Not Found")
    assert len(thread(forge).refused_by) == THUMBS
    assert forge.hub.count("GET", "reactions") == 2


@pytest.mark.parametrize(
    ("status", "body", "queries", "known"),
    [
        (502, {"message": "Bad Gateway"}, 1, False),
        (200, {"errors": [{"message": "Field 'reactions' doesn't exist on type 'PullRequestReviewComment'"}]}, 2, True),
        (400, {"errors": [{"message": 'Value "THUMBS_DOWN" does not exist in "ReactionContent" enum.'}]}, 2, True),
    ],
)
def test_thumbs_that_the_threads_do_not_bring_are_asked_for(
    forge: Forge, status: int, body: dict[str, Any], queries: int, known: bool
) -> None:
    """However many; the threads are told all the same where a server refuses only to tell reactions."""
    ids = post(forge, *(finding(f"f{at}") for at in range(THUMBS + 2)))
    for each in forge.stands.comments:
        each.reactions += [Reaction(0, "ada", "-1", 0.0), Reaction(0, "lint[bot]", "-1", 0.0)]
    forge.hub.fail("POST", "graphql", status=status, body=body)

    assert [(each.comment, each.thread.refused_by, bool(each.thread.id)) for each in told(forge)] == [
        (each, ("ada",), known) for each in ids
    ]
    assert (forge.hub.count("POST", "graphql"), forge.hub.count("GET", "reactions")) == (queries, THUMBS + 2)


def test_a_server_that_always_refuses_is_asked_twice(forge: Forge) -> None:
    """With and without reactions."""
    post(forge, finding())
    forge.hub.fail("POST", "graphql", times=FOREVER, status=200, body={"errors": [{"message": "No reactions"}]})

    assert thread(forge).id == ""
    assert forge.hub.count("POST", "graphql") == 2


def test_where_nothing_of_ours_is_no_threads_are_asked_for(forge: Forge) -> None:
    """Other people's comments are none of our business."""
    post(forge, finding())
    forge.stands.comments[0].user = "eve"

    assert told(forge) == ()
    assert forge.hub.count("POST", "graphql") == 0


def test_many_threads_and_many_replies(forge: Forge) -> None:
    """300 threads are three requests; 500 people's replies in one are read over REST."""
    (root,) = post(forge, finding())
    top = forge.stands.comments[0]
    forge.stands.comments += [replace(top, id=9_000 + at) for at in range(299)]
    for _ in range(500):
        answered(forge, root, "No.", user="eve")
    events.resolve(forge.hub, NAME, 1, comment=9_298, user="ada")

    found = {each.comment: each.thread for each in told(forge)}
    assert (len(found), found[9_298].resolved_by, found[root].people) == (300, "ada", True)
    assert forge.hub.count("POST", "graphql") == 3


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"message": "Not Found"}),
        (502, {"message": "Bad Gateway"}),
        (403, {"message": "Resource not accessible by integration"}),
        (200, {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}),
        (200, {"errors": [{"message": None}], "data": None}),
        (200, {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND"}]}),
        (200, {"data": {"repository": {"pullRequest": None}}}),
        (200, {"data": {"repository": {"pullRequest": {"reviewThreads": {"nodes": [None, {"id": "T"}]}}}}}),
        (200, {"data": {"repository": {"pullRequest": {"reviewThreads": {"nodes": [{"id": None}]}}}}}),
        (200, {"data": {"repository": {"pullRequest": {"reviewThreads": {"nodes": [{"id": "T", "comments": None}]}}}}}),
        (200, {"data": []}),
        (200, {"hello": "world"}),
    ],
)
def test_without_threads_a_review_goes_on(forge: Forge, status: int, body: dict[str, Any]) -> None:
    """No GraphQL, a refusal, or nonsense: one request is lost, and REST tells the rest."""
    (root,) = post(forge, finding())
    answered(forge, root, "No.", user="eve")
    forge.hub.fail("POST", "graphql", times=FOREVER, status=status, body=body)

    assert thread(forge) == Thread(id="", node=f"PRRC_{root}", people=True)
    assert forge.hub.count("POST", "graphql") == 1


@pytest.mark.parametrize("second", ["lost", "garbled", "half"])
def test_threads_that_were_not_listed_are_not_known_to_be_open(forge: Forge, second: str) -> None:
    """The page that came counts; those of the page that did not have no id, nor those of which half is told."""
    ids = [*post(forge, finding()), 9_000]
    forge.stands.comments.append(replace(forge.stands.comments[0], id=9_000))
    listed = {"id": "A", "isResolved": True, "comments": {"nodes": [{"id": f"PRRC_{ids[0]}"}]}}
    half = {"id": "B", "isResolved": None, "comments": {"nodes": [{"id": "PRRC_9000"}]}}
    pages = [
        {"nodes": [listed], "pageInfo": {"hasNextPage": True, "endCursor": "c"}},
        {"nodes": [half] if second == "half" else [{"id": 5}]},
    ]
    for page in pages:
        body: dict[str, Any] = {"data": {"repository": {"pullRequest": {"reviewThreads": page}}}}
        status = 502 if second == "lost" and page is pages[1] else 200
        forge.hub.fail("POST", "graphql", status=status, body=body)

    assert [(each.thread.id, each.thread.node, each.thread.resolved) for each in told(forge)] == [
        ("A", f"PRRC_{ids[0]}", True),
        ("", "PRRC_9000", False),
    ]


def test_reactions_that_nobody_tells_are_none(forge: Forge) -> None:
    """A comment deleted meanwhile, say."""
    (root,) = post(forge, finding())
    events.react(forge.hub, NAME, 1, "-1", comment=root, user="ada")
    forge.fail("graphql", 502, "Bad Gateway")
    forge.fail("reactions", 404, "Not Found")

    assert thread(forge).refused_by == ()


def test_bare_comments_are_read(forge: Forge) -> None:
    """Deleted people, nulls and missing fields, as old servers and deleted accounts give them."""
    ours: dict[str, Any] = {"login": forge.hub.bot, "type": "Bot"}
    rows = [
        {"id": 1, "body": f"Wrong.\n\n{finding_mark('bare')}", "user": ours},
        {"id": 2, "body": None, "user": None, "in_reply_to_id": 1, "reactions": None},
        {"id": 3, "body": "Deleted its thread.", "user": None, "in_reply_to_id": 99, "line": None, "path": None},
        {"id": 4, "body": finding_mark("reply"), "user": ours, "in_reply_to_id": 98, "reactions": {"-1": None}},
        {"id": 5, "body": finding_mark("null"), "user": ours, "side": None, "diff_hunk": None, "reactions": {}},
    ]
    forge.hub.fail("GET", "pulls/1/comments", status=200, body=cast("Any", rows))

    assert told(forge) == (
        Told("bare", body="Wrong.", comment=1, thread=Thread(people=True)),
        Told("reply", comment=4),
        Told("null", comment=5),
    )
