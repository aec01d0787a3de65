"""Accounts for every hunk: which files nobody reviews and why, and in the end what became of each hunk."""

from reviewer.core.coverage.account import NOT_REACHED, hunk_ids, not_shown, settle
from reviewer.core.coverage.attributes import Attributes
from reviewer.core.coverage.sorting import BY_CONFIGURATION, sort_out

__all__ = ["BY_CONFIGURATION", "NOT_REACHED", "Attributes", "hunk_ids", "not_shown", "settle", "sort_out"]
