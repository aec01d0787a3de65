"""Money as decimals: what calls cost by a table of prices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from reviewer.core.types import Spent, Usage

Prices = Mapping[str, tuple[Decimal, Decimal, Decimal]]  # dollars per million tokens: input, cached input, output
_MILLION = Decimal(1_000_000)
_DATE = re.compile(r"-20\d\d(-?)(0[1-9]|1[0-2])\1([0-2]\d|3[01])$")  # whether with hyphens or without
_OPENAI = "openai/"  # as routers name its models


def cost(usage: Usage, *, model: str, prices: Prices) -> Decimal | None:
    """Dollars at the full price, or None for a model without one.

    A dated name ("gpt-6-luna-2026-09-01", "gpt-6-luna-20260901") has its family's price, "openai/NAME" that of NAME.
    """
    family = row_of(model, prices)
    if family is None:
        return None
    fresh, kept, output = prices[family]
    cached = min(usage.cached, usage.input)
    return (fresh * (usage.input - cached) + kept * cached + output * usage.output) / _MILLION


def row_of(model: str, prices: Prices) -> str | None:
    """Under which name the table has the model's price; None where it has none."""
    plain = model.removeprefix(_OPENAI)
    names = (model, plain, _DATE.sub("", model), _DATE.sub("", plain))
    return next((name for name in names if name in prices), None)


def bill(spent: Spent, *, prices: Prices) -> Decimal | None:
    """Dollars for all models together, or None when one of them has no price."""
    costs = [cost(usage, model=model, prices=prices) for model, usage in spent.by_model.items()]
    saved = [cost(usage, model=model, prices=prices) or Decimal(0) for model, usage in spent.flex.items()]
    known = [each for each in costs if each is not None]
    return sum(known, Decimal(0)) - sum(saved, Decimal(0)) / 2 if len(known) == len(costs) else None
