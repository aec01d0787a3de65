"""The operator's own prices, which go before those that travel with the program."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from reviewer import resources
from reviewer.core.budget import Prices
from reviewer.core.errors import UsageError

VARIABLE = "REVIEWER_PRICES"
PARTS = ("input", "cached", "output")
HIGHEST = 1_000_000  # dollars per million tokens: more is a slip of the keyboard
EXAMPLE = '"my-model" = { input = "1.25", cached = "0.125", output = "10" }'


def prices(path: Path | None = None) -> Prices:
    """Dollars per million tokens by model; what the file says of a model goes before the packaged price.

    Raises UsageError that names the file, and the line or the model in it that is wrong.
    """
    packaged = resources.prices()
    if path is None:
        return packaged
    return {**packaged, **{name: _price(path, name, row) for name, row in _models(path).items()}}


def _models(path: Path) -> Mapping[str, Any]:
    try:
        table = tomllib.loads(path.expanduser().read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:  # its text ends with "(at line 3, column 5)"
        raise _wrong(path, f"is not TOML: {error}") from None
    except UnicodeDecodeError:
        raise _wrong(path, "is no text in UTF-8") from None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: no home for ~; ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise _wrong(path, f"cannot be read: {reason}") from None
    models = table.get("models")
    if not isinstance(models, dict) or not models:
        raise _wrong(path, f"has no prices: write a line [models], and below it lines like {EXAMPLE}")
    if strange := sorted(set(table) - {"date", "models"}):
        raise _wrong(path, f"has {strange[0]!r} outside of [models]: put the models below that line")
    return models


def _price(path: Path, model: str, row: Any) -> tuple[Decimal, Decimal, Decimal]:  # noqa: ANN401 - whatever TOML holds
    """What is read from the provider's cache costs as much as what is not, where the file does not say."""
    if not isinstance(row, dict):
        quotes = " (a name with a point in it needs quotes)" if "." not in model else ""
        raise _wrong(path, f"does not say the prices of {model!r} in full{quotes}: write a line like {EXAMPLE}")
    for strange in sorted(set(row) - set(PARTS)):
        near = get_close_matches(strange, PARTS, n=1)
        cure = f"did you mean {near[0]}?" if near else "a model has input, cached and output"
        hint = " (a name with a point in it needs quotes)" if isinstance(row[strange], dict) else ""
        raise _wrong(path, f"says {strange!r} of {model!r}: {cure}{hint}")
    for part in ("input", "output"):
        if part not in row:
            raise _wrong(path, f"does not say what {part} costs of {model!r}: write a line like {EXAMPLE}")
    return tuple(_dollars(path, model, part, row.get(part, row["input"])) for part in PARTS)  # type: ignore[return-value]


def _dollars(path: Path, model: str, part: str, value: object) -> Decimal:
    try:
        dollars = Decimal(value.strip() if isinstance(value, str) else _number(value))
    except (ArithmeticError, TypeError):
        dollars = Decimal("NaN")
    if not dollars.is_finite() or not 0 <= dollars <= HIGHEST:
        raise _wrong(path, f"has a price of {model!r} that is none: {part} must be dollars per million tokens, as 1.25")
    return dollars


def _number(value: object) -> Decimal | int:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError
    return value


def _wrong(path: Path, what: str) -> UsageError:
    return UsageError(f"{VARIABLE} names {str(path)!r}, which {what}{'' if what.endswith('?') else '.'}")
