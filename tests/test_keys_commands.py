"""`reviewer keys`: set, listed, rotated and removed, on both databases, and never shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from databases import database_url, sqlite_url
from typer.testing import CliRunner, Result

from reviewer import __main__ as command_line
from reviewer.core.errors import UsageError
from reviewer.ports.keys import KeptKey
from reviewer.sealing import Seal, new_master
from reviewer.store import SqlStore, engine

__all__ = ["database_url", "sqlite_url"]

OLD, NEW = new_master(), new_master()
KEY = "sk-of-installation-seven-1234"


class Desk:
    """Where an operator types."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.said = ""

    def types(self, *words: str, stdin: str = "", **environment: str) -> Result:
        usual: Mapping[str, str] = {
            "REVIEWER_DATABASE_URL": self.url,
            "REVIEWER_SECRET_KEY": OLD,
            "OPENAI_BASE_URL": "",
        }
        answer = CliRunner().invoke(command_line.cli, ["keys", *words], input=stdin, env={**usual, **environment})
        self.said += answer.output
        return answer

    def reads(self, *words: str, stdin: str = "", **environment: str) -> str:
        answer = self.types(*words, stdin=stdin, **environment)
        assert answer.exception is None, answer.exception
        return answer.stdout

    def complaint(self, *words: str, stdin: str = "", **environment: str) -> str:
        answer = self.types(*words, stdin=stdin, **environment)
        assert isinstance(answer.exception, UsageError), answer
        return str(answer.exception)

    def kept(self) -> tuple[KeptKey, ...]:
        store = SqlStore(engine(self.url))
        try:
            return asyncio.run(store.own_keys())
        finally:
            store.close()


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(sqlite_url)


def test_a_key_comes_and_goes(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also before the server has ever run; the key is in no line that is printed, and in no row."""
    monkeypatch.chdir(tmp_path)
    desk = Desk(database_url)
    assert "its own key …1234 at OpenAI" in desk.reads("set", "--installation", "7", stdin=f"{KEY}\n")
    desk.reads("set", "--installation", "3", "--base-url", "https://x.example/v1/", stdin="short")
    lines = desk.reads("list").splitlines()
    assert [line.split(", kept ")[0] for line in lines] == ["3: … at https://x.example/v1", "7: …1234 at OpenAI"]
    assert [Seal([OLD]).open(kept) for kept in desk.kept()] == ["short", KEY]
    assert desk.reads("rotate", REVIEWER_SECRET_KEY=f"{NEW},{OLD}").startswith("2 keys sealed anew")
    assert [Seal([NEW]).open(kept) for kept in desk.kept()] == ["short", KEY]
    desk.reads("remove", "--installation", "7")
    assert [kept.installation for kept in desk.kept()] == [3]
    assert KEY[:-4] not in desk.said + repr(desk.kept())


def test_rotation_names_what_it_cannot_read(desk: Desk) -> None:
    """The others are sealed anew all the same, and nobody is told that the old master key may go."""
    desk.reads("set", "--installation", "7", stdin=KEY)
    desk.reads("set", "--installation", "8", stdin=KEY, REVIEWER_SECRET_KEY=new_master())
    before = desk.kept()
    answer = desk.types("rotate", REVIEWER_SECRET_KEY=f"{NEW},{OLD}")
    assert answer.stdout == "1 key sealed anew with the first master key.\n"
    assert "1 key stayed as before, so no master key may go yet. The own key of installation 8 " in str(
        answer.exception
    )
    assert (desk.kept()[1], desk.kept()[0] == before[0]) == (before[1], False)
    assert desk.types("rotate", REVIEWER_SECRET_KEY=new_master()).stdout == ""
    assert "under another master key" in desk.reads("list", REVIEWER_SECRET_KEY=NEW)


def test_without_a_master_key_nothing_is_kept(desk: Desk) -> None:
    """What prints one is named; removing and listing need none."""
    for words in (("set", "--installation", "7"), ("rotate",)):
        said = desk.complaint(*words, stdin=KEY, REVIEWER_SECRET_KEY="")
        assert said == "Set REVIEWER_SECRET_KEY first: `reviewer keys new-master` prints a master key."
    desk.reads("set", "--installation", "7", stdin=KEY, REVIEWER_SECRET_KEY=desk.reads("new-master").strip())
    assert "without the master key" in desk.reads("list", REVIEWER_SECRET_KEY="")
    desk.reads("remove", "--installation", "7", REVIEWER_SECRET_KEY="")
    assert desk.reads("list") == "No installation has a key of its own.\n"


@pytest.mark.parametrize("url", ["ftp://x", "x.example", "https://u:hush@x.example", "https://[x", "https://x?key=1"])
def test_a_server_needs_an_address_that_may_be_shown(desk: Desk, url: str) -> None:
    said = desk.complaint("set", "--installation", "7", "--base-url", url, stdin=KEY)
    assert said.startswith("--base-url must be an address that begins with https://")
    assert "hush" not in said


def test_a_key_is_for_the_operators_server_unless_another_is_named(desk: Desk) -> None:
    """And stays for that one: moving the operator's own work elsewhere sends nobody's key there."""
    assert " at https://gate.example/v1" in desk.reads(
        "set", "--installation", "7", stdin=KEY, OPENAI_BASE_URL="https://gate.example/v1"
    )
    assert "https://gate.example/v1" in desk.reads("list")


def test_what_is_not_there_is_told(desk: Desk) -> None:
    """A wrong folder, an installation without a key, no key on stdin: one sentence each, and nothing is made."""
    for words in (("list",), ("rotate",), ("remove", "--installation", "7")):
        assert desk.complaint(*words).startswith("There is no database ")
    assert desk.complaint("set", "--installation", "7").startswith("No key came in")
    assert desk.complaint("remove", "--installation", "7").startswith("Installation 7 has no key of its own")


def test_a_key_for_a_plain_address_is_not_taken(desk: Desk) -> None:
    """Anybody on the way could read it; this machine is not on the way. What was kept stays."""
    here, there = "http://localhost:1/v1", "http://models.example.com/v1"
    assert f"at {here}," in desk.reads("set", "--installation", "7", "--base-url", here, stdin=f"{KEY}\n")
    for words, environment in (((f"--base-url={there}",), {}), ((), {"OPENAI_BASE_URL": there})):
        said = desk.complaint("set", "--installation", "7", *words, stdin=f"{KEY}\n", **environment)
        assert said.startswith(f"The key would go to {there} in the clear")
    assert [kept.base_url for kept in desk.kept()] == [here]
