"""Holds the reading of outlines to its time: what a grammar cannot finish costs its own file only."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reviewer.core.symbols import outline
from reviewer.outlines import outlines

GOOD = {
    "a.py": "def f(a):\n    return 1\n",
    "b/c.go": "package a\nfunc Run() {}\n",
    "d.md": "# A",
    "e.py": "\ud800 = '漢'\n",
}
HOSTILE = "/*{\n" * 60_000  # minutes for the grammar, and no other thread of its process would run


def test_outlines_are_those_of_the_files() -> None:
    """The same as in this process; files that have none are missing."""
    assert outlines(GOOD) == {path: made for path, text in GOOD.items() if (made := outline(path, text))}
    assert outlines({}) == {}


def test_a_hostile_file_costs_its_own_outline_only() -> None:
    """The small ones were read before it, and what comes after it is read in another run."""
    later = "def late():\n    pass\n" * 20_000
    begun = time.monotonic()
    found = outlines({"z.js": HOSTILE, "y.py": later, **GOOD}, seconds=1.5)
    assert time.monotonic() - begun < 20
    assert sorted(found) == ["a.py", "b/c.go", "e.py", "y.py"]


def test_without_time_there_are_no_outlines() -> None:
    """A process that cannot answer in its time is no error: the diff alone is enough for a review."""
    assert outlines(GOOD, seconds=0.001) == {}


def test_nothing_of_the_directory_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A review may be started in a stranger's checkout, where a `json.py` may lie."""
    for name in ("json", "resource", "reviewer"):
        (tmp_path / f"{name}.py").write_text("open('executed', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert "a.py" in outlines(GOOD)
    assert not (tmp_path / "executed").exists()
