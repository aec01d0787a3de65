"""The built wheel holds all that the program reads, and the demo runs from it where there is no checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow  # builds and installs: some 20 s, and package registries are asked


def run(command: Sequence[str | Path], *, cwd: Path) -> str:
    """The output of a command that has to succeed, in an environment that knows nothing of the checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    done = subprocess.run(
        [*map(str, command)], check=False, cwd=cwd, env=kept, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> str:
    found = os.environ.get("UV") or shutil.which("uv")  # `uv run` names itself
    if not found:
        pytest.skip("uv is not here: run `sh .ci/uv run pytest -m slow tests/test_wheel.py`")
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by way of the source distribution, so that this one is whole too."""
    folder = tmp_path_factory.mktemp("dist")
    run([uv, "build", "--out-dir", folder, ROOT], cwd=folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's `reviewer` in a clean virtual environment, with the versions of uv.lock."""
    folder = tmp_path_factory.mktemp("clean")
    locked, python = folder / "locked.txt", folder / "venv" / "bin" / "python"
    run([uv, "export", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project", "-o", locked], cwd=ROOT)
    run([uv, "venv", "--python", sys.executable, folder / "venv"], cwd=folder)
    run([uv, "pip", "install", "--python", python, "--constraint", locked, wheel], cwd=folder)
    return python.with_name("reviewer")


def shipped(folder: str) -> set[str]:
    """What lies under a folder of the checkout and is not made by running it."""
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_the_wheel_holds_the_code_and_what_it_reads(wheel: Path) -> None:
    """Every file of the package, the prompts, the demo's fixtures, the token ranks and the App's manifest; no tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    bundled = shipped("prompts") | shipped("fixtures/demo") | shipped("fixtures/dedupe") | {"app.yml"}
    assert names == shipped("reviewer") | {f"reviewer/_bundled/{name}" for name in bundled}
    assert {"reviewer/data/o200k_base.tiktoken.gz", "reviewer/_bundled/prompts/review.md"} <= names


def test_the_demo_runs_from_the_wheel(program: Path, tmp_path: Path) -> None:
    """In a folder that is no checkout: it exits 0 and shows a review, its comments and a failed check."""
    shown = run([program, "demo"], cwd=tmp_path)
    print(shown)  # for whoever watches `.ci/run`
    assert "check run reviewer: failure" in shown
    assert "parcel/store.py:28" in shown
    assert list(tmp_path.iterdir()) == []


def test_the_commands_run_from_the_wheel(program: Path, tmp_path: Path) -> None:
    """Those that read what travels in the package: a prompt with its token counts, and the schema."""
    (tmp_path / "x.diff").write_text("--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n a = 1\n+b = 2\n", encoding="utf-8")
    assert "nothing was sent" in run([program, "prompt", "--diff", "x.diff"], cwd=tmp_path)
    assert '"$schema"' in run([program, "config", "schema"], cwd=tmp_path)
