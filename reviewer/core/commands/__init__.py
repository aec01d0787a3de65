"""Commands in comments: which lines are somebody's own words, what they ask for, and what there is to ask."""

from reviewer.core.commands.parse import Asked, Command, keys, parse
from reviewer.core.commands.prose import own_lines
from reviewer.core.commands.usage import USAGE, Needs, Usage, nearest, problem

__all__ = ["USAGE", "Asked", "Command", "Needs", "Usage", "keys", "nearest", "own_lines", "parse", "problem"]
