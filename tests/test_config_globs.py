"""Which instructions apply to a path, and what a glob fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.core.config import (
    Config,
    instructions_for,
    parse_config,
)
from reviewer.core.config.globs import matches

FIXTURES = Path(__file__).parent.parent / "fixtures" / "config"
NAME = ".github/reviewer.yml"


def test_instructions_for_a_path() -> None:
    """The repository's own first, then each glob that fits, in the order of the file; empty ones are left out."""
    config = parse_config((FIXTURES / "good.yml").read_text(), name=NAME)[0]
    money, write, old = (
        "Money is in cents.",
        "Every write is in a transaction.",
        "Old versions of the server run beside new ones.",
    )
    assert instructions_for(config, "src/db/up.sql") == (money, write, old)
    assert instructions_for(config, "src/db/deep/er.py") == (money, write)
    assert instructions_for(config, "README.md") == (money,)
    assert instructions_for(Config(), "README.md") == ()


@pytest.mark.parametrize(
    ("glob", "fits", "misses"),
    [
        ("*.py", ["a.py", "b/c/a.py"], ["a.pyi"]),
        ("src/db/**", ["src/db/a", "src/db/b/c"], ["src/dba", "x/src/db/a"]),
        ("**/*.lock", ["uv.lock", "a/b.lock"], ["lock"]),
        ("docs/", ["docs/a.md", "x/docs/b"], ["docs"]),
        ("/top.txt", ["top.txt"], ["a/top.txt"]),
        ("a/**/b", ["a/b", "a/x/y/b"], ["ab", "a/bb"]),
        ("*.{ts,tsx}", ["a.ts", "b/a.tsx"], ["a.t", "a.{ts,tsx}"]),
        ("{src,lib}/*.[ch]", ["src/a.c", "lib/b.h"], ["src/a.o", "x/lib/b.h"]),
        ("{{cookiecutter.name}}/a", ["{{cookiecutter.name}}/a"], ["cookiecutter.name/a"]),
        ("*", ["a", "a/b"], ["a" * 1_025]),
    ],
)
def test_globs(glob: str, fits: list[str], misses: list[str]) -> None:
    """As in .gitignore, with braces beside."""
    assert [path for path in fits + misses if matches(path, glob)] == fits
