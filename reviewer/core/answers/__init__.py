"""Keeps what the model said about a chunk, so that it is said of the same code again wherever and however that stands.

`keep` and `recall` are for the same chunk at another place, `keep_form` and `recall_form` for one of the same form: the
same code to a compiler, formatted otherwise. Nothing here asks whether a kept answer still holds: the key says that.
"""

from reviewer.core.answers.formed import keep_form, recall_form
from reviewer.core.answers.kept import keep, recall, share

__all__ = ["keep", "keep_form", "recall", "recall_form", "share"]
