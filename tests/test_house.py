"""Holds the arrows of the house: who may import whom, which room owns which library, and how large things may grow."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys

import pytest
from house import ROOT, Module, modules, within

OURS = modules("reviewer")
CORE = modules("reviewer/core")
TESTS = modules("tests")

# Standard modules that compute and do nothing else.
PURE = {
    *(
        "__future__",
        "base64",
        "bisect",
        "collections",
        "dataclasses",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
    ),
    *(
        "graphlib",
        "hashlib",
        "heapq",
        "html",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "statistics",
        "string",
        "sys",
    ),
    *("textwrap", "typing", "unicodedata", "urllib.parse", "zlib"),
}
PURE_LIBRARIES = {"ast_grep_py", "pathspec", "pydantic", "pydantic_core", "ruamel", "unidiff"}
IMPURE_CALLS = {"__import__", "breakpoint", "eval", "exec", "input", "open", "print"}

# The main line: it decides nothing about GitHub, the model or the database; it goes through the ports.
SPINE = {
    f"reviewer.{name}"
    for name in (
        "review",
        "examine",
        "question",
        "asking",
        "confirming",
        "plan",
        "posting",
        "run",
        "question",
        "landing",
        "terms",
        "configured",
        "together",
        "redacting",
        "cleaning",
        "purse",
        "talk",
        *("recognising", "locating"),
        "actions",
        *("dismissing", "recording", "replying", "matter", "telling", "admitting", "convincing"),
        *("pressing", "queueing", "rerunning", "neighbours", "outages", "speaking", "metering", "till"),
        *(
            "answering",
            "holding",
            "progress",
            "claims",
            "looking",
            "remembering",
            "saying",
            "fates",
            "closing",
            "meanings",
            "rulings",
        ),
    )
}
EDGES = {
    f"reviewer.{name}"
    for name in (
        "app",
        "git",
        "github",
        "jobs",
        "model",
        "models",
        "page",
        "secrets",
        "settings",
        "setup",
        "standin",
        "status",
        "store",
        "webhook",
    )
}
# Where everything is put together. Nobody imports these but one another.
ENTRIES = {
    f"reviewer.{name}"
    for name in (
        *(
            "__main__",
            "administering",
            "app",
            "commands",
            "demo",
            "doctor",
            "lines",
            "operating",
            "parts",
            "server",
            "switch",
        ),
        *("reviewing", "watched"),
    )
}

# What an edge may know of ours beside core, the ports and its own room, and why.
NEIGHBOURS = {
    # What the REST API does not show of a diff is fetched.
    "reviewer.github": {"reviewer.git", "reviewer.proxies", "reviewer.unreached"},
    "reviewer.jobs": {"reviewer.store"},  # the engine's tables lie in the same database
    "reviewer.local": {
        *SPINE,
        "reviewer.git",
        "reviewer.formats",
        "reviewer.memory",
    },  # the second line: a local range, printed
    "reviewer.prompt_log": {"reviewer.logs"},  # secrets are cut out by the same rules
    "reviewer.model": {"reviewer.proxies", "reviewer.unreached"},
    "reviewer.tracing": {"reviewer.unreached"},
    "reviewer.unreached": {"reviewer.certificates", "reviewer.proxies"},  # why, where a person can mend it
    "reviewer.models": {  # one client for each configured model, on keys that were sealed
        *("reviewer.model", "reviewer.sealing", "reviewer.settings"),
    },
    "reviewer.git": {"reviewer.scratch"},
    "reviewer.prices": {"reviewer.resources"},  # the operator's go before those in the package
    "reviewer.secrets": {"reviewer.scratch"},  # both look at strangers' source in a folder of their own
    "reviewer.settings": {"reviewer.private_key"},  # a key is checked where it comes in
    "reviewer.page": {"reviewer.door", "reviewer.rendering"},  # it and /jobs ask for one token
    "reviewer.relay": {"reviewer.proxies", "reviewer.webhook"},  # what comes by a channel goes through the one door
    "reviewer.setup": {"reviewer.door", "reviewer.rendering"},
    "reviewer.status": {"reviewer.webhook", "reviewer.door"},  # what cannot be taken before the set-up has a path
    "reviewer.credentials": {"reviewer.sealing", "reviewer.settings", "reviewer.store"},
    "reviewer.trying": {"reviewer.model", "reviewer.settings"},  # as the operator has it, before it is kept
    "reviewer.tokens": {"reviewer.resources"},  # the ranks travel in the package
}

# One owner for each outside library, so that a change of theirs is a change in one room of ours.
OWNERS = {
    "alembic": {"reviewer.store"},
    "ast_grep_py": {"reviewer.core.symbols"},
    "azure": {"reviewer.model"},
    "cryptography": {"reviewer.private_key", "reviewer.sealing", "reviewer.standin"},
    "certifi": {"reviewer.certificates"},
    "dbos": {"reviewer.jobs"},
    "dotenv": {"reviewer.setup"},
    "detect_secrets": {"reviewer.secrets"},
    "githubkit": {"reviewer.github"},
    "httpx": {"reviewer.github", "reviewer.demo", "reviewer.relay"},  # githubkit's transport; of httpx_sse too
    "httpx2": {"reviewer.model"},  # openai's transport
    "interlock": {"reviewer.model"},
    "httpx_sse": {"reviewer.relay"},
    "jinja2": {"reviewer.rendering", "reviewer.standin"},
    "keyring": {"reviewer.keyrings"},
    "kingfisher": {"reviewer.secrets"},
    "markdown_it": {"reviewer.standin"},
    "markupsafe": {"reviewer.page", "reviewer.rendering", "reviewer.standin"},
    "openai": {"reviewer.model"},
    "opentelemetry": {"reviewer.tracing"},
    "pathspec": {"reviewer.core.config", "reviewer.core.coverage"},
    "platformdirs": {"reviewer.certificates", "reviewer.commands"},
    "prometheus_client": {"reviewer.metrics"},
    "requests": {"reviewer.tracing"},  # opentelemetry's transport
    "pydantic": {  # only at the doors where strangers' data comes in
        *("reviewer.core.config", "reviewer.core.events", "reviewer.core.findings"),
        *("reviewer.github", "reviewer.settings"),
    },
    "pydantic_core": {"reviewer.core.config", "reviewer.settings"},
    "pydantic_settings": {"reviewer.settings"},
    "rich": {"reviewer.__main__", "reviewer.commands", "reviewer.demo", "reviewer.formats"},
    "ruamel": {"reviewer.core.config", "reviewer.core.health", "reviewer.setup"},
    "sqlalchemy": {"reviewer.store"},
    "starlette": {
        "reviewer.app",
        "reviewer.server",
        "reviewer.page",
        "reviewer.relay",
        "reviewer.rendering",
        "reviewer.setup",
        "reviewer.standin",
        "reviewer.status",
        "reviewer.switch",
        "reviewer.webhook",
    },
    "structlog": {"reviewer"},  # the log may be written anywhere but in core and on the spine: see below
    "tiktoken": {"reviewer.tokens"},
    "typer": {
        *(
            "reviewer.__main__",
            "reviewer.administering",
            "reviewer.operating",
            "reviewer.options",
            "reviewer.reviewing",
        ),
    },
    "unidiff": {"reviewer.standin"},
    "uvicorn": {"reviewer.server", "reviewer.standin"},
}

LONGEST_FILE, LONGEST_TEST, LONGEST_FUNCTION = 250, 400, 40  # lines

TOP_LEVEL = {
    *("pyproject.toml", "uv.lock", "app.yml", "Dockerfile", "compose.yaml", "README.md", "LICENSE", "CHANGELOG.md"),
    *("reviewer", "prompts", "fixtures", "tests"),
}


def room(name: str, depth: int) -> str:
    """The room that a module lies in: `reviewer.core.diff.parse` at depth 3 lies in `reviewer.core.diff`."""
    return ".".join(name.split(".")[:depth])


def strangers(module: Module, known: set[str]) -> list[str]:
    """What a module imports of ours outside the rooms that it may know."""
    return sorted(
        f"{module.name} imports {name}" for name in module.ours if not any(within(name, each) for each in known)
    )


def on_spine(module: Module) -> bool:
    return any(within(module.name, each) for each in SPINE)


def test_the_house_is_there() -> None:
    """The rules below look at real files: an empty list would satisfy all of them."""
    assert len(CORE) > 20
    assert {module.name for module in OURS if on_spine(module)} >= SPINE
    assert {room(module.name, 2) for module in OURS} >= EDGES | ENTRIES - {"reviewer.__main__"}


def test_core_is_a_star() -> None:
    """A core module imports of ours only types, errors and its own room."""
    known = {"reviewer.core.types", "reviewer.core.errors"}
    assert [said for module in CORE for said in strangers(module, known | {room(module.name, 3)})] == []


def test_core_uses_only_what_computes() -> None:
    """No clock, randomness, environment, network or file is in core's reach."""
    allowed = {name.split(".")[0] for name in PURE} | PURE_LIBRARIES
    assert {module.name: module.libraries - allowed for module in CORE if module.libraries - allowed} == {}
    assert {name for module in CORE for name in module.uses("sys")} <= {"maxsize"}
    assert {module.name: module.calls & IMPURE_CALLS for module in CORE if module.calls & IMPURE_CALLS} == {}
    urllib = {name for module in CORE for name in module.imports if within(name, "urllib")}
    assert urllib <= {"urllib.parse"}


def test_core_never_waits() -> None:
    """Core is called, it does not call back: nothing in it is asynchronous."""
    assert [module.name for module in CORE if module.asynchronous] == []


def test_the_spine_knows_core_and_the_ports() -> None:
    """The main line acts through the ports, so that it runs against anything that satisfies them."""
    known = {"reviewer.core", "reviewer.ports", *SPINE}
    spine = [module for module in OURS if on_spine(module)]
    assert [said for module in spine for said in strangers(module, known)] == []
    assert {name for module in spine for name in module.libraries} <= set(sys.stdlib_module_names)


def test_the_ports_know_only_core() -> None:
    """What a review needs is said in our own words, before anybody provides it."""
    ports = [module for module in OURS if within(module.name, "reviewer.ports")]
    assert len(ports) > 1
    assert [said for module in ports for said in strangers(module, {"reviewer.core", "reviewer.ports"})] == []


def test_an_edge_knows_no_other_edge() -> None:
    """An edge satisfies the ports; only the entries put edges together."""
    found = []
    for module in OURS:
        own = room(module.name, 2)
        if within(module.name, "reviewer.core") or own in SPINE | ENTRIES | {"reviewer"}:
            continue
        known = {"reviewer.core", "reviewer.ports", own} | NEIGHBOURS.get(own, set())
        found += strangers(module, known)
    assert found == []


def test_only_entries_import_entries() -> None:
    """`app` and the commands stand at the top: what everything is built from does not know who builds it."""
    outside = [module for module in OURS if room(module.name, 2) not in ENTRIES]
    assert [
        f"{module.name} imports {name}" for module in outside for name in module.ours if room(name, 2) in ENTRIES
    ] == []


def test_each_library_has_its_owner() -> None:
    """An outside library is imported in its owner's room only; a new one needs a line in OWNERS."""
    assert [
        f"{module.name} imports {library}"
        for module in OURS
        for library in sorted(module.libraries - set(sys.stdlib_module_names))
        if not any(within(module.name, owner) for owner in OWNERS.get(library, ()))
    ] == []


@pytest.mark.parametrize("module", [*OURS, *TESTS], ids=lambda module: module.name)
def test_a_file_says_what_it_is_for(module: Module) -> None:
    """Each file begins with a docstring whose first line is a sentence."""
    docstring = ast.get_docstring(module.tree)
    assert docstring, f"{module.path} needs a docstring of one sentence"
    assert module.tree.body[0].lineno == 1
    first = docstring.splitlines()[0]
    assert first.endswith("."), f"{module.path}: its first line should be a whole sentence: {first}"


def test_files_stay_small() -> None:
    """One file, one noun: what outgrows the limit holds two."""
    assert {module.name: module.lines for module in OURS if module.lines > LONGEST_FILE} == {}
    assert {module.name: module.lines for module in TESTS if module.lines > LONGEST_TEST} == {}


def test_functions_stay_small() -> None:
    """A function can be read at once."""
    found = {
        f"{module.name}.{name}": lines
        for module in OURS
        for name, lines in module.functions
        if lines > LONGEST_FUNCTION
    }
    assert found == {}


def test_the_top_level_stays_as_it_is() -> None:
    """Whoever opens the repository sees the listed names and dot files, nothing else."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: the top level cannot be told from what was built there")
    command = [git, "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    top = {file.strip('"').split("/")[0] for file in files}
    assert {name for name in top if not name.startswith(".")} - TOP_LEVEL == set()
