"""What the local commands work with: the packaged prompts, prices and rules, and the limits of the settings."""

from __future__ import annotations

from functools import lru_cache

from reviewer import resources
from reviewer.forms import forms
from reviewer.local import Kit
from reviewer.outlines import outlines
from reviewer.ports import Spending
from reviewer.prices import prices
from reviewer.secrets import RuleSet
from reviewer.settings import Settings
from reviewer.sources import SOURCES
from reviewer.tokens import O200k


def kit_of(settings: Settings) -> Kit:
    """With nothing kept: that is for whoever asks a model."""
    return Kit(
        prompts=resources.prompt_files(settings.prompts_path),
        examples=resources.prompt_examples(),
        tokens=lru_cache(O200k),
        secrets=RuleSet(),
        outlines=outlines,
        forms=forms,
        sources=SOURCES,
        prices=prices(settings.prices_path),
        limits=settings.limits,
        spending=Spending(settings.budgets),
    )
