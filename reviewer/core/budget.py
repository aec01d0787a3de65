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


def cost(usage: Usage, *, model: str, prices: Prices, flex: bool = False) -> Decimal | None:
    """Dollars, or None for a model without a price; `flex` costs half.

    A dated name ("gpt-6-luna-2026-09-01", "gpt-6-luna-20260901") has its family's price, "openai/NAME" that of NAME.
    """
    plain = model.removeprefix(_OPENAI)
    names = (model, plain, _DATE.sub("", model), _DATE.sub("", plain))
    family = next((name for name in names if name in prices), None)
    if family is None:
        return None
    fresh, kept, output = prices[family]
    cached = min(usage.cached, usage.input)
    dollars = (fresh * (usage.input - cached) + kept * cached + output * usage.output) / _MILLION
    return dollars / 2 if flex else dollars


def bill(spent: Spent, *, prices: Prices) -> Decimal | None:
    """Dollars for all models together, or None when one of them has no price."""
    costs = [cost(usage, model=model, prices=prices) for model, usage in spent.by_model.items()]
    known = [each for each in costs if each is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
