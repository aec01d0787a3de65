"""`reviewer config check`: which file it takes, and what is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reviewer.commands.config import check_config, layer_of
from reviewer.core.errors import UsageError


@pytest.mark.parametrize("name", [".github/reviewer.yml", ".reviewer.yml"])
def test_the_root_of_the_repository_has_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """In whatever folder of it one stands; a file of a folder below never counts, and is not looked at."""
    (tmp_path / ".git").write_text("gitdir: elsewhere")  # as in a worktree
    inner = tmp_path / "a" / "b"
    (inner / ".github").mkdir(parents=True)
    (inner / ".github" / "reviewer.yml").write_text("nonsense: 1")
    monkeypatch.chdir(inner)
    assert check_config(None) == 0
    assert "no .github/reviewer.yml or .reviewer.yml here" in capsys.readouterr().out
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("gate:\n  fail_onn: low\n")
    assert check_config(None) == 2
    assert capsys.readouterr().err.startswith(f"../../{name}:2: `gate.fail_onn` is not a key, did you mean `fail_on`?")


def test_outside_of_a_repository_this_folder_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a link that leads nowhere is a link all the same."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".reviewer.yml").symlink_to("gone.yml")
    assert check_config(None) == 2
    assert ".reviewer.yml:1: this is a symbolic link to `gone.yml`" in capsys.readouterr().err


def test_what_is_no_file_is_told_at_once(tmp_path: Path) -> None:
    """A device that never ends and a pipe that never begins are not waited for."""
    os.mkfifo(tmp_path / "pipe")
    for path, what in (
        (Path("/dev/zero"), "a device or a pipe"),
        (tmp_path / "pipe", "a device or a pipe"),
        (tmp_path, "a folder"),
    ):
        with pytest.raises(UsageError, match=f"cannot be read: it is {what}, not a file."):
            layer_of(path)
    (tmp_path / "huge.yml").write_bytes(b"#" * (2**20 + 1))
    assert "larger than 1 MB" in layer_of(tmp_path / "huge.yml").problems[0].sentence


def test_bytes_that_are_no_utf_8_are_refused_as_the_server_does(tmp_path: Path) -> None:
    """GitHub gives it with U+FFFD for each of them: nobody wrote that."""
    file = tmp_path / "latin.yml"
    file.write_bytes("review:\n  language: français\ngate: {fail_on: low}\n".encode("latin-1"))
    layer = layer_of(file)
    assert (layer.usable, [each.line for each in layer.problems]) == (False, [2])
