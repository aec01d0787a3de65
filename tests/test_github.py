"""The GitHub adapter reads a pull request, its files and its whole diff over real HTTP."""

from __future__ import annotations

import pytest
from forge import CONFIG, NAME, NEW, Forge, forge, served

from reviewer.core.errors import Superseded
from reviewer.core.types import FileDiff, PullRequest
from reviewer.github.repository import Repository
from reviewer.standin import events
from reviewer.standin.state import FOREVER

FAULT = "Server Error"


__all__ = ["forge", "served"]


def many_files(forge: Forge, count: int) -> None:
    """The pull request gets `count` more files."""
    files = {f"many/{at:04}.txt": f"{at}\n" for at in range(count)}
    forge.hub.repository(NAME).git.commit(files, branch="topic")
    events.push(forge.hub, NAME, 1)


async def _diff(github: Repository) -> tuple[PullRequest, tuple[FileDiff, ...]]:
    pull = await github.pull(1)
    return pull, (await github.diff(pull)).files


def test_a_pull_request_is_read(forge: Forge) -> None:
    """Every field that a review needs comes from the answer."""
    stands = forge.stands

    assert forge.act(lambda github: github.pull(1)) == PullRequest(
        repository=NAME,
        number=1,
        title="Areas",
        body="Multiplies.",
        draft=False,
        open=True,
        head_sha=stands.head_sha,
        base_sha=stands.base_sha,
        base_ref="main",
        url=f"{forge.url}/{NAME}/pull/1",
        changed_files=2,
    )


def test_a_closed_draft_from_a_fork_without_a_body_is_read(forge: Forge) -> None:
    """What is null or has another state than usual is no error."""
    events.open_pull(forge.hub, NAME, head="topic", draft=True, fork="eve/flasky")
    events.close(forge.hub, NAME, 2)

    pull = forge.act(lambda github: github.pull(2))

    assert (pull.body, pull.draft, pull.open) == ("", True, False)


def test_files_are_read_in_one_request(forge: Forge) -> None:
    """They come as text; what is absent, binary, a folder or outside is None."""
    paths = [".github/reviewer.yml", "gone.md", "docs/logo.png", "docs", "../../user", "/area.py", ""]

    texts = forge.act(lambda github: github.texts("main", paths))

    assert texts == {path: CONFIG if path == ".github/reviewer.yml" else None for path in paths}
    assert (forge.hub.count(path="graphql"), forge.hub.count(path="contents")) == (1, 0)


def test_many_files_are_read_in_a_few_requests(forge: Forge) -> None:
    """Fifty in one query: the others are not forgotten."""
    many_files(forge, 60)
    wanted = {f"many/{at:04}.txt": f"{at}\n" for at in range(60)}

    assert forge.act(lambda github: github.texts("topic", list(wanted))) == wanted
    assert forge.hub.count(path="graphql") == 2


@pytest.mark.parametrize("status", [404, 500, 502])
def test_files_are_read_without_graphql(forge: Forge, status: int) -> None:
    """A server without GraphQL, or with a broken one, gives the same texts file by file."""
    forge.fail("graphql", status, FAULT, times=FOREVER)

    paths = ["area.py", "gone.md", "docs/logo.png", "docs", "../pulls/1", "/area.py", ""]
    texts = forge.act(lambda github: github.texts("topic", paths))

    assert texts == {path: NEW if path == "area.py" else None for path in paths}
    assert (forge.hub.count(path="graphql"), forge.hub.count("GET", "contents")) == (1, 4)
    assert forge.hub.count("GET", "pulls") == 0  # where `..` would have led


def test_an_error_beside_the_data_sends_one_file_to_rest(forge: Forge) -> None:
    """GraphQL answers 200 with errors: what it names is asked again, the rest is believed."""
    blob = {"text": "hello\n", "byteSize": 6, "isBinary": False, "isTruncated": False}
    errors = [{"message": "Something went wrong", "path": ["repository", "f1"]}]
    body = {"data": {"repository": {"f0": blob, "f1": None}}, "errors": errors}
    forge.hub.fail("POST", "graphql", status=200, body=body)

    texts = forge.act(lambda github: github.texts("topic", ["new.txt", "area.py"]))

    assert texts == {"new.txt": "hello\n", "area.py": NEW}


def test_large_files_are_read_whole_or_not_at_all(forge: Forge) -> None:
    """GraphQL cuts texts; up to 1 MB they are fetched whole over REST, beyond that they count as absent."""
    cut = {"text": "def", "byteSize": 600_000, "isBinary": False, "isTruncated": True}
    huge = {"text": "x", "byteSize": 2_000_000, "isBinary": False, "isTruncated": True}
    forge.hub.fail("POST", "graphql", status=200, body={"data": {"repository": {"f0": cut, "f1": huge}}})

    texts = forge.act(lambda github: github.texts("topic", ["area.py", "new.txt"]))

    assert texts == {"area.py": NEW, "new.txt": None}


def test_the_diff_is_read_in_one_request(forge: Forge) -> None:
    """The files of the diff, with their hunks."""
    _, files = forge.act(_diff)

    assert [(file.path, file.status, file.added, file.removed) for file in files] == [
        ("area.py", "modified", 5, 1),
        ("new.txt", "added", 1, 0),
    ]
    assert forge.hub.count("GET", "pulls/1") == 2


def test_over_300_files_come_from_the_paged_list(forge: Forge) -> None:
    """After a 406, all pages of the file list together are the diff."""
    many_files(forge, 310)

    pull, files = forge.act(_diff)

    assert pull.changed_files == 312
    assert len({file.path for file in files}) == 312
    assert all(file.hunks for file in files)
    assert forge.hub.count("GET", "pulls/1/files") == 4


def test_files_that_github_does_not_list_are_said(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the list ends before the pull request does, the diff says how much is missing."""
    many_files(forge, 310)
    forge.hub.limits.listed_files = 250
    monkeypatch.setattr("reviewer.github.diffs.MOST_FILES", 250)

    _, files = forge.act(_diff)

    assert (len(files), files[-1].path) == (251, "(62 more files)")
    assert "250" in files[-1].missing


def test_a_diff_of_another_head_is_not_taken(forge: Forge) -> None:
    """A push between the two requests: the diff would not fit the head that the comments name."""

    async def late(github: Repository) -> None:
        pull = await github.pull(1)
        many_files(forge, 1)
        await github.diff(pull)

    with pytest.raises(Superseded) as raised:
        forge.act(late)
    assert str(raised.value) == f"superseded by {forge.stands.head_sha[:7]}"
