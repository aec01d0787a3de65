"""Holds the stand-in GitHub to GitHub's own OpenAPI description, where that lies beside the repository."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import pytest
from standin_client import Client, Forge, forge

from reviewer.standin import events

_DESCRIPTION = Path(__file__).parent.parent.parent / "shared" / "data" / "github-openapi-trim.json"

pytestmark = pytest.mark.skipif(
    not _DESCRIPTION.is_file(), reason="GitHub's OpenAPI description is not at ../shared/data/github-openapi-trim.json"
)


@cache
def description() -> dict[str, Any]:
    document: dict[str, Any] = _without_nullable(json.loads(_DESCRIPTION.read_text(encoding="utf-8")))
    return document


def _without_nullable(node: Any) -> Any:
    """OpenAPI 3.0 writes `nullable`; JSON Schema wants a union with null."""
    if isinstance(node, list):
        return [_without_nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {
        key: _without_nullable(value) for key, value in node.items() if key not in {"nullable", "example", "examples"}
    }
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


@cache
def validator(pointer: tuple[str, ...]) -> Any:
    """The validator for the schema at this place of the document."""
    escaped = "/".join(quote(part.replace("~", "~0").replace("/", "~1"), safe="~") for part in pointer)
    return jsonschema_rs.Draft202012Validator({**description(), "$ref": f"#/{escaped}"}, validate_formats=True)


def operation(method: str, path: str) -> tuple[str, dict[str, Any]]:
    """The described path that this one is an instance of."""
    for template, operations in description()["paths"].items():
        pattern = re.sub(r"\\\{(path|basehead|ref)\\\}", "(.+)", re.escape(template))
        pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", pattern)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            return template, operations[method.lower()]
    raise LookupError(f"{method} {path} is not described")


def problems(method: str, path: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer, [] when it is as GitHub describes it."""
    template, described = operation(method, path)
    response = described["responses"].get(str(status))
    if response is None:
        return [f"status {status} is not described"]
    at: tuple[str, ...] = ("paths", template, method.lower(), "responses", str(status))
    if "$ref" in response:
        at = tuple(response["$ref"].removeprefix("#/").split("/"))
        response = description()["components"]["responses"][at[-1]]
    if "content" not in response:
        return [] if body in (None, {}) else ["a body where none is described"]
    errors = validator((*at, "content", "application/json", "schema")).iter_errors(body)
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in errors]


def request_problems(method: str, path: str, body: Any) -> list[str]:
    template, described = operation(method, path)
    if "requestBody" not in described:
        return []
    at = ("paths", template, method.lower(), "requestBody", "content", "application/json", "schema")
    return [error.message[:200] for error in validator(at).iter_errors(body)]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path) as made:
        yield made


REVIEW = {
    "commit_id": None,
    "event": "COMMENT",
    "body": "One thing.",
    "comments": [
        {"path": "app.py", "line": 3, "side": "RIGHT", "start_line": 2, "start_side": "RIGHT", "body": "Two lines"},
        {"path": "app.py", "line": 2, "side": "LEFT", "body": "Removed"},
    ],
}


def check(client: Client, method: str, path: str, *, status: int, body: Any = None, app: bool = False) -> Any:
    """Ask, and hold the request and its answer to the description."""
    if body is not None:
        assert request_problems(method, path.partition("?")[0], body) == []
    response = client.call(method, path, body=body, app=app)
    content = response.json() if response.content else None
    assert (response.status_code, problems(method, path.partition("?")[0], response.status_code, content)) == (
        status,
        [],
    )
    return content


def test_the_app_and_its_installations(hub: Forge) -> None:
    """What the App asks about itself is answered in GitHub's shape."""
    client = hub.client
    check(client, "GET", "/app", status=200, app=True)
    found = check(client, "GET", "/repos/octo/demo/installation", status=200, app=True)
    path = f"/app/installations/{found['id']}/access_tokens"
    check(client, "POST", path, status=201, body={"repositories": ["demo"]}, app=True)
    check(client, "GET", "/installation/repositories", status=200)
    check(client, "GET", "/rate_limit", status=200)
    hub.deliver_opened()
    (delivery,) = check(client, "GET", "/app/hook/deliveries", status=200, app=True)
    check(client, "POST", f"/app/hook/deliveries/{delivery['id']}/attempts", status=202, app=True)


def test_a_pull_request_and_its_files(hub: Forge) -> None:
    """Reading a pull request and its repository is answered in GitHub's shape."""
    for path in (
        "/repos/octo/demo",
        "/repos/octo/demo/pulls",
        "/repos/octo/demo/pulls/1",
        "/repos/octo/demo/pulls/1/files",
        "/repos/octo/demo/pulls/1/commits",
        "/repos/octo/demo/contents/app.py?ref=main",
        "/repos/octo/demo/contents/docs",
        "/repos/octo/demo/contents/link",
        "/repos/octo/demo/contents/vendor",
        "/repos/octo/demo/git/trees/main?recursive=1",
        f"/repos/octo/demo/git/blobs/{hub.blob('app.py')}",
        "/repos/octo/demo/compare/main...feature",
        "/repos/octo/demo/collaborators/ann/permission",
    ):
        check(hub.client, "GET", path, status=200)


def test_a_review_and_its_comments(hub: Forge) -> None:
    """Saying things on a pull request, and reading them back, is answered in GitHub's shape."""
    client = hub.client
    check(client, "POST", "/repos/octo/demo/pulls/1/reviews", status=200, body={**REVIEW, "commit_id": hub.head})
    check(client, "GET", "/repos/octo/demo/pulls/1/reviews", status=200)
    first, _ = check(client, "GET", "/repos/octo/demo/pulls/1/comments", status=200)
    comment = {"body": "Here", "commit_id": hub.head, "path": "app.py", "line": 3, "side": "RIGHT"}
    check(client, "POST", "/repos/octo/demo/pulls/1/comments", status=201, body=comment)
    replies = f"/repos/octo/demo/pulls/1/comments/{first['id']}/replies"
    check(client, "POST", replies, status=201, body={"body": "Fixed"})
    path = f"/repos/octo/demo/pulls/comments/{first['id']}"
    check(client, "PATCH", path, status=200, body={"body": "Three lines"})
    check(client, "POST", f"{path}/reactions", status=201, body={"content": "eyes"})
    check(client, "POST", f"{path}/reactions", status=200, body={"content": "eyes"})
    check(client, "DELETE", path, status=204)
    said = check(client, "POST", "/repos/octo/demo/issues/1/comments", status=201, body={"body": "Hello"})
    check(client, "GET", "/repos/octo/demo/issues/1/comments", status=200)
    path = f"/repos/octo/demo/issues/comments/{said['id']}"
    check(client, "PATCH", path, status=200, body={"body": "Hello again"})
    check(client, "POST", f"{path}/reactions", status=201, body={"content": "hooray"})
    check(client, "POST", "/repos/octo/demo/issues/1/labels", status=200, body={"labels": ["bug"]})


def test_what_people_did_to_comments(hub: Forge) -> None:
    """Comments with replies, reactions and a deleted beginning are read in GitHub's shape."""
    state, here = hub.state, ("octo/demo", 1)
    top = events.comment_inline(state, *here, "Why?", user="ann", path="app.py", line=2).payload["comment"]["id"]
    events.reply(state, *here, "So.", user="bob", to=top)
    events.react(state, *here, "-1", comment=top, user="bob")
    events.comment(state, *here, "/review", user="ann")
    check(hub.client, "GET", "/repos/octo/demo/pulls/1/comments", status=200)
    check(hub.client, "GET", "/repos/octo/demo/issues/1/comments", status=200)
    events.delete(state, *here, comment=top)
    (reply,) = check(hub.client, "GET", "/repos/octo/demo/pulls/1/comments", status=200)
    assert reply["in_reply_to_id"] == top


def test_a_webhooks_parts_are_those_of_rest(hub: Forge) -> None:
    """The comments and the pull request of a webhook have the shapes that the same things have by REST."""
    state, here = hub.state, ("octo/demo", 1)
    top = events.comment_inline(state, *here, "Why?", user="ann", path="app.py", line=2).payload["comment"]["id"]
    thread = events.resolve(state, *here, comment=top, user="ann").payload
    talk = events.comment(state, *here, "/review", user="ann").payload
    for path, parts in (
        ("/repos/octo/demo/pulls/1/comments", thread["thread"]["comments"]),
        ("/repos/octo/demo/pulls", [thread["pull_request"]]),
        ("/repos/octo/demo/issues/1/comments", [talk["comment"]]),
    ):
        assert problems("GET", path, 200, parts) == []


def test_a_check_run(hub: Forge) -> None:
    """A check run's life, and a status, are answered in GitHub's shape."""
    hub.installation.permissions["statuses"] = "write"
    client = hub.client
    run = {"name": "reviewer", "head_sha": hub.head, "status": "queued", "external_id": "octo/demo#1"}
    made = check(client, "POST", "/repos/octo/demo/check-runs", status=201, body=run)
    annotation = {"path": "app.py", "start_line": 2, "end_line": 2, "annotation_level": "failure", "message": "Wrong"}
    output = {"title": "1 finding", "summary": "…", "text": "…", "annotations": [annotation]}
    button = {"label": "Explain", "description": "Say how this verdict came about", "identifier": "explain"}
    done = {"status": "completed", "conclusion": "failure", "output": output, "actions": [button]}
    check(client, "PATCH", f"/repos/octo/demo/check-runs/{made['id']}", status=200, body=done)
    check(client, "GET", f"/repos/octo/demo/commits/{hub.head}/check-runs", status=200)
    check(client, "GET", "/repos/octo/demo/pulls/1", status=200)
    status = {"state": "success", "context": "reviewer"}
    check(client, "POST", f"/repos/octo/demo/statuses/{hub.head}", status=201, body=status)


def test_refusals(hub: Forge) -> None:
    """What is refused is refused in GitHub's shape too."""
    client = hub.client
    off = {**REVIEW, "commit_id": hub.head, "comments": [{"path": "app.py", "line": 400, "body": "Off the diff"}]}
    check(client, "POST", "/repos/octo/demo/pulls/1/reviews", status=422, body=off)
    comment = {"body": "Off", "commit_id": hub.head, "path": "app.py", "line": 400, "side": "RIGHT"}
    check(client, "POST", "/repos/octo/demo/pulls/1/comments", status=422, body=comment)
    events.lock(hub.state, "octo/demo", 1)
    check(client, "POST", "/repos/octo/demo/pulls/1/reviews", status=403, body={**REVIEW, "commit_id": hub.head})
    check(client, "POST", "/repos/octo/demo/issues/1/comments", status=403, body={"body": "Hello"})
    for path in ("/repos/octo/demo/pulls/99", "/repos/octo/demo/contents/nowhere", "/repos/octo/gone"):
        check(client, "GET", path, status=404)
    hub.state.limits.diff_files = 1
    response = client.call("GET", "/repos/octo/demo/pulls/1", accept="application/vnd.github.diff")
    assert (response.status_code, problems("GET", "/repos/octo/demo/pulls/1", 406, response.json())) == (406, [])
