"""Tells whether two chunks differ in anything but formatting, comments and position.

A compiler's parser sees nothing of a file but its tokens, so chunks whose tokens are the same mean the same. What ends
a line or indents it is a token where the language makes it one. A piece of a file seldom parses on its own, but its
tokens can be told apart without a grammar; where they cannot (a quote that is not closed, a heredoc, markup in code,
rows that may be the inside of a string, a language that is not known here) the rows themselves are the form, to the
letter. It takes strangers' text: time is linear in its length, and nothing raises.
"""

from reviewer.core.structure.form import form

__all__ = ["form"]
