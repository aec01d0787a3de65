"""What people do on the stand-in beside pushing: they talk, edit, delete, react, resolve, lock, and GitHub tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from standin_client import Forge, forge

from reviewer.standin import events
from reviewer.standin.repository import Content

PULL = "/repos/octo/demo/pulls/1"
HERE = ("octo/demo", 1)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path) as made:
        yield made


def inline(hub: Forge, line: int = 2, path: str = "app.py") -> int:
    """The id of a new comment of the App's."""
    body = {"path": path, "line": line, "side": "RIGHT", "body": "Wrong.", "commit_id": hub.head}
    answer = hub.client.call("POST", f"{PULL}/comments", body=body)
    assert answer.status_code == 201
    return int(answer.json()["id"])


def push(hub: Forge, files: dict[str, Content]) -> None:
    hub.state.repository("octo/demo").git.commit(files, branch="feature")
    events.push(hub.state, *HERE)


def test_each_deed_is_told_by_its_webhook(hub: Forge) -> None:
    """Talking, editing, deleting, resolving and locking give GitHub's events, by the person who did it."""
    state, top = hub.state, inline(hub)
    happened = [events.comment(state, *HERE, "/review", user="ann")]
    talk = happened[0].payload["comment"]["id"]
    happened += [
        events.edit(state, *HERE, "/review full", comment=talk),
        events.delete(state, *HERE, comment=talk),
        events.comment_inline(state, *HERE, "Why?", user="ann", path="app.py", line=3),
        events.reply(state, *HERE, "/dismiss", user="ann", to=top),
    ]
    reply = happened[-1].payload["comment"]["id"]
    happened += [
        events.edit(state, *HERE, "/dismiss it is wanted", comment=reply),
        events.delete(state, *HERE, comment=reply),
        events.resolve(state, *HERE, comment=top, user="ann"),
        events.unresolve(state, *HERE, comment=top, user="ann"),
        events.lock(state, *HERE),
    ]
    assert [(event.name, event.payload["action"]) for event in happened] == [
        ("issue_comment", "created"),
        ("issue_comment", "edited"),
        ("issue_comment", "deleted"),
        ("pull_request_review_comment", "created"),
        ("pull_request_review_comment", "created"),
        ("pull_request_review_comment", "edited"),
        ("pull_request_review_comment", "deleted"),
        ("pull_request_review_thread", "resolved"),
        ("pull_request_review_thread", "unresolved"),
        ("pull_request", "locked"),
    ]
    assert {event.payload["sender"]["login"] for event in happened} == {"ann"}
    assert {event.payload["installation"]["id"] for event in happened} == {hub.installation.id}
    assert [event.payload.get("changes") for event in happened if event.payload["action"] == "edited"] == [
        {"body": {"from": "/review"}},
        {"body": {"from": "/dismiss"}},
    ]


def test_a_conversation_is_an_issues(hub: Forge) -> None:
    """The issue of a pull request says so by `pull_request`; that of a plain issue has no such key."""
    issue = events.comment(hub.state, *HERE, "Hi", user="ann").payload["issue"]
    assert (issue["url"], issue["comments"]) == (f"{hub.state.url}/api/v3/repos/octo/demo/issues/1", 1)
    assert issue["pull_request"]["url"] == f"{hub.state.url}/api/v3/repos/octo/demo/pulls/1"
    plain = events.comment_on_issue(hub.state, "octo/demo", 7, "/review", user="ann").payload["issue"]
    assert ("pull_request" in plain, plain["number"], len(hub.state.issue_comments(*HERE))) == (False, 7, 1)


def test_a_resolved_thread_is_told_whole(hub: Forge) -> None:
    """The payload names the thread by its GraphQL id and holds all of its comments."""
    top = inline(hub)
    events.reply(hub.state, *HERE, "Right.", user="ann", to=top)
    payload = events.resolve(hub.state, *HERE, comment=top, user="ann").payload
    assert payload["thread"]["node_id"] == f"PRRT_{top}"
    assert [each["body"] for each in payload["thread"]["comments"]] == ["Wrong.", "Right."]
    assert payload["pull_request"]["number"] == 1


def test_reactions_are_counted_and_listed(hub: Forge) -> None:
    """Anybody reacts once with each content; the comment counts them, the list names who, of one content if asked."""
    top = inline(hub)
    for user, content in (("ann", "-1"), ("ann", "-1"), ("bob", "-1"), ("bob", "heart")):
        events.react(hub.state, *HERE, content, comment=top, user=user)
    events.unreact(hub.state, *HERE, "-1", comment=top, user="bob")
    path = f"/repos/octo/demo/pulls/comments/{top}"
    rollup = hub.client.call("GET", path).json()["reactions"]
    assert (rollup["total_count"], rollup["-1"], rollup["heart"], rollup["+1"]) == (2, 1, 1, 0)
    listed = hub.client.call("GET", f"{path}/reactions?content=-1").json()
    assert [(each["user"]["login"], each["content"]) for each in listed] == [("ann", "-1")]
    assert len(hub.client.call("GET", f"{path}/reactions").json()) == 2
    with pytest.raises(ValueError, match="is no reaction"):
        events.react(hub.state, *HERE, "👎", comment=top, user="ann")


def test_a_locked_conversation_is_silent(hub: Forge) -> None:
    """While it is locked the App can post nothing there, not even a reaction; reading goes on."""
    top = inline(hub)
    events.comment(hub.state, *HERE, "/review", user="ann")
    (talk,) = hub.state.issue_comments(*HERE)
    events.lock(hub.state, *HERE)
    comment = {"path": "app.py", "line": 2, "body": "Wrong.", "commit_id": hub.head}
    said = {"body": "Hello"}
    asked = [
        (f"{PULL}/reviews", {"event": "COMMENT", **said}),
        (f"{PULL}/comments", comment),
        (f"{PULL}/comments/{top}/replies", said),
        ("/repos/octo/demo/issues/1/comments", said),
        (f"/repos/octo/demo/pulls/comments/{top}/reactions", {"content": "eyes"}),
        (f"/repos/octo/demo/issues/comments/{talk.id}/reactions", {"content": "eyes"}),
    ]
    for path, body in asked:
        answer = hub.client.call("POST", path, body=body)
        assert (answer.status_code, answer.json()["message"]) == (
            403,
            "Unable to create comment because issue is locked.",
        )
    assert hub.client.call("GET", PULL).json()["locked"] is True
    events.lock(hub.state, *HERE, locked=False)
    assert hub.client.call("POST", "/repos/octo/demo/issues/1/comments", body=said).status_code == 201


def test_a_role_is_given_and_taken(hub: Forge) -> None:
    """The permission route tells the role of this moment."""
    roles = []
    for role in ("read", "write", "none"):
        events.set_role(hub.state, "octo/demo", "eve", role)
        roles.append(hub.client.call("GET", "/repos/octo/demo/collaborators/eve/permission").json()["role_name"])
    assert roles == ["read", "write", "none"]


def test_what_is_outdated_stays_so_until_the_commit_is_back(hub: Forge) -> None:
    """A later commit that brings the line back does not revive the comment; a force-push to the old head does."""
    inline(hub, 2)
    (comment,) = hub.state.comments(*HERE)
    old = hub.state.repository("octo/demo").git.blob(hub.blob("app.py")).decode()
    push(hub, {"app.py": old.replace("list(items)", "tuple(items)")})
    assert comment.line is None
    push(hub, {"app.py": old})
    assert comment.line is None
    events.push(hub.state, *HERE, head=hub.head)
    assert [(each.line, each.commit_id) for each in hub.state.comments(*HERE)] == [(2, hub.head)]


def test_a_renamed_file_leaves_its_comments_behind(hub: Forge) -> None:
    """The comment keeps the path on which it was written and is outdated."""
    inline(hub, 2)
    push(hub, {"app.py": None, "sums.py": hub.state.repository("octo/demo").git.blob(hub.blob("app.py"))})
    (comment,) = hub.state.comments(*HERE)
    assert (comment.path, comment.line, comment.original_line) == ("app.py", None, 2)


def test_what_is_said_of_an_earlier_commit_is_carried_to_the_head(hub: Forge) -> None:
    """A comment that comes after a push, on the commit before it, stands where its line is now."""
    old = hub.state.repository("octo/demo").git.blob(hub.blob("app.py")).decode()
    push(hub, {"app.py": "# first\n" + old.replace("sum(items[1:])", "sum(items)")})
    inline(hub, 2)
    inline(hub, 3)
    assert [(each.line, each.original_line) for each in hub.state.comments(*HERE)] == [(3, 2), (None, 3)]
