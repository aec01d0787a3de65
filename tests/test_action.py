"""The GitHub Action and the pre-commit hooks: what they call is what the program has, and the script does what it says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from console import environment
from local_git import a_repository, git
from readme import ROOT
from ruamel.yaml import YAML
from test_docs import commands
from test_local import FINDING

from reviewer.standin.model import StandInModel
from reviewer.standin.server import serve

FOLDER = ROOT / ".github" / "actions" / "review"
SCRIPT = (FOLDER / "review.sh").read_text(encoding="utf-8")
ACTION: dict[str, Any] = YAML(typ="safe").load(FOLDER / "action.yml")
HOOKS: list[dict[str, Any]] = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


def test_no_stranger_s_words_are_part_of_a_script() -> None:
    """`${{ }}` is put into a script as text, before the shell reads it: in a branch's name it is code."""
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []
    assert "${{" not in SCRIPT
    assert "eval" not in SCRIPT


def test_other_actions_are_named_by_their_full_version() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert len(used) == 2
    assert [name for name in used if not re.fullmatch(r"[\w./-]+@v\d+\.\d+\.\d+", name)] == []


def test_inputs_and_outputs_are_used() -> None:
    """Each input is read, each output is written, and nothing else is."""
    text = (FOLDER / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert set(re.findall(r"^ *told ([\w-]+)", SCRIPT, re.MULTILINE)) == set(ACTION["outputs"])
    given = {name for step in STEPS for name in step.get("env", {})}
    read = set(re.findall(r"\$\{?(REVIEW_\w+)", SCRIPT)) | {"REVIEW_CODE"}
    assert read - {"REVIEW_COMMAND"} == given


def test_the_program_has_their_options() -> None:
    """The hooks and the script name commands and options that there are."""
    known = commands()["reviewer review"]
    called = [hook["entry"] for hook in HOOKS]
    assert called == ["reviewer review --staged", "reviewer review --pushed"]
    options = set(re.findall(r"(?<!\w)--(?:format|fail-on|[\w-]+)", " ".join(called))) | {"--format", "--fail-on"}
    assert options <= known
    assert set(re.findall(r"--format \w+", SCRIPT)) == {"--format sarif", "--format github"}


def test_the_hooks_show_what_is_below_the_bar() -> None:
    """One process at a time, with no file names; pre-commit hides what passes unless it is told to be verbose."""
    for hook in HOOKS:
        assert (hook["language"], hook["pass_filenames"], hook["require_serial"], hook["verbose"]) == (
            *("python", False),
            *(True, True),
        )
    assert {hook["id"]: hook["stages"] for hook in HOOKS} == {"reviewer": ["pre-commit"], "reviewer-push": ["pre-push"]}


class Runner:
    """What GitHub's runner is for the script."""

    def __init__(self, folder: Path, url: str) -> None:
        self.repo, self.folder, self.url = a_repository(folder / "repo"), folder, url

    def run(self, **variables: str) -> tuple[str, dict[str, str]]:
        """What the script printed, and its outputs."""
        output = self.folder / "output"
        output.write_text("")
        done = subprocess.run(
            [shutil.which("bash") or "bash", str(FOLDER / "review.sh")],
            cwd=self.repo,
            env={
                **environment(self.folder),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_ACTION_PATH": str(FOLDER),
                "RUNNER_TEMP": str(self.folder),
                "REVIEW_COMMAND": shlex.join([sys.executable, "-m", "reviewer"]),
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, dict(line.split("=", 1) for line in output.read_text().splitlines())

    def with_key(self, **variables: str) -> tuple[str, dict[str, str]]:
        return self.run(OPENAI_API_KEY="sk-one", OPENAI_BASE_URL=f"{self.url}/v1", **variables)


@pytest.fixture
def model() -> StandInModel:
    return StandInModel([FINDING])


@pytest.fixture
def runner(tmp_path: Path, model: StandInModel) -> Iterator[Runner]:
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    with serve(model.app) as url:
        yield Runner(tmp_path, url)


@pytest.mark.slow
def test_it_reviews_the_pull_request(runner: Runner, model: StandInModel) -> None:
    """The SARIF goes to code scanning, the annotations to the log, and both are paid for once; then the gate counts."""
    ends = {"REVIEW_BASE": git(runner.repo, "rev-parse", "main"), "REVIEW_HEAD": git(runner.repo, "rev-parse", "work")}
    said, outputs = runner.with_key(**ends)
    assert (outputs["exit-code"], len(model.requests)) == ("1", 2)
    log = json.loads(Path(outputs["sarif"]).read_text())
    assert [found["ruleId"] for found in log["runs"][0]["results"]] == ["correctness"]
    assert said.startswith("::error file=a.py,line=2,endLine=2,title=high%3A The second line is no word::")


@pytest.mark.parametrize("name", ["REVIEW_RANGE", "REVIEW_FAIL_ON"])
def test_an_input_is_an_argument_and_no_code(runner: Runner, name: str) -> None:
    """What stands in an input is one word for the program, whatever it looks like."""
    said, outputs = runner.with_key(**{name: "main..$(touch ran);`touch ran`\n::warning::x"})
    assert (outputs["exit-code"], outputs["sarif"]) == ("2", "")
    assert said.startswith("::error title=reviewer::")
    assert ("severity" in said) == (name == "REVIEW_FAIL_ON")
    assert said.count("\n") == 1
    assert not (runner.repo / "ran").exists()


def test_a_fork_has_no_key_and_passes_with_a_warning(runner: Runner, model: StandInModel) -> None:
    """GitHub gives it no secrets. Elsewhere a missing key is a mistake."""
    said, outputs = runner.run(REVIEW_FORK="true")
    assert said.startswith("::warning title=reviewer::Nothing was reviewed: a pull request from a fork")
    assert outputs == {"exit-code": "0", "sarif": ""}
    said, outputs = runner.run(REVIEW_FORK="false", REVIEW_BASE="main", REVIEW_HEAD="work")
    assert (outputs["exit-code"], "There is no model to ask" in said) == ("2", True)
    assert model.requests == []
    assert (runner.folder / "reviewer.sarif").read_text() == ""
