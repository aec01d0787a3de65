"""Cuts a diff into chunks, the unit of cache, and packs them into batches, the unit of spending.

A chunk is one hunk, or a piece of a hunk too large for the budget, so that a change in one hunk leaves every other key
alone. Its text says all by itself, for 5 tokens a hunk more than a header for each file:

    @@ src/app.py @@ App › def run(self) -> Row
    34     def at(self):
    35-        return self.load … [83 removed lines]
    35+        return load(self.key)
      ↳ src/db.py: def load(key: str) -> Row

The first line is the path, what happened to the file where it was not just modified, and the symbols that enclose the
first change, less those whose line is shown (git's section where the file has no outline). A row begins with its number
(in the old file for a removed line) and its sign, so no content can pass for a header or a signature. The last lines,
if any, are signatures of what the rows call, defined in changed files. A text ends with a line feed and begins with
"@@", where no token crosses: texts joined with "" cost the sum.

Cuts and keys are by the diff alone: what could be read of its files at head varies with the network and with how busy
the machine is, and a key that knew of it would be paid for again. So a key has git's section for its head, the rows,
and the heads of the definitions that the rows call where the diff's own lines change those; cuts are by the look of
the rows. Outlines decide only what is shown.
"""

from reviewer.core.chunks.pack import budget_for, pack
from reviewer.core.chunks.split import split

__all__ = ["budget_for", "pack", "split"]
