"""`reviewer simulate`: stored findings under another configuration, in words and as JSON, with nobody asked."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from databases import sqlite_url
from test_store import JOB, record

from reviewer.commands.simulate import simulate_command
from reviewer.core.errors import UsageError
from reviewer.core.types import Anchor, Finding, Override, Placed, Severity, Side
from reviewer.ports import KeptConfig
from reviewer.settings import Settings
from reviewer.store import SqlStore, engine

__all__ = ["sqlite_url"]


def found(title: str, severity: Severity, *, confirmed: bool | None = None, **changes: Any) -> Placed:
    finding = replace(Finding("shop.py", 3, None, "x", severity, "logic", 0.9, title, "B"), **changes)
    anchor = Anchor(finding.path, Side.RIGHT, finding.line)
    return Placed(finding, anchor, fingerprint=title, confirmed=confirmed)


class History:
    """A server's database; `now` moves on with each run."""

    def __init__(self, url: str) -> None:
        self.url, self.now = url, 1_000.0
        self.store = SqlStore(engine(url), now=lambda: self.now)
        self.store.create_tables()

    def reviewed(self, number: int, *findings: Placed, conclusion: str = "success", **changes: Any) -> None:
        self.now += 1
        job = replace(JOB, number=number)
        fields = {"run": f"run-{self.now}", "job": job, "findings": findings, "conclusion": conclusion, **changes}
        asyncio.run(self.store.keep_run(replace(record(), **fields)))

    def reads(self, repository: str, text: str) -> None:
        asyncio.run(
            self.store.keep_config(JOB.installation, repository, "HEAD", KeptConfig(".github/reviewer.yml", text))
        )

    def simulate(
        self, repo: str = "octo/app", *, file: Path | None = None, last: int = 20, output: str = "text"
    ) -> int:
        settings = cast("Settings", SimpleNamespace(database_url=self.url))
        return simulate_command(settings, repo, file=file, last=last, output=output)


@pytest.fixture
def history(sqlite_url: str) -> Iterator[History]:
    made = History(sqlite_url)
    yield made
    made.store.close()


def test_what_would_have_come_of_it(history: History, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each pull request with what would block, be said or be left out; what nobody confirmed may block."""
    history.reviewed(1, found("Old", Severity.CRITICAL, confirmed=True), conclusion="failure")
    history.reviewed(1, found("Wrong sum", Severity.HIGH, confirmed=True), conclusion="failure")
    history.reviewed(2, found("Slow", Severity.MEDIUM), found("Style", Severity.LOW), problem="")
    history.reviewed(3, prompt_version="", conclusion="neutral", title="Could not review")
    history.reviewed(4, found("In docs", Severity.HIGH, confirmed=True, path="docs/a.md"), conclusion="failure")
    history.reviewed(5, problem="1 of 2 hunks were not reviewed", conclusion="neutral")
    candidate = tmp_path / "new.yml"
    candidate.write_text(
        "review:\n  ignore: [docs/]\n  min_severity: medium\ngate:\n  fail_on: medium\n  on_error: failure\n"
    )
    assert history.simulate(file=candidate) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert max(map(len, said.out.splitlines())) <= 80 + len(str(candidate))
    assert said.out.split("\n\n", 1)[1] == (
        "#5  aaaaaaa  neutral would be failure\n"
        "  1 of 2 hunks were not reviewed\n\n"
        "#4  aaaaaaa  failure would be success\n"
        "  ignored    high      docs/a.md:3  In docs\n\n"
        "#3  aaaaaaa  nothing is stored: Could not review\n\n"
        "#2  aaaaaaa  success, as before, failure if a second look agrees\n"
        "  may block  medium    shop.py:3  Slow\n"
        "  not said   low       shop.py:3  Style\n\n"
        "#1  aaaaaaa  failure, as before\n"
        "  blocks     high      shop.py:3  Wrong sum\n\n"
        "2 of 4 would fail; 2 did.\n"
        "1 more would fail if a second look agrees.\n"
        "Findings: 2 on lines, 0 in summaries, 2 not said.\n"
        "Nothing is stored of 1.\n"
    )


def test_what_a_maintainer_let_pass_passes(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    """By name, by how it read where the name has changed since, and the problem of that head; what came later blocks."""
    new = found("New", Severity.HIGH, confirmed=True)
    moved, named = found("Moved", Severity.HIGH, confirmed=True), found("Known", Severity.CRITICAL, confirmed=True)
    history.reviewed(1, named, moved, conclusion="success", problem="1 of 2 hunks were not reviewed")
    history.reviewed(2, named, new, conclusion="failure")
    for number, head in ((1, record().head), (2, "b" * 40)):
        names = {"Known": "", "other name": "high · shop.py:3 · Moved"}
        override = Override(number, head, "max", "late", 5.0, findings=names, run=f"r{number}")
        asyncio.run(history.store.keep_override(JOB.installation, "octo/app", override))
    assert history.simulate(output="json") == 0
    two, one = json.loads(capsys.readouterr().out)["pulls"]
    assert [pull["would_be"] for pull in (one, two)] == ["success", "failure"]
    told = [(each["title"], each["blocks"], each["overridden"]) for pull in (one, two) for each in pull["findings"]]
    assert sorted(told) == [
        ("Known", False, True),
        ("Known", False, True),
        ("Moved", False, True),
        ("New", True, False),
    ]
    history.simulate()
    assert "  let pass   critical  shop.py:3  Known\n" in capsys.readouterr().out


def test_the_newest_pull_requests_are_those_with_the_highest_numbers(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever was run again since."""
    for number in (7, 9, 8, 7):
        history.reviewed(number)
    history.simulate(last=2, output="json")
    assert [pull["number"] for pull in json.loads(capsys.readouterr().out)["pulls"]] == [9, 8]


def test_programs_get_json(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    """Every finding with what would be said of it; the newest pull requests only, in whatever case they are named."""
    history.reviewed(1, found("Old", Severity.HIGH))
    history.reviewed(2, found("Sure", Severity.HIGH, confirmed=False), found("Doubtful", Severity.LOW, confidence=0.2))
    assert history.simulate("Octo/App", last=1, output="json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["repository"], told["sources"]) == ("octo/app", {})
    [pull] = told["pulls"]
    expected = {"number": 2, "was": "success", "would_be": "success", "second_look": False, "stored": True}
    assert expected.items() <= pull.items()
    assert [(each["title"], each["said"], each["blocks"]) for each in pull["findings"]] == [
        ("Sure", "line", False),
        ("Doubtful", "summary", False),
    ]


def test_without_a_file_the_last_one_that_was_read_counts(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    """With the organisation's below it; a candidate is never kept for a bad day."""
    history.reviewed(1, found("Wrong", Severity.LOW, confirmed=True))
    history.reads("octo/app", "extends: octo/base\nreview: {max_comments: 0}\n")
    history.reads("octo/.github", "gate: {fail_on: low}\n")
    assert history.simulate(output="json") == 2
    said = capsys.readouterr()
    assert said.err == (
        ".github/reviewer.yml:1: `extends`: this server has not read that repository yet, so nothing comes from it here.\n"
    )
    told = json.loads(said.out)
    assert told["sources"]["gate.fail_on"] == "octo/.github:.github/reviewer.yml:1"
    assert [(pull["would_be"], pull["findings"][0]["said"]) for pull in told["pulls"]] == [("failure", "summary")]


def test_a_stranger_steers_no_terminal(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    """Titles are a model's words about a stranger's code."""
    history.reviewed(1, found("\x1b[2J" + "long\n" * 40, Severity.LOW))
    history.simulate()
    line = capsys.readouterr().out.splitlines()[3]
    assert (line[:40], len(line), line[-1]) == ("  line       low       shop.py:3  ?[2Jlo", 80, "…")


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"repo": "octo"}, "--repo takes a repository on GitHub, as OWNER/NAME."),
        ({"output": "yaml"}, "--format yaml is not known: use one of text, json."),
        ({"repo": "octo/none"}, "No review of octo/none is stored in this database"),
        ({"file": Path("gone.yml")}, "gone.yml cannot be read: No such file or directory."),
    ],
)
def test_what_cannot_be_simulated_is_told(history: History, about: dict[str, Any], sentence: str) -> None:
    """One sentence, exit code 2."""
    history.reviewed(1)
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}"):
        history.simulate(**about)


def test_looking_makes_no_database(tmp_path: Path) -> None:
    """A typo in the address is told, and no file comes to be."""
    settings = cast("Settings", SimpleNamespace(database_url=f"sqlite:///{tmp_path}/none.db"))
    with pytest.raises(UsageError, match="There is no database"):
        simulate_command(settings, "octo/app", file=None, last=1, output="text")
    assert list(tmp_path.iterdir()) == []
