"""What README and the pages under .github/ say is so: commands, settings, keys, paths, metrics, files and examples."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer
from openai import Timeout
from pydantic import AliasChoices, SecretStr
from readme import CONTRIBUTING, PAGES, README, ROOT, blocks, code, links, table
from starlette.routing import Route
from typer.testing import CliRunner

from reviewer import __main__ as command_line
from reviewer.core.config import Config, config_schema, parse_config
from reviewer.core.diff import parse_diff
from reviewer.core.events import EVENTS, job_of
from reviewer.core.types import Job, Material
from reviewer.door import Door
from reviewer.metrics import Metrics
from reviewer.model.provider import Provider
from reviewer.page import Page
from reviewer.ports import Source
from reviewer.ports.overview import Books, Queue
from reviewer.settings import Settings
from reviewer.setup import closed_routes
from reviewer.status import Status, waiting_routes
from reviewer.webhook import webhook_route


def commands() -> dict[str, set[str]]:
    """Every command of the program with its options and arguments, as the table writes them."""
    found: dict[str, set[str]] = {}

    def walk(group: Any, words: str) -> None:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, f"{words} {name}")
                continue
            options = {option for each in command.params for option in each.opts if option.startswith("--")}
            places = {each.metavar for each in command.params if each.param_type_name == "argument"}
            found[f"{words} {name}"] = (options | places) - {"--help"}

    walk(typer.main.get_command(command_line.cli), "reviewer")
    return found


def written(usage: str) -> tuple[str, set[str]]:
    """`reviewer demo [--open]` as (command, its options and arguments)."""
    words = usage.replace("[", " ").replace("]", " ").split()
    name = " ".join(word for word in words if re.fullmatch("[a-z][a-z-]*", word))
    places = {word for before, word in pairwise(words) if word.isupper() and before[:2] != "--"}
    return name, {word for word in words if word.startswith("--")} | places


def test_the_commands_are_those_of_the_program() -> None:
    """The table has every command with every option and argument, and no other."""
    assert dict(written(code(usage)[0]) for usage, _ in table("command", PAGES["COMMANDS"])) == commands()


def test_the_exit_codes_are_those_of_the_program() -> None:
    """The page has those that `reviewer --help` ends with, and the one of Ctrl-C."""
    told = {int(number) for number in re.findall(r"\b\d\b", command_line.cli.info.epilog or "")}
    assert {command_line.OK, command_line.USAGE, command_line.OUTSIDE} < told
    assert {int(row[0]) for row in table("exit code")} == told | {command_line.INTERRUPTED}


def test_the_variables_are_those_that_are_read() -> None:
    """Both ways, with every other name that a variable has, and with its default."""
    expected = {}
    for field in Settings.model_fields.values():
        assert isinstance(field.validation_alias, AliasChoices)
        expected[tuple(field.validation_alias.choices)] = str(field.default) if field.default else ""
    shown = {tuple(code(names)): "".join(code(default)) for names, _, default in table("variable")}
    assert shown == {names: default.removeprefix("()") for names, default in expected.items()}


def test_the_example_of_the_environment_sets_what_is_read() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {match[1] for line in lines if (match := re.match(r"(?:# )?([A-Z_]+)=", line))}
    known = {name for names, *_ in table("variable") for name in code(names)}
    assert named
    assert named <= known


def test_the_configuration_is_whole_and_the_defaults_are_true() -> None:
    """The block in CONFIGURATION has every key of the schema, and reading it changes nothing."""
    [block] = blocks("yaml", PAGES["CONFIGURATION"])
    assert parse_config(block, name="a.yml") == (Config(), ())
    schema = config_schema()
    expected = {"extends", "review", "gate", "model"}
    assert set(schema["properties"]) - {"$schema"} == expected
    for section in ("Review", "Gate", "Model"):
        expected |= set(schema["$defs"][f"{section}Config"]["properties"])
    assert set(re.findall(r"^ *(\w+):", block, re.MULTILINE)) == expected


def routes() -> list[Route]:
    async def unused(*_: object) -> Any:
        raise AssertionError

    def text() -> Awaitable[tuple[bytes, str]]:
        raise AssertionError

    def ready() -> Awaitable[dict[str, str]]:
        raise AssertionError

    status = Status(unused, ready, text, Door("token"))
    page = Page(door=Door("token"), api_url="", queue=Queue, books=Books, accounts=unused)
    served = [*status.routes(), *page.routes()]
    return [webhook_route(secrets=["s"], enqueue=unused), *served, *waiting_routes(tuple, str), *closed_routes()]


def test_the_paths_are_those_that_are_answered() -> None:
    """Both ways, each with its method."""
    ours = {f"{method} {route.path}" for route in routes() for method in (route.methods or set()) - {"HEAD", "OPTIONS"}}
    assert {code(path)[0] for path, _ in table("path")} == ours


def test_the_metrics_are_those_that_are_counted() -> None:
    """Both ways; `_created`, which the library adds to each, is left out."""
    lines = Metrics().text()[0].decode().splitlines()
    names = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    told = table("metric", (ROOT / ".github" / "METRICS.md").read_text(encoding="utf-8"))
    assert {name for row in told for name in code(row[0])} == {name for name in names if not name.endswith("_created")}


LINKED = {"README": (ROOT, README), **{name: (ROOT / ".github", text) for name, text in PAGES.items() if links(text)}}


@pytest.mark.parametrize(("folder", "text"), LINKED.values(), ids=LINKED)
def test_links_lead_to_files(folder: Path, text: str) -> None:
    targets = [target.replace("\\", "") for target in links(text)]
    assert targets
    assert [target for target in targets if not (folder / target).exists()] == []


def test_the_files_that_are_named_are_there() -> None:
    named = re.findall(r"`((?:reviewer|tests|fixtures|prompts)/[\w./]*)`", "".join([README, *PAGES.values()]))
    assert len(named) > 20
    missing = {name for name in named if not (ROOT / name).exists()}
    assert missing == {"reviewer/sources/conflicts.py"}  # the example of CONTRIBUTING


def test_the_map_shows_every_room() -> None:
    """Whoever reads the map finds each module and folder of `reviewer/` on it."""
    shown = {name.rstrip("/") for row in table("where") for name in code(row[0])}
    rooms = {
        f"reviewer/{path.name}"
        for path in (ROOT / "reviewer").iterdir()
        if (path.name[:2] not in {"__", "_b"} and path.name != "py.typed") or path.name == "__main__.py"
    }
    assert {name for name in shown if name.startswith("reviewer/")} - {"reviewer/review.py"} == rooms - {
        "reviewer/review.py"
    }


def test_ci_runs_the_two_commands_of_the_readme() -> None:
    """There are two, as code blocks of one line; `.ci/run` takes all lines of README that begin so."""
    taken = re.findall(r"^sh \.ci/uv run .*$", README, re.MULTILINE)
    assert [block.strip() for block in blocks("sh")] == taken
    assert [command.split()[-1] for command in taken] == ["demo", "pytest"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "grep -E '^sh \\.ci/uv run ' README.md" in script


def test_the_picture_is_there_and_light() -> None:
    picture = (ROOT / ".github" / "review.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 300_000


# --- the examples of CONTRIBUTING are run ----------------------------------------------------------------------------


def example(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(blocks("python", CONTRIBUTING)[number], "CONTRIBUTING.md", "exec", dont_inherit=True), names)
    return names


def test_the_example_of_a_command_works(monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(command_line.cli.registered_commands)
    monkeypatch.setattr(command_line.cli, "registered_commands", before)
    example(0)
    answer = CliRunner().invoke(command_line.cli, ["models"])
    assert (answer.exit_code, "gpt-6-luna" in answer.stdout.splitlines()) == (0, True)


def test_the_example_of_a_source_works() -> None:
    source: Source = example(1)["Conflicts"]()
    diff = parse_diff("--- a/x.py\n+++ b/x.py\n@@ -1 +1,3 @@\n a = 1\n+<<<<<<< HEAD\n+b = 2\n")
    assert [(source.name, found.path, found.line, found.quote) for found in source.find(Material(diff))] == [
        ("conflicts", "x.py", 2, "<<<<<<< HEAD")
    ]


def test_the_example_of_a_provider_works() -> None:
    provider = example(2)["gateway"]("http://127.0.0.1:9/v1", [SecretStr("k").get_secret_value()], team="blue")
    assert isinstance(provider, Provider)
    client = provider.connect(Timeout(1.0))
    assert (client.default_headers["X-Team"], client.max_retries) == ("blue", 0)


def test_the_example_of_an_event_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(EVENTS, "repository_dispatch", raising=False)
    monkeypatch.setitem(EVENTS, "repository_dispatch", EVENTS["ping"])  # what the example sets is undone after the test
    example(3)
    payload = {
        "action": "please",
        "installation": {"id": 5},
        "repository": {"id": 6, "full_name": "octo/hello"},
        "client_payload": {"number": 7, "head": "a" * 40},
    }
    job = job_of("repository_dispatch", "d-1", payload)
    assert isinstance(job, Job)
    assert (job.repository, job.number, job.trigger) == ("octo/hello", 7, "repository_dispatch.please")
