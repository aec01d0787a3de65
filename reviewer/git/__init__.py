"""What git tells: about a repository on this machine, and about one on a server that the REST API cannot show whole."""

from reviewer.git.confined import Bounds
from reviewer.git.fetched import Fetched, Remote, fetched_diff
from reviewer.git.local import base_of, file_at, local_diff, texts_at_head, tracked

__all__ = [
    "Bounds",
    "Fetched",
    "Remote",
    "base_of",
    "fetched_diff",
    "file_at",
    "local_diff",
    "texts_at_head",
    "tracked",
]
