"""Finds text that is meant for the reviewer and not for people: orders to it, and characters that nobody sees."""

from reviewer.core.hostile.folding import folded
from reviewer.core.hostile.hidden import hidden
from reviewer.core.hostile.orders import orders

__all__ = ["folded", "hidden", "orders"]
