"""The stand-in GitHub behaves like GitHub where a review depends on it: access, diffs, refusals, limits, faults."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin_client import Clock, Forge, forge

from reviewer.standin.changes import Change, hunks_of
from reviewer.standin.repository import GitRepository
from reviewer.standin.rules import OffTheDiff, find_spot
from reviewer.standin.state import make_key

PULL = "/repos/octo/demo/pulls/1"
DIFF = "application/vnd.github.diff"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Forge]:
    with forge(tmp_path, clock) as made:
        yield made


def post_review(hub: Forge, *comments: dict[str, Any], **review: Any) -> httpx2.Response:
    body = {"event": "COMMENT", "body": "Findings.", "comments": list(comments), **review}
    return hub.client.call("POST", f"{PULL}/reviews", body=body)


def remark(line: int = 3, **more: Any) -> dict[str, Any]:
    return {"path": "app.py", "line": line, "side": "RIGHT", "body": "Wrong.", **more}


# --- access -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, 200),
        ({"iss": "Iv23standin4711"}, 200),
        ({"iss": "1"}, 404),
        ({"exp": 0}, 401),
        ({"exp": 1 << 40}, 401),
        ({"iat": 1 << 40}, 401),
        ({"iat": "now"}, 401),
    ],
)
def test_the_app_is_known_by_its_jwt(hub: Forge, claims: dict[str, Any], expected: int) -> None:
    """A JWT counts only with this App as issuer, and now, and for at most ten minutes."""
    assert hub.client.call("GET", "/app", token=hub.client.jwt(**claims)).status_code == expected


def test_a_jwt_by_another_key_or_without_a_signature_is_refused(hub: Forge) -> None:
    """The signature is checked, with RS256 alone."""
    now = int(hub.state.clock())
    claims = {"iss": str(hub.state.app_id), "iat": now, "exp": now + 60}
    for token in (jwt.encode(claims, make_key(), "RS256"), jwt.encode(claims, "", "none"), "e30.e30.e30", "nonsense"):
        assert hub.client.call("GET", "/app", token=token).status_code == 401


def test_a_token_ends_after_an_hour(hub: Forge, clock: Clock) -> None:
    """An installation token is good for an hour by the stand-in's clock, then it is a bad credential."""
    assert hub.client.call("GET", PULL).status_code == 200
    clock.now += 3_601
    refused = hub.client.call("GET", PULL)
    assert (refused.status_code, refused.json()["message"]) == (401, "Bad credentials")


def test_a_token_sees_and_does_only_what_it_was_given(hub: Forge) -> None:
    """What a narrowed token does not cover is not there; what it may not do is forbidden."""
    hub.state.add_repository("octo/other")
    hub.state.add_repository("else/where")
    token = hub.client.new_token(repositories=["demo"], permissions={"pull_requests": "read"}).json()["token"]
    asked = {
        "/repos/octo/demo": ("GET", None),
        "/repos/octo/other": ("GET", None),
        "/repos/else/where": ("GET", None),
        f"{PULL}/reviews": ("POST", {"body": "x", "event": "COMMENT"}),
    }
    answers = [hub.client.call(method, path, body=body, token=token) for path, (method, body) in asked.items()]
    assert [response.status_code for response in answers] == [200, 404, 404, 403]


def test_tokens_are_refused_where_nothing_is_granted(hub: Forge) -> None:
    """Unknown installation 404; permissions or repositories beyond it 422; suspended 403."""
    unknown = hub.client.call("POST", "/app/installations/9/access_tokens", body={}, app=True)
    beyond = hub.client.new_token(permissions={"contents": "write"})
    foreign = hub.client.new_token(repositories=["nowhere"])
    hub.installation.suspended = True
    suspended = hub.client.new_token()
    statuses = [response.status_code for response in (unknown, beyond, foreign, suspended)]
    assert statuses == [404, 422, 422, 403]


# --- reading ----------------------------------------------------------------------------------------------------


def test_the_diff_is_gits_own(hub: Forge) -> None:
    """The `.diff` is byte for byte git's diff from the merge base, also when the base moved on."""
    git = hub.state.repository("octo/demo").git
    expected = git.run("diff", "--find-renames", f"{hub.base}...{hub.head}")
    hub.state.pull("octo/demo", 1).base_sha = git.commit({"later.txt": "x\n"}, message="Later")
    response = hub.client.call("GET", PULL, accept=DIFF)
    assert (response.status_code, response.content) == (200, expected)


@pytest.mark.parametrize(("limit", "expected"), [("diff_files", "files (1)"), ("diff_lines", "lines (1)")])
def test_a_large_diff_is_not_shown(hub: Forge, limit: str, expected: str) -> None:
    """Over GitHub's limits the diff is answered 406 `too_large`, and the file list still works."""
    setattr(hub.state.limits, limit, 1)
    response = hub.client.call("GET", PULL, accept=DIFF)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (406, "too_large")
    assert expected in response.json()["message"]
    assert hub.client.call("GET", f"{PULL}/files").status_code == 200


def test_files_come_without_patch_where_github_has_none(hub: Forge) -> None:
    """Binaries, pure renames and too large files are listed without `patch`."""
    listed = hub.client.call("GET", f"{PULL}/files").json()
    shown = [(file["filename"], file["status"], "patch" in file) for file in listed]
    assert shown == [("app.py", "modified", True), ("logo.png", "modified", False), ("new name.txt", "renamed", False)]
    assert listed[2]["previous_filename"] == "old name.txt"
    hub.state.limits.patch_lines = 2
    assert "patch" not in hub.client.call("GET", f"{PULL}/files").json()[0]


def test_lists_come_in_pages(hub: Forge) -> None:
    """Following `next` gives every file once; only the pages that are there are linked."""
    path, names, steps = f"{PULL}/files?per_page=2", [], 0
    while path:
        response = hub.client.call("GET", path)
        names += [file["filename"] for file in response.json()]
        path = response.links.get("next", {}).get("url", "").partition("/api/v3")[2]
        steps += 1
    assert (steps, names) == (2, ["app.py", "logo.png", "new name.txt"])
    assert set(response.links) == {"first", "prev"}


def test_contents_are_those_of_the_ref(hub: Forge) -> None:
    """A file is served raw or as base64, at a branch or a commit; a folder as its list; nothing else is there."""

    def get(path: str, accept: str = "") -> httpx2.Response:
        return hub.client.call("GET", f"/repos/octo/demo/contents/{path}", accept=accept)

    raw = get(f"app.py?ref={hub.head}", "application/vnd.github.raw+json").text
    assert raw == hub.state.repository("octo/demo").git.blob(hub.blob("app.py")).decode()
    assert (get("app.py?ref=main").json()["encoding"], get("app.py?ref=main").json()["size"]) == ("base64", 92)
    assert [entry["path"] for entry in get("docs").json()] == ["docs/guide.md"]
    assert [get(path).status_code for path in ("nowhere", "app.py?ref=nowhere", "app.py/x")] == [404, 404, 404]


def test_graphql_reads_many_files_at_once(hub: Forge) -> None:
    """One query with aliases and variables answers many blobs; what is no file is null."""
    query = """query Texts($owner: String!, $name: String!, $first: String!) {
      repository(owner: $owner, name: $name) {
        a: object(expression: $first) { ... on Blob { text byteSize isBinary isTruncated } }
        b: object(expression: "feature:logo.png") { ... on Blob { text isBinary } }
        c: object(expression: "main:nowhere") { ... on Blob { text } }
      }
    }"""
    answer = hub.client.graphql(query, owner="octo", name="demo", first="main:docs/guide.md")
    guide = {"text": "# Guide\n", "byteSize": 8, "isBinary": False, "isTruncated": False}
    assert answer == {"data": {"repository": {"a": guide, "b": {"text": None, "isBinary": True}, "c": None}}}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "{",
        "mutation { x }",
        "{ viewer { login } }",
        '{ repository(owner: "octo", name: "gone") { a: object(expression: "main:a") { __typename } } }',
        '{ repository(owner: "octo", name: "demo") { issues { x } } }',
        "query($a: String!) { repository(owner: $a, name: $b) { x } }",
        "{ ; }",
    ],
)
def test_graphql_says_what_it_cannot_answer(hub: Forge, query: str) -> None:
    """Whatever else is asked is answered with `errors`, never with a made-up value."""
    assert hub.client.graphql(query)["errors"]


def test_an_answer_that_is_known_is_not_sent_again(hub: Forge) -> None:
    """A request with the ETag of the last answer is answered 304, until something changes."""
    first = hub.client.call("GET", f"{PULL}/reviews")
    headers = {"authorization": f"Bearer {hub.client.token}", "if-none-match": first.headers["etag"]}
    url = f"{hub.state.url}/api/v3{PULL}/reviews"
    assert hub.client.http.get(url, headers=headers).status_code == 304
    post_review(hub, remark())
    assert hub.client.http.get(url, headers=headers).status_code == 200


# --- refusals ---------------------------------------------------------------------------------------------------


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
def test_one_bad_comment_refuses_the_whole_review(hub: Forge, bad: dict[str, Any]) -> None:
    """A comment that cannot stand fails the review with 422, and nothing of it is posted."""
    response = post_review(hub, remark(), {**remark(), **bad})
    assert response.status_code == 422
    assert all(isinstance(error, str) for error in response.json()["errors"])
    assert (hub.state.reviews("octo/demo", 1), hub.state.comments("octo/demo", 1)) == ([], [])


@pytest.mark.parametrize("bad", [{"body": ""}, {"body": None}, {"event": "SHOUT"}, {"commit_id": "0" * 40}])
def test_a_bad_review_is_refused(hub: Forge, bad: dict[str, Any]) -> None:
    """COMMENT needs a body; the event and the commit have to be known ones."""
    assert (post_review(hub, **bad).status_code, hub.state.reviews("octo/demo", 1)) == (422, [])


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
def test_a_bad_check_run_is_refused(hub: Forge, bad: dict[str, Any]) -> None:
    """What is over GitHub's limits, or incomplete, makes no check run."""
    response = hub.client.call("POST", "/repos/octo/demo/check-runs", body={**RUN, "head_sha": hub.head, **bad})
    assert (response.status_code, hub.state.check_runs(hub.head)) == (422, [])


def test_a_check_run_grows_to_its_conclusion(hub: Forge) -> None:
    """Updates add annotations to those that stand; a conclusion completes the run."""
    runs = "/repos/octo/demo/check-runs"
    made = hub.client.call("POST", runs, body={**RUN, "status": "queued", "head_sha": hub.head}).json()
    output = {"title": "t", "summary": "s", "annotations": [NOTE] * 50}
    hub.client.call("PATCH", f"{runs}/{made['id']}", body={"status": "in_progress", "output": output})
    hub.client.call("PATCH", f"{runs}/{made['id']}", body={"conclusion": "neutral", "output": output})
    (run,) = hub.state.check_runs(hub.head)
    assert (len(run.annotations), run.history) == (100, ["queued", "in_progress", "completed/neutral"])


def test_permissions_are_those_of_the_repository(hub: Forge) -> None:
    """The role is told beside the older word for it; whoever is unknown is not found."""

    def ask(login: str) -> tuple[int, Any]:
        response = hub.client.call("GET", f"/repos/octo/demo/collaborators/{login}/permission")
        return response.status_code, response.json().get("role_name")

    assert [ask(login) for login in ("octo", "ann", "bob", "eve")] == [
        (200, "admin"),
        (200, "maintain"),
        (200, "triage"),
        (404, None),
    ]
