"""Review threads on the stand-in by GraphQL: read in pages, resolved, minimised, and refused as GitHub refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from standin_client import Forge, forge

from reviewer.standin import events

PULL = "/repos/octo/demo/pulls/1"
HERE = ("octo/demo", 1)
THREADS = """query($owner: String!, $name: String!, $number: Int!, $first: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: $first, after: $after) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved isOutdated resolvedBy { login } path line startLine diffSide
          comments(first: 50) {
            totalCount
            pageInfo { hasNextPage endCursor }
            nodes {
              id databaseId isMinimized minimizedReason body replyTo { databaseId }
              author { login __typename ... on Bot { databaseId } }
              reactions(first: 10, content: THUMBS_DOWN) { totalCount nodes { content user { login } } }
            }
          }
        }
      }
    }
  }
}"""
RESOLVE = """mutation($thread: ID!) {
  done: resolveReviewThread(input: {threadId: $thread}) { thread { id isResolved resolvedBy { login } } }
}"""
UNRESOLVE = """mutation Again($input: UnresolveReviewThreadInput!) {
  unresolveReviewThread(input: $input) { thread { isResolved } }
}"""
MINIMIZE = """mutation($id: ID!, $why: ReportedContentClassifiers!) {
  minimizeComment(input: {subjectId: $id, classifier: $why}) { minimizedComment { isMinimized minimizedReason } }
}"""
UNMINIMIZE = """mutation($id: ID!) {
  unminimizeComment(input: {subjectId: $id}) {
    unminimizedComment { __typename isMinimized ... on PullRequestReviewComment { databaseId } }
  }
}"""


@contextmanager
def reviewed(folder: Path) -> Iterator[Forge]:
    """With a review of two comments, the second on two lines."""
    with forge(folder) as made:
        comments = [
            {"path": "app.py", "line": 2, "side": "LEFT", "body": "Gone."},
            {"path": "app.py", "start_line": 2, "line": 3, "body": "Wrong."},
        ]
        body = {"event": "COMMENT", "body": "Two.", "comments": comments}
        assert made.client.call("POST", f"{PULL}/reviews", body=body).status_code == 200
        yield made


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with reviewed(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    """One forge for the tests that change nothing; the App may resolve there."""
    with reviewed(tmp_path_factory.mktemp("still")) as made:
        allow(made, contents="write")
        yield made


def threads(hub: Forge, first: int = 100, **more: Any) -> dict[str, Any]:
    answer = hub.client.graphql(THREADS, owner="octo", name="demo", number=1, first=first, **more)
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["repository"]["pullRequest"]["reviewThreads"]
    return found


def allow(hub: Forge, **permissions: str) -> None:
    hub.installation.permissions.update(permissions)
    hub.client.token = ""


def test_a_thread_is_read_with_what_people_did(hub: Forge) -> None:
    """One query tells of each thread who wrote, replied, refused and resolved."""
    _, top = hub.state.comments(*HERE)
    events.reply(hub.state, *HERE, "No.", user="ann", to=top.id)
    events.react(hub.state, *HERE, "-1", comment=top.id, user="ann")
    events.react(hub.state, *HERE, "eyes", comment=top.id, user="bob")
    events.resolve(hub.state, *HERE, comment=top.id, user="bob")
    first, second = threads(hub)["nodes"]
    assert (first["isResolved"], first["resolvedBy"], first["diffSide"]) == (False, None, "LEFT")
    said = second.pop("comments")
    assert second == {
        "id": f"PRRT_{top.id}",
        "isResolved": True,
        "isOutdated": False,
        "resolvedBy": {"login": "bob"},
        "path": "app.py",
        "line": 3,
        "startLine": 2,
        "diffSide": "RIGHT",
    }
    ours, reply = said["nodes"]
    assert (ours["author"]["login"], ours["author"]["__typename"]) == ("reviewer", "Bot")
    assert reply["author"] == {"login": "ann", "__typename": "User"}
    assert (ours["replyTo"], reply["replyTo"]) == (None, {"databaseId": top.id})
    assert ours["reactions"] == {"totalCount": 1, "nodes": [{"content": "THUMBS_DOWN", "user": {"login": "ann"}}]}


def test_threads_come_in_pages(still: Forge) -> None:
    """`first` and `after` walk through all threads once; GitHub gives no list without `first`."""
    one = threads(still, first=1)
    two = threads(still, first=1, after=one["pageInfo"]["endCursor"])
    assert [page["pageInfo"]["hasNextPage"] for page in (one, two)] == [True, False]
    ids = [each["id"] for page in (one, two) for each in page["nodes"]]
    assert ids == [f"PRRT_{each.id}" for each in still.state.comments(*HERE)]
    query = '{ repository(owner: "octo", name: "demo") { pullRequest(number: 1) { reviewThreads%s { totalCount } } } }'
    for pages in ("", "(first: 101)", '(first: 1, after: "x")'):
        answer = still.client.graphql(query % pages)
        assert answer["errors"][0]["path"] == ["repository", "pullRequest", "reviewThreads"]


def test_a_thread_outlives_its_first_comment(hub: Forge) -> None:
    """While a reply is there the thread keeps its id and whether it is resolved."""
    _, top = hub.state.comments(*HERE)
    events.reply(hub.state, *HERE, "No.", user="ann", to=top.id)
    events.resolve(hub.state, *HERE, comment=top.id, user="ann")
    assert hub.client.call("DELETE", f"/repos/octo/demo/pulls/comments/{top.id}").status_code == 204
    thread = threads(hub)["nodes"][1]
    assert (thread["id"], thread["isResolved"], thread["comments"]["totalCount"]) == (f"PRRT_{top.id}", True, 1)
    assert thread["comments"]["nodes"][0]["replyTo"] is None


def test_resolving_needs_contents_write(hub: Forge) -> None:
    """An App that may only read contents is refused with FORBIDDEN and nothing happens; with write it resolves."""
    thread = threads(hub)["nodes"][0]["id"]
    refused = hub.client.graphql(RESOLVE, thread=thread)
    error = {"type": "FORBIDDEN", "path": ["done"], "message": "Resource not accessible by integration"}
    assert refused == {"data": {"done": None}, "errors": [error]}
    assert threads(hub)["nodes"][0]["isResolved"] is False
    allow(hub, contents="write")
    done = hub.client.graphql(RESOLVE, thread=thread)
    resolved = {"id": thread, "isResolved": True, "resolvedBy": {"login": "reviewer"}}
    assert done == {"data": {"done": {"thread": resolved}}}
    again = hub.client.graphql(UNRESOLVE, input={"threadId": thread})
    assert again == {"data": {"unresolveReviewThread": {"thread": {"isResolved": False}}}}


def test_a_comment_is_minimised_and_shown_again(hub: Forge) -> None:
    """Minimising takes pull_requests: write, and the reason is told in small letters."""
    comment = hub.state.comments(*HERE)[0]
    done = hub.client.graphql(MINIMIZE, id=f"PRRC_{comment.id}", why="OFF_TOPIC")
    folded = {"isMinimized": True, "minimizedReason": "off-topic"}
    assert done == {"data": {"minimizeComment": {"minimizedComment": folded}}}
    shown = threads(hub)["nodes"][0]["comments"]["nodes"][0]
    assert (shown["id"], shown["isMinimized"], shown["minimizedReason"]) == (f"PRRC_{comment.id}", True, "off-topic")
    done = hub.client.graphql(UNMINIMIZE, id=f"PRRC_{comment.id}")
    shown = {"__typename": "PullRequestReviewComment", "isMinimized": False, "databaseId": comment.id}
    assert done == {"data": {"unminimizeComment": {"unminimizedComment": shown}}}
    (review,) = hub.state.reviews(*HERE)
    assert hub.client.graphql(MINIMIZE, id=f"PRR_{review.id}", why="OUTDATED")["data"]["minimizeComment"]
    assert review.minimized == "outdated"


def test_minimising_needs_write(hub: Forge) -> None:
    """A token that may only read is refused, and so is one for a repository elsewhere."""
    comment = hub.state.comments(*HERE)[0]
    allow(hub, pull_requests="read", issues="read")
    answer = hub.client.graphql(MINIMIZE, id=f"PRRC_{comment.id}", why="RESOLVED")
    assert (answer["data"], answer["errors"][0]["type"]) == ({"minimizeComment": None}, "FORBIDDEN")
    hub.state.add_repository("octo/other")
    hub.client.token = hub.client.new_token(repositories=["other"]).json()["token"]
    answer = hub.client.graphql(RESOLVE, thread=f"PRRT_{comment.id}")
    assert (answer["errors"][0]["type"], comment.minimized) == ("NOT_FOUND", "")


@pytest.mark.parametrize("thread", ["PRRT_1", "PRRC_%d", "nonsense", ""])
def test_an_unknown_thread_is_not_found(still: Forge, thread: str) -> None:
    """Ids of other things, and of nothing, are NOT_FOUND at the mutation's own name."""
    answer = still.client.graphql(RESOLVE, thread=thread.replace("%d", str(still.state.comments(*HERE)[0].id)))
    assert [(each["type"], each["path"]) for each in answer["errors"]] == [("NOT_FOUND", ["done"])]


@pytest.mark.parametrize(
    "query",
    [
        'mutation { resolveReviewThread(input: {threadId: "%s"}) { thread { nope } } }',
        'mutation { resolveReviewThread(threadId: "%s") { thread { id } } }',
        'mutation { resolveReviewThread(input: {threadId: "%s"}) { thread } }',
        'mutation($x: ID) { resolveReviewThread(input: {threadId: "%s"}) { thread { id } } }',
        'query { resolveReviewThread(input: {threadId: "%s"}) { thread { id } } }',
        'mutation { resolveReviewThread(input: {id: "%s"}) { thread { id } } }',
        'mutation { resolveReviewThread(input: {threadId: "%s"}) { thread { ... on Bot { login } } } }',
    ],
)
def test_what_is_asked_wrongly_does_nothing(still: Forge, query: str) -> None:
    """A request is checked whole before anything is done, as GitHub does it."""
    thread = f"PRRT_{still.state.comments(*HERE)[0].id}"
    assert still.client.graphql(query % thread)["errors"]
    assert still.state.pull(*HERE).resolved == {}


def test_a_node_is_found_by_its_id(still: Forge) -> None:
    """`node` answers with whatever the id names, asked by fragments."""
    thread = f"PRRT_{still.state.comments(*HERE)[0].id}"
    query = "query($id: ID!) { node(id: $id) { __typename id ... on PullRequestReviewThread { path } } }"
    found = {"__typename": "PullRequestReviewThread", "id": thread, "path": "app.py"}
    assert still.client.graphql(query, id=thread) == {"data": {"node": found}}


def test_a_field_needs_its_permission(hub: Forge) -> None:
    """Without pull_requests the rest of the query is answered, and the field is null with FORBIDDEN."""
    hub.client.token = hub.client.new_token(permissions={"contents": "read"}).json()["token"]
    answer = hub.client.graphql(
        '{ repository(owner: "octo", name: "demo") { nameWithOwner pullRequest(number: 1) { number } } }'
    )
    assert answer["data"] == {"repository": {"nameWithOwner": "octo/demo", "pullRequest": None}}
    assert [(each["type"], each["path"]) for each in answer["errors"]] == [("FORBIDDEN", ["repository", "pullRequest"])]
