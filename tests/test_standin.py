"""The stand-in GitHub behaves like GitHub where a review reads: access, diffs, files, contents, GraphQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from standin_client import Clock, Forge, forge

from reviewer.standin.state import make_key

PULL = "/repos/octo/demo/pulls/1"
DIFF = "application/vnd.github.diff"


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """One forge for the tests that change nothing."""
    with forge(tmp_path_factory.mktemp("still")) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Forge]:
    with forge(tmp_path, clock) as made:
        yield made


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
def test_the_app_is_known_by_its_jwt(still: Forge, claims: dict[str, Any], expected: int) -> None:
    """A JWT counts only with this App as issuer, and now, and for at most ten minutes."""
    assert still.client.call("GET", "/app", token=still.client.jwt(**claims)).status_code == expected


def test_a_jwt_by_another_key_or_without_a_signature_is_refused(still: Forge) -> None:
    """The signature is checked, with RS256 alone."""
    now = int(still.state.clock())
    claims = {"iss": str(still.state.app_id), "iat": now, "exp": now + 60}
    for token in (jwt.encode(claims, make_key(), "RS256"), jwt.encode(claims, "", "none"), "e30.e30.e30", "nonsense"):
        assert still.client.call("GET", "/app", token=token).status_code == 401


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


def test_a_token_dies_with_its_installation(hub: Forge) -> None:
    """A token given before is forbidden everything while the installation is suspended, and unknown once it is gone."""
    statuses = [hub.client.call("GET", PULL).status_code]
    hub.installation.suspended = True
    statuses.append(hub.client.call("GET", PULL).status_code)
    hub.state.installations.clear()
    statuses.append(hub.client.call("GET", PULL).status_code)
    assert statuses == [200, 403, 401]


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


def test_lists_come_in_pages(still: Forge) -> None:
    """Following `next` gives every file once; only the pages that are there are linked."""
    path, names, steps = f"{PULL}/files?per_page=2", [], 0
    while path:
        response = still.client.call("GET", path)
        names += [file["filename"] for file in response.json()]
        path = response.links.get("next", {}).get("url", "").partition("/api/v3")[2]
        steps += 1
    assert (steps, names) == (2, ["app.py", "logo.png", "new name.txt"])
    assert set(response.links) == {"first", "prev"}


def test_contents_are_those_of_the_ref(still: Forge) -> None:
    """A file is served raw or as base64, at a branch or a commit; a folder as its list; nothing else is there."""

    def get(path: str, accept: str = "") -> httpx2.Response:
        return still.client.call("GET", f"/repos/octo/demo/contents/{path}", accept=accept)

    raw = get(f"app.py?ref={still.head}", "application/vnd.github.raw+json").text
    assert raw == still.state.repository("octo/demo").git.blob(still.blob("app.py")).decode()
    assert (get("app.py?ref=main").json()["encoding"], get("app.py?ref=main").json()["size"]) == ("base64", 96)
    assert [entry["path"] for entry in get("docs").json()] == ["docs/guide.md"]
    assert [get(path).status_code for path in ("nowhere", "app.py?ref=nowhere", "app.py/x")] == [404, 404, 404]


def test_graphql_reads_many_files_at_once(still: Forge) -> None:
    """One query with aliases and variables answers many blobs; what is no file is null."""
    query = """query Texts($owner: String!, $name: String!, $first: String!) {
      repository(owner: $owner, name: $name) {
        a: object(expression: $first) { ... on Blob { text byteSize isBinary isTruncated } }
        b: object(expression: "feature:logo.png") { ... on Blob { text isBinary } }
        c: object(expression: "main:nowhere") { ... on Blob { text } }
      }
    }"""
    answer = still.client.graphql(query, owner="octo", name="demo", first="main:docs/guide.md")
    guide = {"text": "# Guide\n", "byteSize": 8, "isBinary": False, "isTruncated": False}
    assert answer == {"data": {"repository": {"a": guide, "b": {"text": None, "isBinary": True}, "c": None}}}


def test_graphql_shows_only_what_the_token_covers(hub: Forge) -> None:
    """A repository outside a narrowed token is not there."""
    hub.state.add_repository("octo/other").git.commit({"secret": "x"})
    hub.client.token = hub.client.new_token(repositories=["demo"]).json()["token"]
    query = (
        '{ repository(owner: "octo", name: "other") { a: object(expression: "main:secret") { ... on Blob { text } } } }'
    )
    answer = hub.client.graphql(query)
    assert (answer["data"], answer["errors"][0]["type"]) == ({"repository": None}, "NOT_FOUND")


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
def test_graphql_says_what_it_cannot_answer(still: Forge, query: str) -> None:
    """Whatever else is asked is answered with `errors`, never with a made-up value."""
    assert still.client.graphql(query)["errors"]


def test_an_answer_that_is_known_is_not_sent_again(hub: Forge) -> None:
    """A request with the ETag of the last answer is answered 304, until something changes."""
    first = hub.client.call("GET", f"{PULL}/reviews")
    headers = {"authorization": f"Bearer {hub.client.token}", "if-none-match": first.headers["etag"]}
    url = f"{hub.state.url}/api/v3{PULL}/reviews"
    assert hub.client.http.get(url, headers=headers).status_code == 304
    said = {"event": "COMMENT", "body": "Nothing."}
    assert hub.client.call("POST", f"{PULL}/reviews", body=said).status_code == 200
    assert hub.client.http.get(url, headers=headers).status_code == 200
