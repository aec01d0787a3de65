"""Holds the reading of outlines to its time: what a grammar cannot finish costs its own file only."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pytest

from reviewer.core.symbols import outline
from reviewer.outlines import Said, outlines

T = TypeVar("T")

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
    found = outlines({"z.js": HOSTILE, "y.py": later, **GOOD}, seconds=1.5, runs=2)
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


class Busy:
    """Reads nothing of a path as often as it is told to, and notes what it was asked for."""

    def __init__(self, failing: dict[str, int]) -> None:
        self.failing = failing
        self.asked: list[list[str]] = []

    def __call__(self, texts: Mapping[str, str], seconds: float) -> Said:
        self.asked.append(list(texts))
        said = []
        for path in texts:
            if self.failing.get(path):
                self.failing[path] -= 1
                break
            said.append((path, [["f", 1, 1, 1, "def f()", 0]]))
        return said


def test_what_ran_out_of_time_is_tried_once_more_alone() -> None:
    """The machine may have been busy; it comes last, so that it costs the others nothing, and only while runs are left."""
    texts = {"a.py": "1", "b.py": "22", "c.py": "333"}
    busy = Busy({"b.py": 1})
    assert sorted(outlines(texts, read=busy)) == ["a.py", "b.py", "c.py"]
    assert busy.asked == [["a.py", "b.py", "c.py"], ["c.py"], ["b.py"]]
    hostile = Busy({"b.py": 9, "c.py": 9})
    assert sorted(outlines(texts, read=hostile)) == ["a.py"]
    assert hostile.asked == [["a.py", "b.py", "c.py"], ["c.py"], ["b.py"]]


def test_a_package_in_the_present_directory_stands_in_for_none_of_pythons(tmp_path: Path) -> None:
    """Nor does what lies beside ours, as in a checkout: Python's own modules come first."""
    (tmp_path / "json.py").write_text("open('executed', 'w')")
    ours = Path(__file__).parent.parent / "reviewer"
    shutil.copytree(ours, tmp_path / "reviewer", ignore=shutil.ignore_patterns("__pycache__"))
    code = "from reviewer.outlines import outlines; print(sorted(outlines({'a.py': 'def f(): pass'})))"
    start = f"import sys, json; sys.path.insert(0, {str(tmp_path)!r}); {code}"
    done = subprocess.run([sys.executable, "-P", "-c", start], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "['a.py']\n"
    assert not (tmp_path / "executed").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_no_process_outlives_its_parent() -> None:
    """A review that is killed leaves nobody reading a hostile file forever."""
    code = f"from reviewer.outlines import outlines; outlines({{'a.js': {HOSTILE[:4]!r} * 60_000}}, seconds=60)"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parent.parent)
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    if not children.exists():
        parent.kill()
        pytest.skip("this system does not tell children")
    child = _until(lambda: next(iter(children.read_text().split()), ""))
    _until(lambda: b"ctypes" in Path(f"/proc/{child}/maps").read_bytes())
    time.sleep(0.1)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert _until(lambda: not _lives(child))


def _lives(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(ask: Callable[[], T]) -> T:
    end = time.monotonic() + 10
    while not (said := ask()) and time.monotonic() < end:
        time.sleep(0.02)
    return said
