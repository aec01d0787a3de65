"""Scans YAML as ruamel does, but stops early at what is too deep or too much, and knows where tabs are fine."""

from __future__ import annotations

from ruamel.yaml.scanner import Scanner

DEEPEST = 20
MOST_VALUES = 5_000
_AFTER_WHITE = "#\n\r\x85\u2028\u2029\0"  # what ends a line, and what begins a comment


class UnreadableError(Exception):
    """The text is no usable YAML at all; says where and why."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


class CappedScanner(Scanner):
    """Raises UnreadableError. To find at the end that 65,000 `[` are too deep took a second and a half."""

    begun = 0  # scalars

    def scan_to_next_token(self) -> None:
        """YAML allows a tab wherever it does not indent: after `:`, before a comment, on an empty line."""
        while True:
            super().scan_to_next_token()
            if self.reader.peek() != "\t" or not self._separates():
                return
            self.reader.forward()

    def _separates(self) -> bool:
        """Whether the tab here is no indentation: something else stands before it in its line, or nothing after it."""
        if not self.allow_simple_key:
            return True
        ahead = 1
        while self.reader.peek(ahead) in " \t":
            ahead += 1
        return self.reader.peek(ahead) in _AFTER_WHITE

    def scan_plain_spaces(self, indent: int, start_mark: object) -> list[str] | None:
        """Text without quotes may hold tabs between its words."""
        length = 0
        while self.reader.peek(length) in " \t":
            length += 1
        white = self.reader.prefix(length)
        if "\t" in white:
            self.reader.forward(length)
            if self.reader.peek() not in _AFTER_WHITE:
                return [white]
        found: list[str] | None = super().scan_plain_spaces(indent, start_mark)
        return [white] if "\t" in white and found == [] else found  # None: a document ends here

    def fetch_more_tokens(self) -> None:
        if self.flow_level + len(self.indents) > DEEPEST + 2:  # the document itself, and a list in a mapping's place
            raise UnreadableError(self.reader.line + 1, "the file is nested too deeply")
        super().fetch_more_tokens()

    def fetch_plain(self) -> None:
        self._count()
        super().fetch_plain()

    def fetch_flow_scalar(self, style: str) -> None:
        self._count()
        super().fetch_flow_scalar(style)

    def _count(self) -> None:
        """A value has one key at most, so that twice as many scalars are too many values."""
        self.begun += 1
        if self.begun > 2 * MOST_VALUES:
            raise UnreadableError(self.reader.line + 1, f"the file holds more than {MOST_VALUES:,} values")
