"""Prompts and answers are kept for whoever asked for it: without secrets and names, for a while, in nobody's way."""

from __future__ import annotations

import json
import os
import resource
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.core.errors import ModelError, UsageError
from reviewer.core.prompts import ask_prompt
from reviewer.core.prompts.ask import Matter
from reviewer.core.types import Answer, Payer, Prompt, Tool, Usage
from reviewer.logs import Redactor
from reviewer.prompt_log import PENDING, PromptLog
from reviewer.resources import prompt_files
from reviewer.settings import load
from reviewer.store import SqlStore, engine
from reviewer.watched import watched

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp()
DAY = 86_400.0
KEY = b"the operator's own key"
PROMPT = Prompt("You review.", "x = 1", Tool("report_findings", "", {}), version="review@3", max_output=4_000)
ANSWER = Answer('{"findings": []}', Usage(120, 40, 30, 10, 1), "gpt-x", request_id="req_1", seconds=1.23456)
PAYER = Payer(1, "acme/shop", 7, run="r-1", delivery="d-1", person="Ann")


class Desk:
    """A log with a clock that is set by hand, and what it has written."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.time = NOON
        self.folder = folder / "kept"
        self.log = PromptLog(self.folder / "prompts.jsonl", now=lambda: self.time, **{"key": KEY, **more})

    def keep(self, prompt: Prompt = PROMPT, came: Answer | Exception = ANSWER, payer: Payer = PAYER) -> None:
        """Written when it returns."""
        self.log(prompt, came, payer, "gpt-asked")
        self.log._thread.submit(lambda: None).result()

    @property
    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir())

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for name in self.files for line in (self.folder / name).read_bytes().splitlines()]


def test_a_call_is_a_line(tmp_path: Path) -> None:
    """What was asked, what came, for whom, and what it took."""
    desk = Desk(tmp_path)
    desk.keep()
    desk.keep(came=ModelError("It is away.", code="timeout"))
    good, bad = desk.entries
    assert good["at"] == "2026-01-31T12:00:00.000+00:00"
    assert (good["repository"], good["number"], good["run"], good["delivery"]) == ("acme/shop", 7, "r-1", "d-1")
    assert (good["system"], good["user"], good["prompt"]) == ("You review.", "x = 1", "review@3")
    assert (good["arguments"], good["outcome"], good["model"]) == ('{"findings": []}', "ok", "gpt-asked")
    assert (good["input"], good["cached"], good["output"], good["seconds"]) == (120, 40, 30, 1.235)
    assert (bad["outcome"], bad["error"], bad["arguments"]) == ("timeout", "It is away.", "")
    assert bad["model"] == "gpt-asked"


def test_secrets_are_cut_out(tmp_path: Path) -> None:
    """The installation's own, and what looks like one, in the prompt and in the answer."""
    desk = Desk(tmp_path, redact=Redactor(["our-own-token-1"]))
    token = "ghp_" + "a1B2" * 9
    answer = replace(ANSWER, arguments=json.dumps({"body": token}), text="sk-abcdefghijklmnop1234")
    desk.keep(replace(PROMPT, user=f"token = '{token}'", system="our-own-token-1"), answer)
    written = json.dumps(desk.entries)
    assert [word for word in (token, "our-own-token-1", "sk-abc") if word in written] == []


def test_people_are_hashed(tmp_path: Path) -> None:
    """Who asked, who spoke before, and who was called, in every text; words of the code that read like a name stay."""
    matter = Matter(
        "Does ANN know? @property-owner and @override, please",
        diff="@override\ndef override(self): return annual",
        talk=(("bob-2", "As Ann said to @carol"), ("you", "No."), ("dependabot[bot]", "Bump")),
    )
    prompt = ask_prompt(prompt_files()["ask"], matter)
    desk = Desk(tmp_path)
    desk.keep(prompt, replace(ANSWER, arguments='{"answer": "bob-2 and ann agree"}'))
    [entry] = desk.entries
    text = f"{entry['user']} {entry['arguments']}"
    assert [
        name for name in ("Ann ", "ANN", "ann ", "bob", "carol", "dependabot", "property-owner") if name in text
    ] == []
    assert "def override(self): return annual" in text
    assert entry["person"] in entry["arguments"]
    assert entry["person"].startswith("person-")


def test_trailers_and_addresses_are_hashed(tmp_path: Path) -> None:
    """Also within a string of JSON, where a line ends with two characters; a version behind an @ is no address."""
    text = """Fix it, thanks to jane@corp.example.
    Signed-off-by: Jane Doe <jane@corp.example>
    Co-Authored-By: Zoë O'Hara
    {"says": "Done.\\nReviewed-by: Max Payne <max@corp.example>\\nann and\\nzoe@corp.example"}
    npm i lodash@4.17.21 and react@18.0.0-rc.1; self.w @ x"""
    desk = Desk(tmp_path)
    desk.keep(replace(PROMPT, user=text), replace(ANSWER, arguments="by jane@corp.example"))
    [entry] = desk.entries
    said = entry["user"] + entry["arguments"]
    left = ("jane", "Jane", "Doe", "corp", "Zoë", "Hara", "Max", "Payne", "max", "ann ", "zoe")
    assert [name for name in left if name in said] == []
    assert "npm i lodash@4.17.21 and react@18.0.0-rc.1; self.w @ x" in said
    jane = entry["arguments"].removeprefix("by ")
    assert said.count(jane) == 3
    assert f"Signed-off-by: {jane}\n" in said


def test_a_hash_lasts_and_is_an_installation_s_own(tmp_path: Path) -> None:
    """With the operator's key the same person is the same after a restart; two installations cannot be joined."""

    def person(folder: str, payer: Payer, **more: Any) -> str:
        desk = Desk(tmp_path / folder, **more)
        desk.keep(payer=payer)
        return str(desk.entries[0]["person"])

    here = person("a", PAYER)
    assert person("b", replace(PAYER, person="ann")) == here
    assert person("c", replace(PAYER, installation=2)) != here
    assert person("d", PAYER, key=b"another") != here
    assert person("e", PAYER, key=b"") != person("f", PAYER, key=b"")
    assert person("g", replace(PAYER, person="")) == ""


def test_a_day_is_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    """Whatever the process's mask is, and though somebody has opened it up."""
    before = os.umask(0)
    try:
        desk = Desk(tmp_path)
        desk.keep()
        (desk.folder / "prompts-2026-01-31.jsonl").chmod(0o644)
        desk.keep()
        desk.time += DAY
        desk.keep()
    finally:
        os.umask(before)
    assert desk.files == ["prompts-2026-01-31.jsonl", "prompts-2026-02-01.jsonl"]
    assert {stat.S_IMODE((desk.folder / name).stat().st_mode) for name in desk.files} == {0o600}
    assert stat.S_IMODE(desk.folder.stat().st_mode) == 0o700


def test_what_is_old_goes_and_nothing_else(tmp_path: Path) -> None:
    """Nothing in a file that stays is older than the retention; files of other names are not ours."""
    desk = Desk(tmp_path, days=30)
    others = ["prompts.jsonl", "prompts-2020-01-01.jsonl.gz", "prompts-2020-99-99.jsonl", "other-2020-01-01.jsonl"]
    ours = ["prompts-2025-12-31.jsonl", "prompts-2026-01-01.jsonl", "prompts-2026-01-02.jsonl"]
    for name in [*others, *ours]:
        (desk.folder / name).touch()
    desk.log.purge()
    assert desk.files == sorted([*others, "prompts-2026-01-02.jsonl", "prompts-2026-01-31.jsonl"])
    desk.time += 400 * DAY
    Desk(tmp_path).log.purge()
    desk.log.purge()
    assert desk.files == sorted(others)


def test_a_day_has_an_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is over its size is left out whole, and said once; the next day begins anew."""
    desk = Desk(tmp_path, most=2_000)
    for _ in range(9):
        desk.keep()
    kept = len(desk.entries)
    assert 0 < kept < 9
    assert (desk.folder / desk.files[0]).stat().st_size <= 2_000
    desk.time += DAY
    desk.keep()
    assert len(desk.entries) == kept + 1


def test_it_fails_no_review(tmp_path: Path) -> None:
    """The folder is gone, a link lies in the way, it is closed, or it is behind: nothing is raised."""
    desk = Desk(tmp_path)
    file = desk.folder / desk.files[0]
    file.unlink()
    target = tmp_path / "target"
    target.touch()
    file.symlink_to(target)
    desk.keep()
    assert target.read_bytes() == b""
    file.unlink()
    desk.folder.rmdir()
    desk.keep()
    desk.log.purge()
    go = threading.Event()
    desk.log._thread.submit(go.wait)
    for _ in range(PENDING + 10):
        desk.log(PROMPT, ANSWER, PAYER)
    go.set()
    desk.log.close()
    desk.log(PROMPT, ANSWER, PAYER)


def test_a_disk_that_is_full_leaves_whole_lines(tmp_path: Path) -> None:
    """The part of a line that found room is taken back: whoever reads the file meets no half of an entry."""
    desk = Desk(tmp_path)
    desk.keep()
    whole = (desk.folder / desk.files[0]).read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 50, before[1]))
    try:
        desk.keep()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (desk.folder / desk.files[0]).read_bytes() == whole
    desk.keep()
    assert len(desk.entries) == 2


def test_a_pipe_in_its_place_holds_nothing_up(tmp_path: Path) -> None:
    """Somebody who may write to the folder has put it there: the start says so, a running log leaves entries out."""
    desk = Desk(tmp_path)
    file = desk.folder / desk.files[0]
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(UsageError, match="cannot be written"):
        Desk(tmp_path)
    reader = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(UsageError, match="it is no regular file"):
        Desk(tmp_path)
    desk.keep()
    assert os.read(reader, 10) == b""
    os.close(reader)


def test_fewer_days_hold_from_the_start(tmp_path: Path) -> None:
    """What the new retention does not cover goes at once, whatever else there is that cannot go."""
    desk = Desk(tmp_path, days=30)
    (desk.folder / "prompts-2026-01-02.jsonl").mkdir()
    (desk.folder / "prompts-2026-01-20.jsonl").touch()
    Desk(tmp_path, days=7)
    assert desk.files == ["prompts-2026-01-02.jsonl", "prompts-2026-01-31.jsonl"]


def test_a_path_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    """Not first when somebody looks for what should have been kept."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"^REVIEWER_PROMPT_LOG: .*/file/prompts.jsonl cannot be written: "):
        PromptLog(tmp_path / "file" / "prompts.jsonl")


def test_it_is_off_unless_it_is_named(tmp_path: Path) -> None:
    store = SqlStore(engine(f"sqlite:///{tmp_path}/reviewer.db"))
    assert watched(load({}), store).prompts is None
    environ = {"REVIEWER_PROMPT_LOG": str(tmp_path / "p.jsonl"), "REVIEWER_PROMPT_LOG_DAYS": "7"}
    here = watched(load(environ), store)
    assert here.prompts is not None
    assert here.asked is here.prompts
    here.prompts.close()
    store.close()
    for bad in ("0", "x", "-3"):
        with pytest.raises(UsageError, match="REVIEWER_PROMPT_LOG_DAYS must be the number of days"):
            load({**environ, "REVIEWER_PROMPT_LOG_DAYS": bad})


@given(st.text(), st.text(), st.text(max_size=39))
def test_any_text_is_one_line(tmp_path_factory: pytest.TempPathFactory, user: str, said: str, person: str) -> None:
    """Strangers' text breaks neither the line nor the writer."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.keep(replace(PROMPT, user=user), replace(ANSWER, text=said), replace(PAYER, person=person))
    assert len(desk.entries) == 1
