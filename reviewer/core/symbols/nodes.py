"""Reads one node of a syntax tree as a symbol: its name and its head."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ast_grep_py import SgNode

LOOKED_AT = 200  # characters of a head in which a name is looked for

# A value that makes the node that holds it a function: the node's kind and the fields of its name and its value.
_HOLDERS = {
    "variable_declarator": ("name", "value"),
    "pair": ("key", "value"),
    "field_definition": ("property", "value"),
    "public_field_definition": ("name", "value"),
    "assignment_expression": ("left", "right"),
}
_FUNCTIONS = {"arrow_function", "function_expression", "function", "generator_function"}

_WITH_BODY = {"struct_specifier", "enum_specifier", "union_specifier", "class_specifier"}  # without one: a mention
_BODIES = {"class_body", "enum_class_body", "function_body", "do_block", "body", "block"}
_BY_CHILD = {"simple_identifier", "type_identifier"}  # Kotlin's grammar names no fields
_ELIXIR = {
    *("def", "defp", "defmodule", "defmacro", "defmacrop", "defprotocol", "defimpl", "defguard", "defdelegate"),
}
_DEEPEST_DECLARATOR = 20  # `int (*(*f)(void))(int)`

_LAST_NAME = re.compile(r"([^\W\d][\w$]*[?!]?)\W*\Z")
_QUOTED = re.compile(r"(?:\A|\[)[\"'`]")  # `{"f": …}`, `o["f"] = …`
_STRING = re.compile(r"(?:\A|\[)([\"'`])([^\W\d][\w$]{0,1999})\1\]?\Z")
_CALLABLE = re.compile(r"([^\W\d]\w*)\s*\(")
_DOTTED = re.compile(r"(?:\w+\.)*(\w+[?!]?)")
_WORD = re.compile(r"[^\W\d]\w*")
_TRAILING = re.compile(r",? \)")  # what is left of a head over several lines
_OPENING = re.compile(r"\s(?:=>|do|where|= do|: begin)\Z")  # what only opens the body
_NOTES = re.compile(r"\s*(?:@|#\[|\[|//|/\*|\*)")  # a line of annotations or comment before the head's own


def named(node: SgNode, kind: str) -> tuple[str, SgNode] | None:
    """A symbol's name and the node that tells its line; None when the node is no symbol."""
    if kind in _HOLDERS:
        name, value = (node.field(field) for field in _HOLDERS[kind])
        return _with(name) if name is not None and value is not None and value.kind() in _FUNCTIONS else None
    if kind in _WITH_BODY and node.field("body") is None:
        return None
    if kind == "call":
        return _elixir(node)
    name = node.field("type" if kind == "impl_item" else "name") or _declared(node)
    name = name or next((child for child in node.children() if child.kind() in _BY_CHILD), None)
    if name is not None:
        return _with(name)
    return None if kind in {"function", "bind", "module", *_WITH_BODY} else _by_look(node, kind)


def _by_look(node: SgNode, kind: str) -> tuple[str, SgNode] | None:
    """Where the grammar names nothing: what stands before a parenthesis, or the first word (`companion object`)."""
    head = node.text()[:LOOKED_AT].split("{", 1)[0]
    match = _CALLABLE.search(head) or (None if kind == "method_declaration" else _WORD.search(head))
    return (match[match.re.groups], node) if match else None


def _with(name: SgNode) -> tuple[str, SgNode] | None:
    """The last word of a name: `run` of `App::run`, `M.run` and `run<T>`.

    A string is a name as a whole or not at all: a part may be one of a secret, which nobody would know for it.
    """
    text = name.text()
    if _QUOTED.search(text):
        string = _STRING.search(text)
        return (string[2], name) if string else None
    text = text[:LOOKED_AT]
    match = _LAST_NAME.search(text.split("<", 1)[0].split("(", 1)[0]) or _LAST_NAME.search(text)
    return (match[1], name) if match else None


def _declared(node: SgNode) -> SgNode | None:
    """What a C declarator declares, through pointers, references and parameter lists."""
    found = node.field("declarator")
    for _ in range(_DEEPEST_DECLARATOR):
        inner = found.field("declarator") if found is not None else None
        if inner is None:
            break
        found = inner
    return found


def _elixir(node: SgNode) -> tuple[str, SgNode] | None:
    target = node.field("target")
    if target is None or target.text() not in _ELIXIR:
        return None
    arguments = next((child for child in node.children() if child.kind() == "arguments"), None)
    match = _DOTTED.match(arguments.text()) if arguments is not None else None
    return (match[1], node) if match else None


def head_end(node: SgNode, kind: str) -> int | None:
    """Where the body begins, in characters of the file; None when it has none or none was found."""
    holder = node.field(_HOLDERS[kind][1]) if kind in _HOLDERS else node
    if holder is None:
        return None
    body = holder.field("body") or next((child for child in holder.children() if child.kind() in _BODIES), None)
    return body.range().start.index if body is not None else None


def signature(head: str, *, comments: Sequence[tuple[int, int]], one_line: bool) -> str:
    """A head in one line: comments (places in it) and the annotations above it left out, blanks folded.

    It is whole, so that who looks for secrets in it sees no part of one; who shows it cuts it.
    """
    for start, end in reversed(comments):
        head = head[:start] + " " + head[end:]
    lines = head.strip().split("\n")
    while len(lines) > 1 and _NOTES.match(lines[0]):
        del lines[0]
    if one_line:
        lines = lines[: _balanced(lines)]
        lines[-1] = lines[-1].split("{", 1)[0]
    folded = _TRAILING.sub(")", " ".join(" ".join(lines).split())).replace("( ", "(")
    return _OPENING.sub("", folded).rstrip(" {:=;")


def _balanced(lines: Sequence[str]) -> int:
    """How many lines it takes until all parentheses that were opened are closed."""
    open_ = 0
    for at, line in enumerate(lines, start=1):
        open_ += line.count("(") - line.count(")")
        if open_ <= 0:
            return at
    return len(lines)
