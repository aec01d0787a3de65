"""The stand-in serves its repositories to git as GitHub does: by token, any commit, without the files' contents."""

from __future__ import annotations

import base64
import gzip
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from standin_client import Forge, forge


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path / "forge") as made:
        yield made


PAGE = "/repos/octo/demo/compare/main...feature?per_page=1&page="


def basic(token: str, user: str = "x-access-token") -> str:
    return f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}"


def git(folder: Path, *arguments: str, header: str = "") -> subprocess.CompletedProcess[str]:
    """The real git, as a client."""
    settings = ["-c", f"http.extraHeader=Authorization: {header}"] if header else []
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "NO_PROXY": "127.0.0.1",
        "GIT_ASKPASS": "",
    }
    command = ["git", "-c", "credential.helper=", *settings, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


def asked(
    hub: Forge, *, service: str = "git-upload-pack", header: str = "", name: str = "octo/demo"
) -> httpx2.Response:
    url = f"{hub.state.url}/{name}.git/info/refs?service={service}"
    return hub.client.http.get(url, headers={"authorization": header} if header else {})


@pytest.mark.parametrize("version", [0, 2])
def test_a_commit_is_fetched_without_its_files(hub: Forge, tmp_path: Path, version: int) -> None:
    """By its id, though no branch points there, with trees and without blobs; a blob comes when it is wanted."""
    lost = hub.state.repository("octo/demo").git.commit({"lost.py": "lost\n"}, branch="feature", parent=hub.base)
    hub.state.repository("octo/demo").git.point("feature", hub.head)
    token = hub.client.new_token().json()["token"]
    url = f"{hub.state.url}/octo/demo.git"
    assert git(tmp_path, "init", "-q", "--bare", ".").returncode == 0
    options = ("-q", "--depth=1", "--filter=blob:none", url, lost)
    done = git(tmp_path, "-c", f"protocol.version={version}", "fetch", *options, header=basic(token))
    assert (done.returncode, done.stderr) == (0, "")
    kinds = git(tmp_path, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").stdout.split()
    assert sorted(set(kinds)) == ["commit", "tree"]
    assert hub.state.count("POST", r"octo/demo\.git/git-upload-pack") > 0


def test_who_may_fetch(hub: Forge) -> None:
    """The installation's token as the password of `x-access-token`, with contents read, for its own repositories."""
    token = hub.client.new_token().json()["token"]
    blind = hub.client.new_token(permissions={"issues": "read"}).json()["token"]
    headers = ["", f"Bearer {token}", "Basic ???", basic("ghs_wrong"), basic(token, "ann"), basic(blind), basic(token)]
    answers = [asked(hub, header=header) for header in headers]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 401, 403, 200]
    assert answers[0].headers["www-authenticate"] == 'Basic realm="GitHub"'
    assert asked(hub, header=basic(token), name="octo/nowhere").status_code == 404
    assert asked(hub, header=basic(token), service="git-receive-pack").status_code == 403


def test_a_zipped_request_is_read_and_a_refusal_is_told_to_git(hub: Forge) -> None:
    """Long requests come zipped; what upload-pack refuses comes as its own words in a good answer."""
    token = hub.client.new_token().json()["token"]
    want = b"0011command=fetch0001" + b"000fno-progress" + f"0032want {'1' * 40}\n".encode() + b"0009done\n0000"
    headers = {"authorization": basic(token), "content-encoding": "gzip", "git-protocol": "version=2"}
    url = f"{hub.state.url}/octo/demo.git/git-upload-pack"
    answer = hub.client.http.post(url, content=gzip.compress(want), headers=headers)
    assert (answer.status_code, b"not our ref" in answer.content) == (200, True)


def test_a_comparison_has_its_files_on_the_first_page_alone(hub: Forge) -> None:
    first, second = (hub.client.call("GET", f"{PAGE}{number}").json() for number in (1, 2))
    assert (len(first["commits"]), len(second["commits"])) == (1, 0)
    assert (len(first["files"]), second.get("files", [])) == (3, [])
    assert first["merge_base_commit"]["sha"] == second["merge_base_commit"]["sha"] == hub.base
