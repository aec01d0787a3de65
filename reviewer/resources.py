"""Finds the files that travel with the program: in the wheel under `_bundled`, in a checkout at the top level."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from reviewer.core.errors import UsageError
from reviewer.core.prompts import Example, PromptFile, Split, check_split, check_variant, parse_examples, parse_prompt

_PACKAGE = Path(__file__).parent
_BUNDLED = _PACKAGE / "_bundled"
ROOT = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent

NO_SPLIT = Split()
_VARIABLE = "REVIEWER_PROMPTS"

# sha256 of the unzipped ranks, as published with tiktoken's own registry.
_RANKS_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"


def prompts() -> dict[str, str]:
    """All prompt files by name; `review.NAME` is a variant of `review`."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "prompts").glob("*.md"))}


def prompt_files(folder: Path | None = None, split: Split = NO_SPLIT) -> dict[str, PromptFile]:
    """The same, parsed, and with them the variants in a folder of the operator's.

    Raises UsageError for a variant that cannot be used, and for one in `split` that is not there.
    """
    files = {name: parse_prompt(text) for name, text in prompts().items()}
    for name, packaged in files.items():
        if "." in name:
            check_variant(packaged, name, files["review"])
    for path in _variants_in(folder) if folder else []:
        if path.stem in files:
            raise UsageError(f"{_VARIABLE}: {path.name} has the name of one in the package: call it otherwise.")
        try:
            file = parse_prompt(path.read_text(encoding="utf-8"))
            check_variant(file, path.stem, files["review"])
        except UsageError as error:
            raise UsageError(f"{_VARIABLE}: {path.name} cannot be used: {error}") from None
        except (OSError, ValueError):
            raise UsageError(f"{_VARIABLE}: {path.name} cannot be read: make it a text file in UTF-8.") from None
        files[path.stem] = file
    try:
        check_split(split, files)
    except UsageError as error:
        raise UsageError(f"REVIEWER_PROMPT_VARIANTS does not work: {error}") from None
    return files


def _variants_in(folder: Path) -> list[Path]:
    """All that end in .md: one that is misnamed is told, for it would never be used."""
    try:
        found = sorted(path for path in folder.expanduser().iterdir() if path.suffix == ".md")
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: no home for ~; ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise UsageError(f"{_VARIABLE} names {str(folder)!r}, which is no folder that can be read: {reason}.") from None
    if not found:
        raise UsageError(f"{_VARIABLE} names {str(folder)!r}, which holds no variant: put a file review.NAME.md there.")
    return found


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


def price_table() -> tuple[dict[str, tuple[Decimal, Decimal, Decimal]], date]:
    """Dollars per million tokens by model, (input, cached input, output); and of which day these prices are."""
    table = tomllib.loads((_PACKAGE / "data" / "prices.toml").read_text(encoding="utf-8"))
    rows = {
        name: (Decimal(row["input"]), Decimal(row["cached"]), Decimal(row["output"]))
        for name, row in table["models"].items()
    }
    return rows, date.fromisoformat(table["date"])


def prices() -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Dollars per million tokens by model: (input, cached input, output)."""
    return price_table()[0]


def app_manifest() -> str:
    """`app.yml`, the one place that says which permissions and events the GitHub App has."""
    return (ROOT / "app.yml").read_text(encoding="utf-8")
