"""General shapes of secrets that no provider's token form covers: beside a telling name, in a URL, in a PEM block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.core.redaction.kinds import ASSIGNED, POSSIBLE, RANDOM
from reviewer.core.redaction.logins import logins
from reviewer.core.redaction.pem import private_keys
from reviewer.core.redaction.pieces import pieces
from reviewer.core.redaction.values import (
    LONGEST,
    is_dense,
    is_doubtless,
    is_named,
    is_password,
    is_placeholder,
    is_random,
    is_telling,
    is_worded,
)
from reviewer.core.types import Secret

# Every repetition is bounded and each piece starts with letters of its own: a stranger's line costs linear time.
_STRONG = (
    r"passw(?:or)?d|passwd|passphrase|passcode|pwd|secret|token(?!i[sz])|credentials?|api[-_. ]?key|access[-_. ]?key|"
    r"private[-_. ]?key|(?<![a-z])pass(?![a-z])|(?<![a-z])pw(?![a-z])"
)
_WEAK = (
    r"key|auth|access|private|login|client[-_]?id|pat(?![a-z])|(?<![a-z])pin(?![a-z])|bearer|signature|webhook|cookie|"
    r"session"
)
_OPERATOR = (
    r"=>|:{1,3}=|\?\?=|[?+.]=|={1,3}|!={1,2}|:|,|>|\(|\|\||"  # languages, INI, JSON, YAML, XML, a call's argument
    r"\s[a-z]{0,20}value=|\.assign\(|\s"  # an XML attribute, C++, a command line
)
_NAMED = re.compile(
    rf"(?:(?P<strong>{_STRONG})|{_WEAK})(?P<rest>[\w.\-]{{0,40}}(?:\[[\w\"']{{0,20}}\])?)"
    rf"(?P<between>[\"'`\]\)\\]{{0,4}}(?:\s?:?\s?string)?\s{{0,12}}(?:{_OPERATOR})[\s(\[{{@]{{0,20}}"
    r"(?:!{1,2}[a-z][\w-]{0,20} {1,4})?)"  # YAML's tags
    r"(?:\\?[\"'`]{0,2}"
    r"(?:\"(?P<double>[^\"\n\r]{4,1000})(?:\"|(?=[\n\r]|\Z))|"  # git cuts what stands behind @@, quote or no quote
    r"'(?P<single>[^'\n\r]{4,1000})(?:'|(?=[\n\r]|\Z))|`(?P<tick>[^`\n\r]{4,1000})(?:`|(?=[\n\r]|\Z)))"
    r"|(?P<bare>[^\s\"'`,;<>(){}\[\]|&]{6,1000}))",
    re.IGNORECASE,
)
# A name that goes on like this tells something about a secret, and not the secret.
_ABOUT = re.compile(
    r"(?:ur[il]|name|file|path|type|id|len(?:gth)?|expir\w*|field|label|header|prefix|pattern|hint|help|error|message|"
    r"count|size|limit|format|re|regexp?|arn|colou?r|version|endpoint|class|policy|reset|manager|provider|text|title|placeholder|at|for)s?$",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:(?:\.|::|->)[A-Za-z_]\w*)+")
_PIN = re.compile(r"(?<![a-z])pin(?:[-_]?code)?$", re.IGNORECASE)
_OWN = re.compile(_STRONG, re.IGNORECASE)
_COMPARED = re.compile(
    rf"[\"'](?P<value>[^\"'\n]{{6,200}})[\"']\s?[!=]={{1,2}}\s?[\w.]{{0,40}}?(?:{_STRONG})", re.IGNORECASE
)
# Name and value of one thing: `- name: DB_PASSWORD` above `value: "…"`, `variable "db_password" { default = "…"`.
_PAIRED = re.compile(
    rf"(?:{_STRONG})[\w.-]{{0,40}}[\"']?\s{{0,3}}[,{{]?\s{{0,40}}(?:type\s{{0,3}}=\s{{0,3}}\w{{1,20}}\s{{1,40}})?"
    r"[\"']?(?:value|default)[\"']?\s{0,3}[:=]\s{0,3}[\"'](?P<value>[^\"'\n]{6,200})[\"']",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[^\s\"'`<]{0,60}")
_ENV_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?[A-Z][A-Z0-9_]{2,60}=[^\s\"'(){}\[\]]+[ \t]*")
_RANDOM = re.compile(r"[A-Za-z0-9][A-Za-z0-9+/_~.\-]{19,}={0,2}")


def shaped(text: str) -> list[Secret]:
    """What has one of the shapes; a private key comes as one secret for each of its lines."""
    found: dict[str, Secret] = {}
    for start, end in pieces(text):
        found |= {secret.value: secret for secret in _assigned(text, start, end)}
        found |= {secret.value: secret for secret in logins(text, start, end)}
    found |= {secret.value: secret for secret in private_keys(text)}
    return list(found.values())


def random_spans(line: str) -> Iterator[tuple[int, int, str]]:
    """Where a line has text that is random beyond doubt: (start, end, kind)."""
    for match in _RANDOM.finditer(line):
        if is_telling(match.group()):
            yield *match.span(), RANDOM


def _assigned(text: str, first: int, end: int) -> Iterator[Secret]:
    start = first
    while match := _NAMED.search(text, start, end):
        value = match["double"] or match["single"] or match["tick"] or match["bare"]
        # A value may itself be the next one's name: `"name": "token", "value": …`.
        start = match.end("between")
        if match["bare"] and (whole := _whole(text, match, value)) != value and is_password(whole):
            yield Secret(ASSIGNED, whole, certain=False)
            start = match.end()
        elif _is_assigned(text, match, value):
            yield Secret(_kind(match, value), value.strip("\\\"'`"), certain=False)
            start = match.end()
    for match in _PAIRED.finditer(text, first, end):
        if not is_placeholder(match["value"]) and not is_worded(match["value"]):
            yield Secret(ASSIGNED if is_doubtless(match["value"]) else POSSIBLE, match["value"], certain=False)
    for match in _COMPARED.finditer(text, first, end):
        if not is_placeholder(match["value"]) and not is_worded(match["value"]):
            yield Secret(POSSIBLE, match["value"], certain=False)


def _whole(text: str, match: re.Match[str], value: str) -> str:
    """A password that stands to the end of its word, whatever it has in it, as in `.env` files and YAML."""
    tail = _TAIL.match(text, match.end())
    own = _strong(match) and match["between"].strip() in {":", "="}
    return value + tail.group() if own and tail else value


def _is_assigned(text: str, match: re.Match[str], value: str) -> bool:
    value = value[:LONGEST]
    if is_placeholder(value):
        return False
    about = bool(_ABOUT.search(match["rest"]))
    if _strong(match) and is_password(value) and not about:
        return True
    return _is_quoted(text, match, value, about=about) if match["bare"] is None else _is_bare(text, match, value)


def _is_quoted(text: str, match: re.Match[str], value: str, *, about: bool) -> bool:
    strong, (between, far) = _strong(match), _between(match)
    if strong and not far and between not in {",", "(", ">"}:
        if about:
            return is_random(value) and any(map(str.isdigit, value)) and not is_worded(value)
        return len(value) >= 6 and (not is_worded(value) or _is_password(match, value))
    random = is_random(value) and not is_named(value) and (bool(strong) or is_dense(value))
    return random or (not far and _is_pin(text[match.start() : match.start("between")], value))


def _is_bare(text: str, match: re.Match[str], value: str) -> bool:
    strong, (between, far) = _strong(match), _between(match)
    if far or not strong or between in {",", "(", ">"}:
        enough = 16 if far and not strong.startswith("passw") else 8  # .netrc has `password …`
        digits = any(map(str.isdigit, value))
        return len(value) >= enough and digits and is_random(value) and not (_is_code(value) or is_named(value))
    return (is_random(value) and not _is_code(value)) or _is_env(text, match)


def _between(match: re.Match[str]) -> tuple[str, bool]:
    """What joins name and value, and whether they are far apart."""
    between = match["between"].strip(" \t\"'`])\\")
    return between, "\n" in match["between"] or not between


def _strong(match: re.Match[str]) -> str:
    """The word of the name that means a secret, "" where it has none: `token` of `login_token` too."""
    own = match["strong"] or ((found := _OWN.search(match["rest"])) and found.group()) or ""
    return own.lower()


def _kind(match: re.Match[str], value: str) -> str:
    """Told where the name is a secret's own, the value is assigned to it, and looks the part."""
    strong, (between, far) = _strong(match), _between(match)
    if _ABOUT.search(match["rest"]) or _DOTTED.fullmatch(value):
        return POSSIBLE
    if strong and is_password(value):
        return ASSIGNED
    assigned = not far and between not in {",", "(", ">"}
    telling = len(value) >= 20 and is_telling(value)  # random enough to be told beside any such name
    return ASSIGNED if assigned and (strong or telling) and is_doubtless(value[:LONGEST]) else POSSIBLE


def _is_password(match: re.Match[str], value: str) -> bool:
    """Whether a value of mere letters stands beside the bare word, and so is no label or name of a field."""
    bare = _strong(match).startswith("passw") and not match["rest"]
    return bare and len(value) >= 8 and (value.isalpha() or ("-" in value and " " not in value and not value.islower()))


def _is_pin(name: str, value: str) -> bool:
    return len(value) >= 6 and value.isdigit() and value not in "01234567890" and bool(_PIN.search(name))


def _is_code(value: str) -> bool:
    """Whether an unquoted value reads like an expression: dotted names, a path."""
    return bool(re.fullmatch(r"[A-Za-z_]\w*(?:[.:/]{1,2}[A-Za-z_]\w*)+", value)) and not any(
        map(is_random, re.split(r"[.:/]", value))
    )


def _is_env(text: str, match: re.Match[str]) -> bool:
    start = text.rfind("\n", max(0, match.start() - 100), match.start()) + 1
    return len(match["bare"]) >= 8 and bool(_ENV_LINE.match(text, start, match.end()))
