"""Finds the files that travel with the program: in the wheel under `_bundled`, in a checkout at the top level."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from reviewer.core.errors import UsageError
from reviewer.core.prompts import Example, PromptFile, parse_examples, parse_prompt

_PACKAGE = Path(__file__).parent
_BUNDLED = _PACKAGE / "_bundled"
ROOT = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent

# sha256 of the unzipped ranks, as published with tiktoken's own registry.
_RANKS_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"


def prompts() -> dict[str, str]:
    """All prompt files by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "prompts").glob("*.md"))}


def prompt_files() -> dict[str, PromptFile]:
    """The same, parsed."""
    return {name: parse_prompt(text) for name, text in prompts().items()}


def prompt_examples() -> tuple[Example, ...]:
    """The whole library of examples, in the order of its files' names. Raises UsageError that names the bad file."""
    return tuple(
        example for path in sorted((ROOT / "prompts" / "examples").glob("*.md")) for example in _examples(path)
    )


def _examples(path: Path) -> tuple[Example, ...]:
    try:
        return parse_examples(path.read_text(encoding="utf-8"))
    except UsageError as error:
        raise UsageError(f"{path.name}: {error}") from None


def token_ranks() -> bytes:
    """The o200k_base ranks, unzipped; raises ValueError if the file is damaged."""
    ranks = gzip.decompress((_PACKAGE / "data" / "o200k_base.tiktoken.gz").read_bytes())
    if hashlib.sha256(ranks).hexdigest() != _RANKS_SHA256:
        message = "the packaged token ranks are damaged: install reviewer again"
        raise ValueError(message)
    return ranks


def scenes() -> list[dict[str, Any]]:
    """Findings in several wordings, from which the bars of an embedding model are found."""
    files = sorted((ROOT / "fixtures" / "dedupe").glob("*.json"))
    return [scene for file in files for scene in json.loads(file.read_text(encoding="utf-8"))]


def demo_folder() -> Path:
    return ROOT / "fixtures" / "demo"


def prices() -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Dollars per million tokens by model: (input, cached input, output)."""
    table = tomllib.loads((_PACKAGE / "data" / "prices.toml").read_text(encoding="utf-8"))
    return {
        name: (Decimal(row["input"]), Decimal(row["cached"]), Decimal(row["output"]))
        for name, row in table["models"].items()
    }
