"""Names the languages that have a grammar here, by file name, and the kinds of nodes that are symbols in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_C = ("function_definition", "struct_specifier", "enum_specifier", "union_specifier")
_SCRIPT = (
    *("function_declaration", "generator_function_declaration", "class_declaration", "method_definition"),
    *("variable_declarator", "pair", "assignment_expression"),
)
_TYPED = (
    *(*_SCRIPT, "public_field_definition", "abstract_class_declaration", "interface_declaration", "enum_declaration"),
    *("internal_module", "module", "method_signature", "abstract_method_signature", "function_signature"),
    "type_alias_declaration",
)
_SHARP = (
    *("class_declaration", "struct_declaration", "interface_declaration", "enum_declaration", "record_declaration"),
    *("method_declaration", "constructor_declaration", "local_function_statement", "namespace_declaration"),
)
_JAVA = (
    *("class_declaration", "interface_declaration", "enum_declaration", "record_declaration"),
    *("annotation_type_declaration", "method_declaration", "constructor_declaration"),
)
_SLASHES = ("comment",)
_LINE_BLOCK = ("line_comment", "block_comment")


@dataclass(frozen=True, slots=True)
class Language:
    """`grammar` is its name in ast-grep, `symbols` the kinds of nodes that are symbols there.

    `attached` are the kinds of what belongs to the symbol below it. With `one_line` a head ends with its line, since
    no bracket or body tells where it does.
    """

    grammar: str
    symbols: frozenset[str]
    attached: frozenset[str]
    one_line: bool = False


def _language(
    grammar: str, symbols: tuple[str, ...], attached: tuple[str, ...] = _SLASHES, *, one_line: bool = False
) -> Language:
    return Language(grammar, frozenset(symbols), frozenset(attached), one_line)


_LANGUAGES: Mapping[str, Language] = {
    ".py .pyi": _language("python", ("function_definition", "class_definition"), ("comment", "decorator")),
    ".js .mjs .cjs .jsx": _language("javascript", (*_SCRIPT, "field_definition"), ("comment", "decorator")),
    ".ts .mts .cts": _language("typescript", _TYPED, ("comment", "decorator")),
    ".tsx": _language("tsx", _TYPED, ("comment", "decorator")),
    ".go": _language("go", ("function_declaration", "method_declaration", "type_spec")),
    ".rs": _language(
        "rust",
        (
            *("function_item", "function_signature_item", "impl_item", "trait_item", "struct_item", "enum_item"),
            *("union_item", "mod_item", "macro_definition"),
        ),
        (*_LINE_BLOCK, "attribute_item"),
    ),
    ".java": _language("java", _JAVA, _LINE_BLOCK),
    ".kt .kts": _language(
        "kotlin",
        (
            *("class_declaration", "object_declaration", "companion_object", "function_declaration"),
            "secondary_constructor",
        ),
        ("line_comment", "multiline_comment"),
    ),
    ".c": _language("c", _C),
    ".h .cc .cpp .cxx .hpp .hh .hxx .cu": _language("cpp", (*_C, "class_specifier", "namespace_definition")),
    ".cs": _language("csharp", _SHARP),
    ".rb .rake .gemspec rakefile gemfile": _language(
        "ruby", ("method", "singleton_method", "class", "module"), one_line=True
    ),
    ".php": _language(
        "php",
        (
            *("function_definition", "method_declaration", "class_declaration", "interface_declaration"),
            *("trait_declaration", "enum_declaration"),
        ),
    ),
    ".swift": _language(
        "swift",
        (
            *("class_declaration", "protocol_declaration", "function_declaration", "init_declaration"),
            *("deinit_declaration", "protocol_function_declaration"),
        ),
        ("comment", "multiline_comment"),
    ),
    ".scala .sc": _language(
        "scala",
        (
            *("class_definition", "object_definition", "trait_definition", "enum_definition", "function_definition"),
            "function_declaration",
        ),
        ("comment", "block_comment"),
    ),
    ".sh .bash": _language("bash", ("function_definition",)),
    ".lua": _language("lua", ("function_declaration",), one_line=True),
    ".ex .exs": _language("elixir", ("call",), ("comment",), one_line=True),
    ".hs": _language(
        "haskell",
        ("signature", "function", "bind", "data_type", "newtype", "class", "instance"),
        ("comment", "haddock"),
        one_line=True,
    ),
    ".dart": _language(
        "dart",
        ("class_declaration", "mixin_declaration", "enum_declaration", "function_declaration", "method_declaration"),
    ),
    ".sol": _language(
        "solidity",
        (
            *("contract_declaration", "interface_declaration", "library_declaration", "struct_declaration"),
            *("modifier_definition", "constructor_definition", "function_definition"),
        ),
    ),
    ".zig": _language("zig", ("function_declaration",)),
    ".tf .hcl": _language("hcl", ("block",)),
}
_BY_NAME = {name: language for names, language in _LANGUAGES.items() for name in names.split()}


def language_of(path: str) -> Language | None:
    """The language of a file by its name, None when no grammar here reads it or it is data, prose or markup."""
    name = path.rsplit("/", 1)[-1].lower()
    if name in _BY_NAME and not name.startswith("."):
        return _BY_NAME[name]
    dot = name.rfind(".")
    return _BY_NAME.get(name[dot:]) if dot > 0 else None
