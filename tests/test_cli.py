"""The command line as a newcomer meets it: help, mistakes, exit codes, and `config`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest
from console import COMMAND, environment, reviewer
from ruamel.yaml import YAML

CONFIG = Path(__file__).parent.parent / "fixtures" / "config"
COMMANDS = [
    "serve",
    "worker",
    "demo",
    "review",
    "prompt",
    "receive",
    "audit",
    "simulate",
    "config",
    "config check",
    "config schema",
]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal(command: str, tmp_path: Path) -> None:
    """Every command says what it does, in 80 columns, without boxes."""
    done = reviewer(*command.split(), "--help", at=tmp_path)
    assert done.code == 0
    assert done.out.startswith(f"Usage: reviewer {command}".rstrip())
    assert max(map(len, done.out.splitlines())) <= 80
    assert "─" not in done.out
    assert done.err == ""


def test_help_lists_the_contract(tmp_path: Path) -> None:
    """The commands are those that users and scripts rely on; alone, the program shows them too."""
    shown = reviewer("--help", at=tmp_path).out
    assert [word for word in COMMANDS if " " not in word and f"\n  {word} " not in shown] == []
    assert reviewer(at=tmp_path).out == shown


def test_help_is_quick_since_nothing_heavy_is_imported(tmp_path: Path) -> None:
    """What takes long to import is imported by the commands that use it."""
    heavy = "reviewer.app openai dbos githubkit sqlalchemy pydantic tiktoken rich"
    script = (
        "import sys, contextlib\nfrom reviewer.__main__ import main\n"
        "with contextlib.suppress(SystemExit):\n    main()\n"
        f"print([name for name in '{heavy}'.split() if name in sys.modules], file=sys.stderr)"
    )
    command = [COMMAND[0], "-c", script, "--help"]
    done = subprocess.run(command, env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("reviw", "No such command 'reviw'. Did you mean 'review'? `reviewer --help` says what there is."),
        ("review --xyzzy", "No such option: --xyzzy. `reviewer review --help` says what there is."),
        ("receive", "Missing argument 'FILE'. `reviewer receive --help` says what there is."),
        ("review --format yaml", "--format yaml is not known: use one of text, json, sarif, github."),
        ("review --fail-on bad", "--fail-on bad is no severity: use critical, high, medium, low or never."),
        ("review", ". is not a git repository: run this inside one, or name it with `--repo`."),
        ("review --repo /nowhere", "/nowhere is not a folder: name the repository with `--repo`."),
        ("review --diff gone.diff", "gone.diff cannot be read: No such file or directory."),
        ("receive gone.json --event push", "gone.json cannot be read: No such file or directory."),
        ("audit --repo octo/app", "There is no database reviewer.db: run this where `reviewer serve` runs, or set"),
        ("config check gone.yml", "gone.yml cannot be read: No such file or directory."),
        ("config check .", ". cannot be read: it is a folder, not a file."),
        ("worker", "A worker needs credentials: set GITHUB_APP_ID, GITHUB_PRIVATE_KEY, GITHUB_WEBHOOK_SECRET"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments: str, sentence: str, tmp_path: Path) -> None:
    """Exit code 2, one line on stderr that says how to mend it, nothing on stdout, no traceback."""
    done = reviewer(*arguments.split(), at=tmp_path)
    assert done.err.startswith(f"reviewer: {sentence}")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)


def test_a_bad_environment_is_told_by_name(tmp_path: Path) -> None:
    """`.env` is read like the environment, and every complaint names its variable."""
    done = reviewer("serve", at=tmp_path, PORT="abc")
    assert (done.code, done.err) == (2, "reviewer: PORT must be a number from 1 to 65535 (or 0 for any free port).\n")
    (tmp_path / ".env").write_text("LOG_LEVEL=loud\n")
    done = reviewer("review", at=tmp_path)
    assert (done.code, done.err) == (
        2,
        "reviewer: LOG_LEVEL must be debug, info, warning, error or critical.\n",
    )


def test_version(tmp_path: Path) -> None:
    """A bug report can name it."""
    assert reviewer("--version", at=tmp_path).out.startswith("reviewer 0.")


def test_config_check_of_a_good_file(tmp_path: Path) -> None:
    """The file of the repository is found by itself; without one the defaults apply; both are fine."""
    done = reviewer("config", "check", at=tmp_path)
    assert (done.code, done.out) == (0, "no .github/reviewer.yml or .reviewer.yml here: the defaults apply\n")
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "reviewer.yml").write_bytes((CONFIG / "good.yml").read_bytes())
    done = reviewer("config", "check", at=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out == ".github/reviewer.yml: ok; it extends org/.github, which is not read here\n"


def test_config_check_of_a_bad_file(tmp_path: Path) -> None:
    """Each problem with file and line first, as editors read it, and the nearest key; exit code 2."""
    done = reviewer("config", "check", CONFIG / "bad.yml", at=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert f"{CONFIG / 'bad.yml'}:21: `modle` is not a key, did you mean `model`?" in done.err.splitlines()
    (tmp_path / "latin.yml").write_bytes(b"review:\n  language: fran\xe7ais\n")
    done = reviewer("config", "check", "latin.yml", at=tmp_path)
    assert (done.code, done.err) == (
        2,
        "latin.yml:2: this is not UTF-8 text: save the file as UTF-8. Nothing of it counts.\n",
    )


def test_config_schema_is_one(tmp_path: Path) -> None:
    """An editor that is given the printed schema accepts the good file and refuses the bad one."""
    schema = json.loads(reviewer("config", "schema", at=tmp_path).out)
    validator = jsonschema_rs.validator_for(schema)
    good, bad = (YAML(typ="safe").load(_once(CONFIG / name)) for name in ("good.yml", "bad.yml"))
    assert [error.message for error in validator.iter_errors(good)] == []
    assert not validator.is_valid(bad)


def _once(path: Path) -> str:
    """Without the key that stands twice, which is our own check's business and stops a plain YAML reader."""
    lines = path.read_text().splitlines()
    return "\n".join(line for line in lines if not (path.name == "bad.yml" and "effort" in line))


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    """`reviewer config schema | head -1` prints no traceback."""
    with subprocess.Popen(
        [*COMMAND, "config", "schema"],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("command", ["config schema", "--help"])
def test_output_that_cannot_be_written_is_told_in_one_line(command: str, tmp_path: Path) -> None:
    """On a full disk neither we nor the library that prints the help blame the program, nor say that all is well."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *command.split()],
            env=environment(tmp_path),
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == "reviewer: The output could not be written: No space left on device.\n"
    assert done.returncode == 2


def test_a_file_of_any_name_is_read_in_any_locale(tmp_path: Path) -> None:
    """Git gives names in bytes; where Python takes the locale for ASCII they are found all the same."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "é日.py").write_text("a = 1\n")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = reviewer("prompt", at=tmp_path, **ascii_only)
    assert (done.code, done.err) == (0, "")
    assert "??.py (added)" in done.out


def test_a_committed_env_file_is_not_the_persons_own(tmp_path: Path) -> None:
    """A stranger's repository cannot send the key and the code to a server of its choice; one's own `.env` is read."""
    (tmp_path / ".env").write_text("REVIEWER_MODEL=theirs\n", encoding="utf-8")
    (tmp_path / "a.diff").write_text("--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a = 1\n+a = 2\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert "theirs" in reviewer("prompt", "--diff", "a.diff", at=tmp_path).out
    subprocess.run(["git", "-C", str(tmp_path), "add", ".env"], check=True)
    done = reviewer("prompt", "--diff", "a.diff", at=tmp_path)
    assert "theirs" not in done.out
    assert (
        done.err
        == "reviewer: .env is part of this repository, so it is not read: set the variables in the environment.\n"
    )
