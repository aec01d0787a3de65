"""The operator's own prices, which go before those that travel with the program."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from reviewer import resources
from reviewer.core.budget import Prices, row_of
from reviewer.core.errors import UsageError

VARIABLE = "REVIEWER_PRICES"
PARTS = ("input", "cached", "output")
OLD = 90  # days after which prices may well be others
HIGHEST = 1_000_000  # dollars per million tokens: more is a slip of the keyboard
EXAMPLE = '"my-model" = { input = "1.25", cached = "0.125", output = "10" }'


@dataclass(frozen=True, slots=True)
class PriceList:
    """Dollars per million tokens by model, and of which day they are: the packaged ones, and the operator's `own`."""

    prices: Prices
    packaged: date
    own: frozenset[str] = frozenset()  # models of the operator's file
    own_day: date | None = None  # of that file; None: it does not say

    def oldest(self, models: Iterable[str]) -> date | None:
        """Of which day the oldest price of one of these models is; None where no day is known."""
        rows = (row_of(model, self.prices) for model in models)
        days = {self.own_day if row in self.own else self.packaged for row in rows if row is not None}
        return min((day for day in days if day is not None), default=None)


def price_list(path: Path | None = None) -> PriceList:
    """What the file says of a model goes before the packaged price.

    Raises UsageError that names the file, and the line or the model in it that is wrong.
    """
    packaged, day = resources.price_table()
    if path is None:
        return PriceList(packaged, day)
    models, own_day = _read(path)
    own = {name: _price(path, name, row) for name, row in models.items()}
    return PriceList({**packaged, **own}, day, frozenset(own), own_day)


def prices(path: Path | None = None) -> Prices:
    """Dollars per million tokens by model, as in `price_list`."""
    return price_list(path).prices


def _read(path: Path) -> tuple[Mapping[str, Any], date | None]:
    """The rows by model, and the day that they are of."""
    try:
        table = tomllib.loads(path.expanduser().read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:  # its text ends with "(at line 3, column 5)"
        raise _wrong(path, f"is not TOML: {error}") from None
    except UnicodeDecodeError:
        raise _wrong(path, "is no text in UTF-8") from None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: no home for ~; ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise _wrong(path, f"cannot be read ({reason}): name a file that this user can read") from None
    models = table.get("models")
    if not isinstance(models, dict) or not models:
        raise _wrong(path, f"has no prices: write a line [models], and below it lines like {EXAMPLE}")
    if strange := sorted(set(table) - {"date", "models"}):
        raise _wrong(path, f"has {strange[0]!r} outside of [models]: put the models below that line")
    return models, _day(path, table.get("date"))


def _day(path: Path, value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value.strip() if isinstance(value, str) else "")
    except ValueError:
        raise _wrong(path, 'has a date that is none: write it as date = "2026-11-01", or leave it out') from None


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
