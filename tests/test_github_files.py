"""Files of several repositories in one request: what is there and is no text, and what is not ours to see."""

from __future__ import annotations

import pytest
from forge import CONFIG, NAME, Forge, forge, served

from reviewer.core.errors import GitHubError
from reviewer.github.files import BINARY, NO_FILE, TOO_LARGE
from reviewer.ports import File
from reviewer.standin.repository import Content, GitRepository

__all__ = ["forge", "served"]

HOME, OTHER = "octo/.github", "else/where"
PATHS = [".github/reviewer.yml", "docs/logo.png", "gone"]
WANTED = {NAME: ("main", PATHS), HOME: ("HEAD", PATHS[:1]), OTHER: ("HEAD", PATHS[:1])}
HERE = {PATHS[0]: File(CONFIG), "docs/logo.png": File(None, BINARY), "gone": None}


def shares(forge: Forge, name: str, files: dict[str, Content]) -> None:
    git = GitRepository(forge.hub.root / f"{name}.git")
    if not git.folder.exists():
        git = GitRepository.create(git.folder)
        git.commit(files)
    forge.hub.add_repository(name, git)


def test_several_repositories_are_one_request(forge: Forge) -> None:
    """The organisation's file beside the repository's own; a repository of somebody else is none."""
    shares(forge, HOME, {PATHS[0]: "gate: {}\n"})
    shares(forge, OTHER, {PATHS[0]: "secret: 1\n"})
    found = forge.act(lambda github: github.files(WANTED))
    assert found == {NAME: HERE, HOME: {PATHS[0]: File("gate: {}\n")}, OTHER: None}
    assert (forge.hub.count(path="graphql"), forge.hub.count(path="contents")) == (1, 0)


def test_they_are_read_without_graphql_too(forge: Forge) -> None:
    """File by file; what an installation may not see looks empty there, or is refused: neither stops the others."""
    shares(forge, HOME, {PATHS[0]: "gate: {}\n"})
    forge.fail("graphql", 502, "Server Error", times=9)
    forge.fail("else/where/contents", 403, "Resource not accessible by integration")
    found = forge.act(lambda github: github.files(WANTED))
    assert found == {NAME: HERE, HOME: {PATHS[0]: File("gate: {}\n")}, OTHER: None}
    assert forge.act(lambda github: github.files({OTHER: WANTED[OTHER]})) == {OTHER: {PATHS[0]: None}}


@pytest.mark.parametrize("path", [NAME, HOME])
def test_what_was_not_read_is_not_missing(forge: Forge, path: str) -> None:
    """A GitHub that is down says nothing about the organisation's file: the review is tried again."""
    forge.fail("graphql", 502, "Server Error", times=9)
    forge.fail(f"{path}/contents", 502, "Server Error", times=9)
    with pytest.raises(GitHubError):
        forge.act(lambda github: github.files(WANTED))


def test_our_own_repository_is_asked_for_again_where_graphql_hides_it(forge: Forge) -> None:
    """We were let in by it: what GraphQL does not know, REST tells."""
    errors = [{"type": "NOT_FOUND", "path": [name], "message": "Could not resolve"} for name in ("repository", "r1")]
    body = {"data": {"repository": None, "r1": None}, "errors": errors}
    forge.hub.fail("POST", "graphql", status=200, body=body)
    found = forge.act(lambda github: github.files({NAME: ("main", PATHS[:1]), HOME: ("HEAD", PATHS[:1])}))
    assert found == {NAME: {PATHS[0]: File(CONFIG)}, HOME: None}


def test_a_folder_of_that_name_is_no_file(forge: Forge) -> None:
    """GraphQL gives an object without the fields of a file, REST a listing."""
    forge.hub.fail("POST", "graphql", status=200, body={"data": {"repository": {"f0": {}}}})
    found = forge.act(lambda github: github.files({NAME: ("main", ["a", "docs"])}))
    assert found == {NAME: {"a": File(None, NO_FILE), "docs": File(None, NO_FILE)}}


def test_a_file_that_is_too_large_is_there(forge: Forge) -> None:
    """By GraphQL's size, by what REST sends, and by GitHub's refusal to send it."""
    huge = {"text": "x", "byteSize": 2_000_000, "isBinary": False, "isTruncated": True}
    forge.hub.fail("POST", "graphql", status=200, body={"data": {"repository": {"f0": huge}}})
    forge.fail("contents/b", 403, "This API returns blobs up to 100 MB in size: too_large")
    found = forge.act(lambda github: github.files({NAME: ("main", ["a", "b"])}))
    assert found == {NAME: {"a": File(None, TOO_LARGE), "b": File(None, TOO_LARGE)}}
