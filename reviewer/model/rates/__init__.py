"""Keeps to the requests and tokens a minute of each key and model, as the server's own headers teach them."""

from __future__ import annotations

from reviewer.model.rates.gate import Full, Gate, Rates
from reviewer.model.rates.headers import Told, reset_after, told
from reviewer.model.rates.lanes import Ticket
from reviewer.ports.rates import KeyRates, ModelRates

__all__ = ["Full", "Gate", "KeyRates", "ModelRates", "Rates", "Ticket", "Told", "reset_after", "told"]
