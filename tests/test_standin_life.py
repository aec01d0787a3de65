"""What happens on the stand-in over time: pushes, webhooks, scripted faults, the request log."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from standin_client import BASE, Forge, forge
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reviewer.standin import events, webhooks
from reviewer.standin.records import Delivery, Seen
from reviewer.standin.repository import GitRepository
from reviewer.standin.server import serve
from reviewer.standin.state import FOREVER

PULL = "/repos/octo/demo/pulls/1"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path) as made:
        yield made


def test_commits_are_the_same_everywhere(tmp_path: Path) -> None:
    """The same files give the same SHA on every machine, whatever its git configuration says."""
    shas = [GitRepository.create(tmp_path / name).commit(BASE, message="Start") for name in ("one.git", "two.git")]
    assert shas == ["3e2cb2fb3d299c6d72d97ebb8d94cc1c5d8fbcb6"] * 2


def test_folders_and_patches_build_a_history(tmp_path: Path) -> None:
    """A branch can be made from a folder of files and from a patch; the diff between them is the patch."""
    (tmp_path / "tree" / "src").mkdir(parents=True)
    (tmp_path / "tree" / "src" / "a.py").write_text("one\ntwo\n", encoding="utf-8")
    git = GitRepository.create(tmp_path / "made.git")
    git.commit({"gone.txt": "not in the folder\n"})
    base = git.commit_folder(tmp_path / "tree")
    patch = b"diff --git a/src/a.py b/src/a.py\nindex 814f4a4..05bd37e 100644\n--- a/src/a.py\n+++ b/src/a.py\n"
    patch += b"@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
    head = git.commit_patch(patch, branch="change")
    assert [entry.path for entry in git.tree(head, recursive=True)] == ["src/a.py"]
    assert git.run("diff", base, head).split(b"\n")[2:] == patch.split(b"\n")[2:]


def test_objects_of_a_clone_can_be_borrowed(tmp_path: Path) -> None:
    """A repository can stand on another clone's objects without writing into it."""
    clone = GitRepository.create(tmp_path / "clone.git")
    sha = clone.commit({"a": "x\n"})
    borrowed = GitRepository.create(tmp_path / "borrowed.git", borrow=clone.folder)
    borrowed.point("topic", sha)
    assert (borrowed.resolve("topic"), clone.resolve("topic")) == (sha, None)


def comment(hub: Forge, line: int) -> None:
    body = {"path": "app.py", "line": line, "side": "RIGHT", "body": "Wrong.", "commit_id": hub.head}
    assert hub.client.call("POST", f"{PULL}/comments", body=body).status_code == 201


def test_comments_follow_their_lines_over_a_push(hub: Forge) -> None:
    """After a push a comment stands on its line's new number, or is outdated when the line is gone."""
    comment(hub, 2)
    comment(hub, 3)
    text = "# first\ndef total(items):\n    items = list(items)\n    return sum(items)\n"
    hub.state.repository("octo/demo").git.commit({"app.py": text}, branch="feature")
    event = events.push(hub.state, "octo/demo", 1)
    assert (event.payload["action"], event.payload["before"]) == ("synchronize", hub.head)
    assert event.payload["pull_request"]["head"]["sha"] == event.payload["after"] != hub.head
    stands = [(each.line, each.original_line) for each in hub.state.comments("octo/demo", 1)]
    assert stands == [(3, 2), (None, 3)]


def test_a_comment_moves_with_what_is_added_and_removed_above_it(hub: Forge) -> None:
    """A line far below the pushed change keeps its comment, on the number that it has now."""
    git, lines = hub.state.repository("octo/demo").git, [f"line {number}\n" for number in range(1, 41)]
    git.commit({"long.txt": "".join(lines)}, branch="feature")
    events.push(hub.state, "octo/demo", 1)
    body = {"event": "COMMENT", "body": "One.", "comments": [{"path": "long.txt", "line": 30, "body": "Wrong."}]}
    assert hub.client.call("POST", f"{PULL}/reviews", body=body).status_code == 200
    lines[1:5] = ["new\n"]
    git.commit({"long.txt": "".join(lines)}, branch="feature")
    events.push(hub.state, "octo/demo", 1)
    assert [each.line for each in hub.state.comments("octo/demo", 1)] == [27]


def test_people_act_and_github_tells(hub: Forge) -> None:
    """Each thing that people do changes the state and gives the webhook that GitHub would send."""
    state, here = hub.state, ("octo/demo", 1)
    comment(hub, 3)
    (top,) = state.comments(*here)
    state.pull(*here).draft = True
    happened = [
        hub.opened,
        events.ready(state, *here),
        events.comment(state, *here, "/review", user="ann"),
        events.reply(state, *here, "/dismiss", user="ann", to=top.id),
        events.close(state, *here, merged=True),
        events.reopen(state, *here),
    ]
    told = [(event.name, event.payload["action"]) for event in happened]
    assert told == [
        ("pull_request", "opened"),
        ("pull_request", "ready_for_review"),
        ("issue_comment", "created"),
        ("pull_request_review_comment", "created"),
        ("pull_request", "closed"),
        ("pull_request", "reopened"),
    ]
    assert {event.payload["installation"]["id"] for event in happened} == {hub.installation.id}
    assert [event.payload["sender"]["login"] for event in happened] == ["ann"] * 6
    assert (state.pull(*here).draft, state.comments(*here)[1].in_reply_to) == (False, top.id)


class Receiver:
    """An App's door that keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.app = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=202)


def test_webhooks_are_signed_and_sent_again_under_the_same_guid(hub: Forge) -> None:
    """The signature is the HMAC of the raw bytes; a redelivery repeats GUID and bytes; both are in the log."""
    receiver = Receiver()
    with serve(receiver.app) as url:
        first = webhooks.deliver(hub.state, hub.opened, f"{url}/hook")
        path = f"/app/hook/deliveries/{first.id}/attempts"
        assert hub.client.call("POST", path, app=True).status_code == 202
    (headers, body), (again, same_body) = receiver.got
    digest = hmac.new(hub.state.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={digest}"
    assert (headers["x-github-event"], headers["x-github-delivery"]) == ("pull_request", first.guid)
    assert (again["x-github-delivery"], same_body) == (first.guid, body)
    log = [(each.status, each.redelivery) for each in hub.state.deliveries]
    assert log == [(202, False), (202, True)]


def test_a_delivery_that_nobody_takes_is_logged(hub: Forge) -> None:
    """No answer is status 0: nothing is raised at whoever sent it."""
    delivery: Delivery = webhooks.deliver(hub.state, hub.opened, "http://127.0.0.1:9/")
    assert (delivery.status, hub.state.deliveries) == (0, [delivery])


def test_a_fault_comes_as_often_as_it_was_scripted(hub: Forge) -> None:
    """A scripted answer takes the place of the real one, for the requests that match, so many times."""
    hub.client.call("GET", PULL)
    hub.state.fail("GET", "/pulls/1$", times=2, status=403, headers={"retry-after": "7"}, body={"message": "slow"})
    answers = [hub.client.call("GET", path) for path in (PULL, f"{PULL}/files", PULL, PULL)]
    assert [each.status_code for each in answers] == [403, 200, 403, 200]
    assert (answers[0].headers["retry-after"], answers[0].json()) == ("7", {"message": "slow"})


@pytest.mark.parametrize(("after", "expected"), [(False, 0), (True, 1)])
def test_a_fault_can_come_after_the_deed(hub: Forge, *, after: bool, expected: int) -> None:
    """With `after` the thing was done although the answer is an error: the case that makes blind retries wrong."""
    hub.state.fail("POST", "/comments$", status=502, after=after)
    response = hub.client.call("POST", "/repos/octo/demo/issues/1/comments", body={"body": "Hello"})
    assert (response.status_code, len(hub.state.issue_comments("octo/demo", 1))) == (502, expected)


def test_a_fault_can_be_only_slow(hub: Forge) -> None:
    """A delay without a status answers as ever, too late for a client that does not wait."""
    hub.client.call("GET", PULL)
    hub.state.fail("GET", "/pulls/1$", times=FOREVER, status=None, delay=0.3)
    with pytest.raises(httpx2.ReadTimeout):
        hub.client.http.get(f"{hub.state.url}/api/v3{PULL}", timeout=0.05)
    begun = time.monotonic()
    assert hub.client.call("GET", PULL).status_code == 200
    assert time.monotonic() - begun >= 0.3


def test_requests_are_logged(hub: Forge) -> None:
    """The log holds method, path and status of every API request, refused ones too."""
    hub.client.call("GET", f"{PULL}/files?page=1")
    hub.client.call("GET", "/nowhere")
    assert hub.state.requests[-2:] == [
        Seen("GET", "/api/v3/repos/octo/demo/pulls/1/files", 200, "page=1"),
        Seen("GET", "/api/v3/nowhere", 404),
    ]
    assert (hub.state.count("GET"), hub.state.count("POST", "access_tokens$")) == (2, 1)
