"""The patterns that match one token of each language; all are linear, and what they cannot tell is `bad`."""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """What stands between the blanks of a table."""
    return frozenset(text.split())


# Longest first; what is no operator of a language may stand here: it only tells more apart.
_OPERATORS = sorted(
    words(
        ">>>= <<= >>= >>> **= //= &&= ||= ??= ... ..= <=> === !== =~ !~ ->* -> => <- :: := == != <= >= << >> && || ??"
        " ?. &. ++ -- += -= *= /= %= &= |= ^= &^= &^ ** // .. .* @= |> ## #["
    ),
    key=lambda operator: (-len(operator), operator),
)
_OPERATOR = "|".join(map(re.escape, _OPERATORS))

_BLANK = r"(?P<blank>[ \t]+)"
_END = r"(?P<end>\r?\n)"
_WORD = r"(?P<word>[^\W\d]\w*)"
_NUMBER = r"(?P<number>\.?\d\w*+(?:\.\w++)*+)"
_REST = rf"(?P<op>{_OPERATOR}|[\s\S])"

_SLASHES = r"(?P<comment>(?<!:)//[^\n]*)"
_BLOCK = r"(?P<block>/\*(?:[^*]++|\*(?!/))*+\*/)"
_OPEN = r"(?P<bad>/\*)"

_DOUBLE = r'"(?:[^"\\\n]++|\\[\s\S])*+"'
_SINGLE = r"'(?:[^'\\\n]++|\\[\s\S])*+'"
_TEMPLATE = r"`(?:[^`\\]++|\\[\s\S])*+`"
_TRIPLE = r'"""(?:[^"\\]++|\\[\s\S]|"(?!""))*+"""'
_TRIPLE_SINGLE = _TRIPLE.replace('"', "'")
_BAD = "(?P<bad_quote>[\"'`])"


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.MULTILINE)


def _strings(*parts: str) -> str:
    return f"(?P<string>{'|'.join(parts)})"


PYTHON = _pattern(
    _BLANK,
    _END,
    r"(?P<join>\\\r?\n)",
    r"(?P<comment>(?:(?<=\s)|^)\#[^\n]*)",
    _strings(rf"(?:[rRbBuUfFtT]{{1,2}}(?=[\"']))?(?:{_TRIPLE}|{_TRIPLE_SINGLE}|(?!\"\"\"){_DOUBLE}|(?!'''){_SINGLE})"),
    r"(?P<bad>[\"'`])",
    _NUMBER,
    _WORD,
    _REST,
)
SCRIPT = _pattern(
    *(_BLANK, _END, _SLASHES, _BLOCK, _OPEN, _strings(_DOUBLE, _SINGLE, _TEMPLATE), _BAD, _NUMBER),
    *(r"(?P<word>[$\w]+)", _REST),
)
GO = _pattern(
    *(_BLANK, _END, _SLASHES, _BLOCK, _OPEN, _strings(_DOUBLE, _SINGLE, "`[^`]*+`"), _BAD, _NUMBER, _WORD, _REST)
)
JAVA = _pattern(
    *(_BLANK, _END, _SLASHES, _BLOCK, _OPEN, r"(?P<bad_escape>\\)"),
    *(_strings(_TRIPLE, rf'(?!"""){_DOUBLE}', _SINGLE), _BAD, _NUMBER, r"(?P<word>[^\W\d][\w$]*)", _REST),
)
# A line that ends in a backslash goes on, and a directive is told by its line: such lines stay as they are.
CPP = _pattern(
    r"(?P<row>^(?:[^\n]*\\[ \t]*+\r?\n)++[^\n]*+|^[^\n]*\\[ \t\r]*+\Z|^[ \t]*+\#[^\n]*+)",
    *(_BLANK, _END, _SLASHES, _BLOCK, _OPEN),
    _strings(r'(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\([\s\S]*?\)(?P=delimiter)"'),
    r'(?P<bad_raw>(?:u8|[uUL])?R")',
    f"(?P<text>{_DOUBLE}|{_SINGLE})",
    *(_BAD, r"(?P<number>\.?\d(?:[eEpP][+-]|\w|'(?=\w)|\.)*+)", _WORD, _REST),
)
RUST = _pattern(
    *(_BLANK, _END, _SLASHES, _BLOCK, _OPEN),
    _strings(
        r'(?:b|c)?r(?P<hashes>\#*+)"[\s\S]*?"(?P=hashes)',
        r'(?!(?:b|c)?r\#*+")(?:b|c)?"(?:[^"\\]++|\\[\s\S])*+"',
        r"'(?:\\u\{[^}\n]*+\}|\\x..|\\.|[^\\'\n])'",
    ),
    r'(?P<bad_raw>(?:b|c)?r\#*+")',
    r"(?P<op_lifetime>'[^\W\d]\w*)",
    *(_BAD, _NUMBER, _WORD, _REST),
)
RUBY = _pattern(
    _BLANK,
    r"(?P<bad>^=begin\b|^__END__|<<[~-]?[\"'`A-Za-z_]|\?[\"'`\#\\])",
    _END,
    r"(?P<comment>(?:(?<=\s)|^)\#[^\n]*)",
    _strings(_DOUBLE, _SINGLE, r"`(?:[^`\\\n]++|\\[\s\S])*+`"),
    r"(?P<op_global>\$(?:\w+|[^\w\s]))",
    _BAD,
    r"(?P<percent>%[wWiIqQrsx]?(?:\([^()\n]*+\)|\[[^\[\]\n]*+\]|\{[^{}\n]*+\}|<[^<>\n]*+>|\|[^|\n]*+\||![^!\n]*+!))",
    r"(?P<bad_percent>%[wWiIqQrsx]?[\[({<|!/]|(?<![\w)\]}])%[wWiIqQrsx]?[^\w\s=])",
    _NUMBER,
    r"(?P<word>@{0,2}[^\W\d]\w*+(?:[?!](?![=~]))?)",
    _REST,
)
# A regular expression where one may stand.
REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\n]++|\\[^\n]|\[(?:[^\]\\\n]++|\\[^\n])*+\])++/\w*+")
