"""The stand-in GitHub refuses what GitHub refuses: comments off the diff, reviews and check runs over the limits."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin_client import Forge, forge

from reviewer.standin.changes import Change, hunks_of
from reviewer.standin.repository import GitRepository
from reviewer.standin.rules import OffTheDiff, find_spot

PULL = "/repos/octo/demo/pulls/1"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """One forge for the tests that are refused everything: what one of them left behind would fail the next."""
    with forge(tmp_path_factory.mktemp("still")) as made:
        yield made


def post_review(hub: Forge, *comments: dict[str, Any], **review: Any) -> httpx2.Response:
    body = {"event": "COMMENT", "body": "Findings.", "comments": list(comments), **review}
    return hub.client.call("POST", f"{PULL}/reviews", body=body)


def remark(line: int = 3, **more: Any) -> dict[str, Any]:
    return {"path": "app.py", "line": line, "side": "RIGHT", "body": "Wrong.", **more}


@pytest.mark.parametrize(
    "bad",
    [
        {"path": "nowhere.py"},
        {"line": 40},
        {"line": 0},
        {"line": None},
        {"line": 3, "start_line": 3},
        {"line": 3, "start_line": 4},
        {"line": 3, "start_line": 40},
        {"line": 8, "side": "LEFT"},
        {"body": ""},
        {"body": "x" * 65_537},
        {"path": "logo.png", "line": 1},
    ],
)
def test_one_bad_comment_refuses_the_whole_review(still: Forge, bad: dict[str, Any]) -> None:
    """A comment that cannot stand fails the review with 422, and nothing of it is posted."""
    response = post_review(still, remark(), {**remark(), **bad})
    assert response.status_code == 422
    assert all(isinstance(error, str) for error in response.json()["errors"])
    assert (still.state.reviews("octo/demo", 1), still.state.comments("octo/demo", 1)) == ([], [])


@pytest.mark.parametrize(
    "bad",
    [
        {"body": ""},
        {"body": None},
        {"body": "x" * 65_537},
        {"event": "?"},
        {"commit_id": "0" * 40},
        {"comments": ["x"]},
    ],
)
def test_a_bad_review_is_refused(still: Forge, bad: dict[str, Any]) -> None:
    """COMMENT needs a body; the event and the commit have to be known ones."""
    assert (post_review(still, **bad).status_code, still.state.reviews("octo/demo", 1)) == (422, [])


@pytest.mark.parametrize(("length", "expected"), [(0, 422), (65_536, 201), (65_537, 422)])
def test_a_comment_has_a_length(hub: Forge, length: int, expected: int) -> None:
    """A comment is neither empty nor longer than 65,536 characters, inline or in the conversation."""
    inline = {**remark(), "commit_id": hub.head, "body": "x" * length}
    paths = {f"{PULL}/comments": inline, "/repos/octo/demo/issues/1/comments": {"body": "x" * length}}
    statuses = [hub.client.call("POST", path, body=body).status_code for path, body in paths.items()]
    assert statuses == [expected, expected]


def test_a_range_lies_in_one_hunk(tmp_path: Path) -> None:
    """Lines of two hunks make no range, though both are in the diff."""
    git = GitRepository.create(tmp_path / "two.git")
    text = [f"line {number}\n" for number in range(1, 31)]
    git.commit({"a.txt": "".join(text)})
    text[1], text[27] = "new\n", "new\n"
    git.commit({"a.txt": "".join(text)}, branch="two")
    patch = git.run("diff", "main", "two").decode().partition("@@")
    change = Change("a.txt", "a.txt", "modified", "", 2, 2, patch[1] + patch[2].rstrip("\n"))
    assert len(change.hunks) == 2
    with pytest.raises(OffTheDiff, match="same hunk"):
        find_spot([change], {"path": "a.txt", "line": 28, "start_line": 2})


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12)


@given(old=lines, new=lines)
def test_a_comment_stands_on_the_lines_of_the_diff_alone(old: list[str], new: list[str]) -> None:
    """RIGHT takes the numbers of added and context lines, LEFT those of removed and context lines, nothing else."""
    patch = "\n".join(list(difflib.unified_diff(old, new, lineterm="", n=1))[2:])
    change = Change("a", "a", "modified", "", 0, 0, patch)
    rows = [row for hunk in hunks_of(patch) for row in hunk.rows]
    for side, source, kinds in (("LEFT", old, "- "), ("RIGHT", new, "+ ")):
        allowed = []
        for line in range(15):
            try:
                spot = find_spot([change], {"path": "a", "line": line, "side": side})
            except OffTheDiff:
                continue
            allowed.append(line)
            assert spot.diff_hunk.split("\n")[-1][1:] == source[line - 1]
        assert len(allowed) == sum(row.kind in kinds for row in rows)


def test_what_is_posted_stands(hub: Forge) -> None:
    """A review's comments can be read back, in its order and on their lines."""
    response = post_review(hub, remark(3, start_line=2), remark(2, side="LEFT"), commit_id=hub.head)
    assert response.status_code == 200
    stands = [(each.side, each.start_line, each.line) for each in hub.state.comments("octo/demo", 1)]
    assert stands == [("RIGHT", 2, 3), ("LEFT", None, 2)]
    assert hub.state.reviews("octo/demo", 1)[0].user == "reviewer[bot]"


def test_replies_go_to_the_top_of_a_thread(hub: Forge) -> None:
    """A reply to a reply is not found."""
    post_review(hub, remark())
    (top,) = hub.state.comments("octo/demo", 1)
    reply = hub.client.call("POST", f"{PULL}/comments/{top.id}/replies", body={"body": "Fixed."})
    again = hub.client.call("POST", f"{PULL}/comments/{reply.json()['id']}/replies", body={"body": "Really."})
    assert (reply.status_code, reply.json()["in_reply_to_id"], again.status_code) == (201, top.id, 404)


RUN = {"name": "reviewer", "status": "in_progress"}
NOTE = {"path": "app.py", "start_line": 2, "end_line": 2, "annotation_level": "warning", "message": "Wrong"}


@pytest.mark.parametrize(
    "bad",
    [
        {"status": "completed"},
        {"status": "done"},
        {"conclusion": "perfect"},
        {"head_sha": "0" * 40},
        {"output": {"title": "t", "summary": "x" * 65_536}},
        {"output": {"title": "t", "summary": "s", "text": "x" * 65_536}},
        {"output": {"title": "t", "summary": "s", "annotations": [NOTE] * 51}},
        {"output": {"title": "t", "summary": "s", "annotations": [{**NOTE, "end_line": 1}]}},
        {"output": {"title": "t"}},
        {"actions": [{"label": "l", "description": "d", "identifier": "i"}] * 4},
        {"actions": [{"label": "l" * 21, "description": "d", "identifier": "i"}]},
    ],
)
def test_a_bad_check_run_is_refused(still: Forge, bad: dict[str, Any]) -> None:
    """What is over GitHub's limits, or incomplete, makes no check run."""
    response = still.client.call("POST", "/repos/octo/demo/check-runs", body={**RUN, "head_sha": still.head, **bad})
    assert (response.status_code, still.state.check_runs(still.head)) == (422, [])


def test_a_check_run_grows_to_its_conclusion(hub: Forge) -> None:
    """Updates add annotations to those that stand; a conclusion completes the run."""
    runs = "/repos/octo/demo/check-runs"
    made = hub.client.call("POST", runs, body={**RUN, "status": "queued", "head_sha": hub.head}).json()
    output = {"title": "t", "summary": "s", "annotations": [NOTE] * 50}
    hub.client.call("PATCH", f"{runs}/{made['id']}", body={"status": "in_progress", "output": output})
    hub.client.call("PATCH", f"{runs}/{made['id']}", body={"conclusion": "neutral", "output": output})
    (run,) = hub.state.check_runs(hub.head)
    assert (len(run.annotations), run.history) == (100, ["queued", "in_progress", "completed/neutral"])


def test_permissions_are_those_of_the_repository(still: Forge) -> None:
    """The role is told beside the older word for it; whoever is unknown is not found."""

    def ask(login: str) -> tuple[int, Any]:
        response = still.client.call("GET", f"/repos/octo/demo/collaborators/{login}/permission")
        return response.status_code, response.json().get("role_name")

    assert [ask(login) for login in ("octo", "ann", "bob", "eve")] == [
        (200, "admin"),
        (200, "maintain"),
        (200, "triage"),
        (404, None),
    ]
