"""`reviewer prompt` says what each call holds, with which parameters, and what every part of it weighs."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from local_git import a_repository, commit

from reviewer.commands.prompt import prompt_command
from reviewer.local import STDIN
from reviewer.settings import load
from reviewer.tokens import O200k

DIFF = "--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a = 1\n+b = 2\n"


def shown(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert prompt_command(load({}), None, repo=path.parent, diff=path) == 0
    return capsys.readouterr().out


def test_each_part_has_its_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which they are sent; together they are the messages, but for the blank lines between them."""
    path = tmp_path / "x.diff"
    path.write_text(DIFF)
    out = shown(path, capsys)
    (parts,) = re.findall(r"^--- parts: (.*)$", out, re.MULTILINE)
    counts = {name: int(number) for name, number in re.findall(r"([a-z ]+) (\d+)(?:, |$)", parts)}
    (total,) = re.findall(r"^=== call 1 of 1: .*, prompt review@\d+, ([\d,]+) tokens$", out, re.MULTILINE)
    assert list(counts) == ["function", "rules", "examples", "diff"]
    assert abs(int(total.replace(",", "")) - sum(counts.values())) <= len(counts)
    assert "--- parameters: max output 8,000 tokens, cache key 0/local\n" in out


def test_the_input_is_compared_with_the_raw_diff(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the diff's tokens as it was read, from stdin too."""
    path = tmp_path / "x.diff"
    path.write_text(DIFF)
    last = shown(path, capsys).splitlines()[-1]
    raw = O200k().count(DIFF)
    compared = re.search(r"([\d,]+) input tokens \(([\d.]+) times the raw diff's (\d+)\)", last)
    assert compared
    assert int(compared[3]) == raw
    assert float(compared[2]) == pytest.approx(int(compared[1].replace(",", "")) / raw, abs=0.01)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(DIFF.encode())))
    assert prompt_command(load({}), None, repo=tmp_path, diff=STDIN) == 0
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_what_a_call_has_no_room_for_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, where the other problems of the configuration are."""
    monkeypatch.setattr("reviewer.question.INSTRUCTIONS_LIMIT", 5)
    repo = a_repository(tmp_path / "repo")
    commit(repo, __reviewer__yml="review: {instructions: 'Money is in cents.'}\n")
    path = tmp_path / "x.diff"
    path.write_text(DIFF)
    assert prompt_command(load({}), None, repo=repo, diff=path) == 0
    printed = capsys.readouterr()
    assert "\nMoney\n" in printed.out
    assert "The configuration's instructions were cut" in printed.err
