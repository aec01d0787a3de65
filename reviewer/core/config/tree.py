"""Reads YAML 1.2 into plain values that remember their lines; no tags, no objects, no explosion of aliases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from reviewer.core.config.scanner import DEEPEST, MOST_VALUES, CappedScanner, UnreadableError

MOST_CHARACTERS = 65_536
_LOST = "\ufffd"  # what stands for bytes that were no UTF-8
_BASES = {"0x": 16, "0o": 8, "0b": 2}
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {"str", "bool", "int", "float", "null", "timestamp", "merge", "value", "map", "seq"}

Value: TypeAlias = "str | bool | int | float | list[Value] | dict[str, Value] | None"
Location: TypeAlias = tuple[str | int, ...]  # ("review", "ignore", 0)


@dataclass
class Tree:
    """A file's values, the line (from 1) of each key and list entry, and what is odd without being wrong YAML."""

    root: Value = None
    lines: dict[Location, int] = field(default_factory=dict)
    oddities: list[tuple[Location, int, str]] = field(default_factory=list)
    values: int = 0


def read_tree(text: str) -> Tree:
    """The values of a YAML text; an empty one has the root None. Raises UnreadableError."""
    if len(text) > MOST_CHARACTERS:
        raise UnreadableError(1, f"the file has {len(text):,} characters, at most {MOST_CHARACTERS:,} are read")
    if (lost := text.find(_LOST)) >= 0:  # guessing which letters stood there would be a configuration that nobody wrote
        raise UnreadableError(text.count("\n", 0, lost) + 1, "this is not UTF-8 text: save the file as UTF-8")
    tree = Tree()
    node = _compose(text)
    if node is not None:
        tree.root = _plain(node, (), tree)
    return tree


def _compose(text: str) -> Node | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = CappedScanner
    yaml.composer.warn_double_anchors = False  # allowed by YAML 1.2, and a warning would go to the server's log
    try:
        composed: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        raise UnreadableError(*_explained(error)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableError(line, f"character U+{ord(text[error.position]):04X} is not allowed in YAML") from None
    except RecursionError:
        raise UnreadableError(1, "the file is nested too deeply") from None
    except (YAMLError, ValueError, OverflowError) as error:
        # the last two: the scanner converts escapes and versions itself, `"\\UFFFFFFFF"` for one
        raise UnreadableError(1, f"this is not YAML: {' '.join(str(error).split())[:200]}") from None
    return composed


def _explained(error: MarkedYAMLError) -> tuple[int, str]:
    mark = error.problem_mark or error.context_mark
    line = 1 if mark is None else mark.line + 1
    what = " ".join(str(error.problem or error.context).split())
    if "'\\t'" in what:
        return line, "YAML does not allow a tab here: indent with spaces"
    if "another document" in what:
        return line, "a second document begins here: keep one, without `---` between"
    if "undefined alias" in what:
        return line, f"{what}: there is no anchor of this name above; put a value that begins with `*` in quotes"
    if "mapping values are not allowed" in what:
        return line, "a second `:` in one line, or a wrong indentation: put text with a colon in quotes"
    return line, f"this is not YAML: {what}"


def _plain(node: Node, location: Location, tree: Tree) -> Value:
    line = node.start_mark.line + 1
    tree.values += 1
    if tree.values > MOST_VALUES:  # ten lines of aliases can ask for billions
        raise UnreadableError(line, f"the file holds more than {MOST_VALUES:,} values once its aliases are written out")
    if len(location) > DEEPEST:
        raise UnreadableError(line, "the file is nested too deeply, or an alias contains itself")
    if str(node.tag).removeprefix(_TAG) not in _PLAIN_TAGS:
        tree.oddities.append((location, line, "tags are not read: leave out the word that begins with `!`"))
        return None
    if isinstance(node, MappingNode):
        return _mapping(node, location, tree)
    if isinstance(node, SequenceNode):
        return [_entry(item, (*location, index), tree) for index, item in enumerate(node.value)]
    assert isinstance(node, ScalarNode)
    return _scalar(str(node.tag).removeprefix(_TAG), node.value)


def _entry(node: Node, location: Location, tree: Tree) -> Value:
    tree.lines[location] = node.start_mark.line + 1
    return _plain(node, location, tree)


def _mapping(node: MappingNode, location: Location, tree: Tree) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            tree.oddities.append((location, line, "a key has to be a word, not a list or a mapping"))
            continue
        key = _clean(key_node.value)
        if key in values:
            first = tree.lines[(*location, key)]
            said = f"`{key}` stands here again, it is on line {first} too: this one counts, delete the other"
            tree.oddities.append(((*location, key), line, said))
        tree.lines[(*location, key)] = line
        values[key] = _plain(value_node, (*location, key), tree)
    return values


def _scalar(tag: str, text: str) -> Value:
    try:
        match tag:
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on"}  # the last two only after a `%YAML 1.1`
            case "int":
                return int(text, _BASES.get(text.lstrip("+-")[:2], 10))
            case "float":
                return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        pass  # `1:30` is a number after `%YAML 1.1` only, and 5,000 digits are too many for Python: text to us
    return _clean(text)


def _clean(text: str) -> str:
    """Without lone surrogates: an escape in quotes can write them, UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
