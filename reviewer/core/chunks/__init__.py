"""Cuts a diff into chunks, the unit of cache, and packs them into batches, the unit of spending.

A chunk is one hunk, or a piece of a hunk too large for the budget, so that a change in one hunk leaves every other key
alone. Its text says all by itself, for 5 tokens a hunk more than a header for each file:

    @@ src/app.py @@ class App:
    34     def run(self):
    35-        return self.load
    35+        return self.load()

The first line is the path, what happened to the file where it was not just modified, and git's section. Every other
line begins with its number (in the old file for a removed line) and its sign, so no content can pass for a header.
A text ends with a line feed and begins with "@@", where no token crosses: texts joined with "" cost the sum.
"""

from reviewer.core.chunks.pack import pack
from reviewer.core.chunks.split import split

__all__ = ["pack", "split"]
