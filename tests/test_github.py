"""The GitHub adapter reads a pull request, its files and its whole diff over real HTTP."""

from __future__ import annotations

import asyncio

import pytest
from forge import CONFIG, NAME, NEW, Forge, forge, served

from reviewer.core.diff import TOO_MANY, parse_diff
from reviewer.core.errors import GitHubError, Superseded
from reviewer.core.types import FileDiff, PullRequest
from reviewer.git import Bounds
from reviewer.github.connection import Endpoints
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


@pytest.mark.parametrize("status", [404, 500, 200])
def test_what_a_review_can_do_without_is_asked_for_once(forge: Forge, status: int) -> None:
    """Only GraphQL is asked; what it does not give, or nothing at all, is left out and raises nothing."""
    blob = {"text": "hello\n", "byteSize": 6, "isBinary": False, "isTruncated": False}
    body = {"data": {"repository": {"f0": blob, "f1": {**blob, "isTruncated": True}, "f2": None}}}
    forge.hub.fail("POST", "graphql", status=status, body=body if status == 200 else {"message": FAULT})

    texts = forge.act(lambda github: github.texts("topic", ["new.txt", "area.py", "gone.md", "../up"], sure=False))

    assert texts == {"../up": None} | ({"new.txt": "hello\n", "gone.md": None} if status == 200 else {})
    assert (forge.hub.count(path="graphql"), forge.hub.count("GET", "contents")) == (1, 0)


def test_what_a_review_can_do_without_is_not_waited_for(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate limit is sat out for what has to be known, and for nothing else."""
    forge.fail("graphql", 429, "rate limit", retry_after="30")
    monkeypatch.setattr(forge, "nap", asyncio.sleep)
    monkeypatch.setattr("reviewer.github.texts.QUICK", 0.1)

    assert forge.act(lambda github: github.texts("topic", ["area.py"], sure=False)) == {}


def test_a_name_that_no_address_can_hold_is_no_file(forge: Forge) -> None:
    """It is that file's own fault, and takes no other along; a fault that may be the server's raises."""
    forge.fail("graphql", 500, FAULT, times=FOREVER)
    forge.fail("contents/long", 414, FAULT)

    texts = forge.act(lambda github: github.texts("topic", ["area.py", "\ud800", "long"]))
    forge.fail("contents/area.py", 502, FAULT, times=FOREVER)

    assert texts == {"area.py": NEW, "\ud800": None, "long": None}
    with pytest.raises(GitHubError):
        forge.act(lambda github: github.texts("topic", ["area.py", "new.txt"]))


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
    """After a 406, all pages of the file list together are the diff; git is not asked when they have it all."""
    many_files(forge, 310)

    pull, files = forge.act(_diff)

    assert pull.changed_files == 312
    assert len({file.path for file in files}) == 312
    assert all(file.hunks for file in files)
    assert (forge.hub.count("GET", "pulls/1/files"), forge.hub.count(path="git-upload-pack|compare")) == (4, 0)


def a_large_file(forge: Forge) -> None:
    """The pull request renames and changes a file of which GitHub shows no patch."""
    git, text = forge.hub.repository(NAME).git, "".join(f"line {at}\n" for at in range(60))
    base = git.commit({"old.txt": text})
    git.commit(
        {"old.txt": None, "large.txt": text.replace("line", "Line", 30), "small.txt": "x\n"},
        branch="topic",
        parent=base,
    )
    forge.hub.pull(NAME, 1).base_sha = base
    events.push(forge.hub, NAME, 1)
    forge.hub.limits.diff_lines = forge.hub.limits.patch_lines = 50


def test_a_file_without_patch_is_read_by_git(forge: Forge) -> None:
    """Its hunks are those of git, its rename too, and the others come from the list; one more request tells the base."""
    a_large_file(forge)
    git, stands = forge.hub.repository(NAME).git, forge.stands

    _, files = forge.act(_diff)

    assert files == parse_diff(git.run("diff", "-M", stands.base_sha, stands.head_sha).decode()).files
    assert [(file.old_path, file.path, file.added, file.missing) for file in files if file.path == "large.txt"] == [
        ("old.txt", "large.txt", 30, "")
    ]
    assert (forge.hub.count(path="compare"), forge.hub.count("POST", "git-upload-pack")) == (1, 2)
    [asked] = [seen.query for seen in forge.hub.requests if "compare" in seen.path]
    assert asked == "per_page=1&page=2"  # the page without the files


def test_list_and_git_together_hold_no_more_than_one(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the list has used of the room for lines, git has not; the reason is told."""
    a_large_file(forge)
    monkeypatch.setattr("reviewer.github.fetching.BOUNDS", Bounds(lines=60))

    _, files = forge.act(_diff)

    assert {file.path: file.missing for file in files if file.missing} == {
        "large.txt": f"GitHub sent no patch for this file, and {TOO_MANY}"
    }


def test_git_finds_the_merge_base_where_github_does_not_tell_it(forge: Forge) -> None:
    a_large_file(forge)
    forge.fail("compare", 404, FAULT, times=FOREVER)

    _, files = forge.act(_diff)

    assert [file.missing for file in files] == [""] * len(files)


def test_where_git_does_not_help_the_reason_is_told(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """No git, a token that it is refused, too little time: the file list stays, and nothing raises."""
    a_large_file(forge)
    reasons = []
    forge.fail("info/refs", 401, FAULT)
    reasons += [file.missing for file in forge.act(_diff)[1] if file.missing]
    monkeypatch.setattr("reviewer.github.fetching.BOUNDS", Bounds(seconds=0.001))
    reasons += [file.missing for file in forge.act(_diff)[1] if file.missing]
    monkeypatch.setattr("reviewer.git.confined.shutil.which", lambda _: None)
    monkeypatch.setattr("reviewer.github.fetching.BOUNDS", Bounds())
    reasons += [file.missing for file in forge.act(_diff)[1] if file.missing]

    assert reasons == [
        f"GitHub sent no patch for this file, and {why}"
        for why in (
            "GitHub does not let git in with the installation's token",
            "git took longer than 0.001 s",
            "git is not installed where the reviewer runs",
        )
    ]


@pytest.mark.parametrize(
    ("api", "git"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.example.com/api/v3/", "https://github.example.com"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080"),
        ("https://api.octo.ghe.com", "https://octo.ghe.com"),
    ],
)
def test_where_git_is(api: str, git: str) -> None:
    """Git lies beside the API, on the host of the pages."""
    assert Endpoints.of(api).git == git


def a_list_that_ends(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """312 files, of which GitHub lists 250."""
    many_files(forge, 310)
    forge.hub.limits.listed_files = 250
    monkeypatch.setattr("reviewer.github.diffs.MOST_FILES", 250)


def test_files_past_the_end_of_the_list_are_read_by_git(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the diff comes from git then, and the list is not read."""
    a_list_that_ends(forge, monkeypatch)

    _, files = forge.act(_diff)

    assert (len(files), {file.missing for file in files}, files[-1].path) == (312, {""}, "new.txt")
    assert forge.hub.count(path="pulls/1/files") == 0


@pytest.mark.slow
def test_a_pull_request_of_more_files_than_github_lists(forge: Forge) -> None:
    """5,000 files with 200,000 lines: each of them is there, in nine requests."""
    lines = "".join(f"line {at}\n" for at in range(40))
    files = "".join(f"M 644 inline many/{at:04}.txt\ndata {len(lines)}\n{lines}\n" for at in range(5_000))
    git = forge.hub.repository(NAME).git
    commit = f"commit refs/heads/topic\ncommitter a <a@b.c> 1750000000 +0000\ndata 1\nx\nfrom {git.resolve('main')}\n"
    git.run("fast-import", "--quiet", "--force", stdin=(commit + files).encode())
    events.push(forge.hub, NAME, 1)

    pull, read = forge.act(_diff)

    assert (pull.changed_files, len(read), sum(file.added for file in read)) == (5_000, 5_000, 200_000)
    assert len(forge.hub.requests) <= 9


def test_files_that_nobody_lists_are_said(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where list and git end before the pull request does, the diff says how much is missing, and why."""
    a_list_that_ends(forge, monkeypatch)
    monkeypatch.setattr("reviewer.github.fetching.BOUNDS", Bounds(diff=20_000))
    _, cut = forge.act(_diff)
    forge.fail("info/refs", 500, FAULT)
    _, files = forge.act(_diff)

    assert 100 < len(cut) < 250
    assert (cut[-1].path, cut[-1].missing) == (f"({313 - len(cut)} more files)", "the diff is larger than 20,000 bytes")
    assert (len(files), files[-1].path) == (251, "(62 more files)")
    assert files[-1].missing.startswith("GitHub's API lists no more than 250 files of a pull request, and ")


def test_a_head_that_moved_while_git_read_is_superseded(forge: Forge) -> None:
    """The list is of the new head by then, and git has the old one: the two are not mixed in silence."""
    a_large_file(forge)

    async def late(github: Repository) -> None:
        pull = await github.pull(1)
        many_files(forge, 1)
        await github.diff(pull)

    with pytest.raises(Superseded):
        forge.act(late)


def test_a_diff_of_another_head_is_not_taken(forge: Forge) -> None:
    """A push between the two requests: the diff would not fit the head that the comments name."""

    async def late(github: Repository) -> None:
        pull = await github.pull(1)
        many_files(forge, 1)
        await github.diff(pull)

    with pytest.raises(Superseded) as raised:
        forge.act(late)
    assert str(raised.value) == f"superseded by {forge.stands.head_sha[:7]}"
