"""The image is built from files that are there, runs a command that exists, and asks after its own health."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import typer
from pathspec import GitIgnoreSpec

from reviewer.__main__ import cli
from reviewer.settings import Settings

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def lines(word: str) -> list[str]:
    """The arguments of each line that begins with an instruction."""
    return re.findall(rf"^{word} +(.*)$", TEXT, re.MULTILINE)


def copied() -> set[str]:
    """What comes from the checkout."""
    sources = [line.split()[:-1] for line in lines("COPY") if not line.startswith("--from")]
    return {name for names in sources for name in names}


def test_what_is_copied_is_there_and_is_sent_to_the_builder() -> None:
    """`.dockerignore` refuses everything but what the Dockerfile copies; a local `.env` stays here."""
    missing = {name for name in copied() if not (ROOT / name).exists()}
    assert missing == set()
    # Docker matches like .gitignore, but takes `!fixtures/demo` back though `fixtures` was refused.
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied()
    refused = GitIgnoreSpec.from_lines(ignored)
    assert [name for name in (".env", "key.pem", "reviewer.db", ".git", "tests") if not refused.match_file(name)] == []


def test_all_that_the_build_needs_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    metadata = {project["project"]["readme"], *project["project"]["license-files"]}
    assert copied() == {*wheel["packages"], *wheel["force-include"], *metadata, "pyproject.toml", "uv.lock"}


def test_what_it_runs_is_a_command() -> None:
    [command] = lines("CMD")
    program, *words = json.loads(command)
    assert program == "reviewer"
    assert set(words) <= set(typer.main.get_command(cli).commands)  # type: ignore[attr-defined]


def test_it_runs_as_nobody_special_and_listens_to_the_outside() -> None:
    [user] = lines("USER")
    assert user not in {"root", "0"}
    [last] = [line for line in lines("ENV") if "HOST=" in line]
    set_here = dict(re.findall(r"(\w+)=(\S+)", last))
    assert set_here["HOST"] == "0.0.0.0"
    known = {str(name) for field in Settings.model_fields.values() for name in field.validation_alias.choices}  # type: ignore[union-attr]
    assert set(set_here) - known == {"PATH", "PYTHONUNBUFFERED", "KF_RULE_CACHE_DIR"}
    [folder] = lines("VOLUME")
    assert set_here["REVIEWER_DATABASE_URL"].startswith(f"sqlite:///{folder}/")


def test_git_is_in_the_image() -> None:
    """The last stage has it, and the certificates without which it trusts no server."""
    last = TEXT.rpartition("\nFROM ")[2]
    [installed] = re.findall(r"apt-get install --yes --no-install-recommends (.+?) &&", last)
    assert set(installed.split()) == {"git", "ca-certificates"}
    assert last.index("apt-get") < last.index("USER ")


class _Health(BaseHTTPRequestHandler):
    """Answers `/healthz` and nothing else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def healthy() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), _Health) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def asked(port: int) -> int:
    """The exit code of the health check in a container that listens on `port`; a proxy is set and not asked."""
    [check] = lines("HEALTHCHECK")
    program, *arguments = json.loads(check.partition("CMD ")[2])
    assert program == "python"
    environment = {**os.environ, "PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run([sys.executable, *arguments], check=False, env=environment, capture_output=True).returncode


def test_a_server_that_answers_is_healthy(healthy: int) -> None:
    assert asked(healthy) == 0


def test_a_server_that_does_not_answer_is_not(healthy: int) -> None:
    """Port 9 is discard: nobody listens there."""
    assert (healthy != 9, asked(9)) == (True, 1)
