"""What git tells: about a repository on this machine, and about one on a server that the REST API cannot show whole."""

from reviewer.git.change import Change, Part, branch_of, change_of, name_of
from reviewer.git.confined import Bounds
from reviewer.git.fetched import Fetched, Remote, fetched_diff
from reviewer.git.local import diff_of, file_at, texts_at_end, tracked

__all__ = [
    "Bounds",
    "Change",
    "Fetched",
    "Part",
    "Remote",
    "branch_of",
    "change_of",
    "diff_of",
    "fetched_diff",
    "file_at",
    "name_of",
    "texts_at_end",
    "tracked",
]
