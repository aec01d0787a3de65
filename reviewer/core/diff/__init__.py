"""Reads diffs, git's above all and GitHub's file list, into values; what cannot be read says so and never raises."""

from reviewer.core.diff.entries import PatchEntry, diff_from_files
from reviewer.core.diff.parse import MOST_LINES, TOO_MANY, decode, parse_diff
from reviewer.core.diff.reader import DiffReader

__all__ = ["MOST_LINES", "TOO_MANY", "DiffReader", "PatchEntry", "decode", "diff_from_files", "parse_diff"]
