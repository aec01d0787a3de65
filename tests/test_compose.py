"""What compose.yaml starts is what the program and its image are: commands, variables, ports, and who waits for whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
import typer
from readme import ROOT
from ruamel.yaml import YAML

from reviewer.__main__ import cli
from reviewer.settings import Settings, load

WHOLE: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = WHOLE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "reviewer")
KNOWN = {str(name) for field in Settings.model_fields.values() for name in field.validation_alias.choices}  # type: ignore[union-attr]


def test_there_is_all_that_is_needed() -> None:
    """A door, workers, the tables' upgrade, and the database."""
    assert set(SERVICES) == {"server", "worker", "migrate", "database"}
    assert OURS == ["migrate", "server", "worker"]
    assert SERVICES["worker"]["deploy"]["replicas"] >= 2


@pytest.mark.parametrize("name", OURS)
def test_each_runs_a_command_of_the_program(name: str) -> None:
    """With options that it has."""
    program, *words = SERVICES[name]["command"]
    command: Any = typer.main.get_command(cli)
    for word in (word for word in words if not word.startswith("--")):
        command = command.commands[word]
    options = {option for each in command.params for option in each.opts}
    assert program == "reviewer"
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("name", OURS)
def test_each_is_set_by_variables_that_are_read(name: str) -> None:
    """They can be loaded, and mean one database that is among the services; nothing secret stands in the file."""
    given = {key: re.sub(r"\$\{\w+:\?[^}]*\}", "secret", value) for key, value in SERVICES[name]["environment"].items()}
    assert set(given) <= KNOWN
    settings = load(given)
    assert settings.database_url == "postgresql://reviewer:secret@database/reviewer"
    assert settings.host == "0.0.0.0"  # what is published has to be reached from outside of the container
    assert SERVICES[name]["env_file"] == ".env"
    database = SERVICES["database"]["environment"]
    assert (database["POSTGRES_USER"], database["POSTGRES_DB"]) == ("reviewer", "reviewer")
    assert database["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_the_ports_are_those_that_are_listened_on() -> None:
    """The image asks after the health of the port in PORT: a worker answers there too."""
    server, worker = (SERVICES[name]["environment"] for name in ("server", "worker"))
    [published] = SERVICES["server"]["ports"]
    assert published.rpartition(":")[2] == server["PORT"]
    assert worker["PORT"] == worker["REVIEWER_METRICS_PORT"]
    assert "ports" not in SERVICES["worker"]  # several of them could not share one
    assert SERVICES["migrate"]["healthcheck"] == {"disable": True}


def test_nothing_starts_before_its_tables() -> None:
    """The upgrade waits for the database, and ends; all else waits for it, and comes back after a fall."""
    after = {name: {key: each["condition"] for key, each in SERVICES[name]["depends_on"].items()} for name in OURS}
    ready = {"database": "service_healthy", "migrate": "service_completed_successfully"}
    assert after == {"migrate": {"database": "service_healthy"}, "server": ready, "worker": ready}
    assert SERVICES["database"]["healthcheck"]["test"][1] == "pg_isready"
    assert {name: service["restart"] for name, service in SERVICES.items()} == {
        **dict.fromkeys(("server", "worker", "database"), "unless-stopped"),
        "migrate": "no",
    }


def test_every_volume_is_declared() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert used == set(WHOLE["volumes"])
