"""Passwords by the place where they stand in what logs in: a URL, a header, a command line, SQL."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from reviewer.core.redaction.kinds import ASSIGNED, IN_URL, POSSIBLE
from reviewer.core.redaction.values import is_doubtless, is_password, is_placeholder, is_random
from reviewer.core.types import Secret

_URL = re.compile(r"[a-z][a-z0-9+.\-]{1,20}://[^\s/:@\"'<>{}]{0,100}:(?P<value>[^\s/\"'<>]{3,200})@", re.IGNORECASE)
_BASIC = re.compile(r"\bBasic\s{1,4}(?P<value>[A-Za-z0-9+/]{8,500}={0,2})")
_COMMAND = re.compile(
    r"\b(?:mysql|mariadb|sshpass)\w{0,20}\s(?:[^\n|;]{0,200}?\s)?-p[\"']?(?P<value>[^\s\"'|;]{6,100})"
)
_SQL = re.compile(
    r"\bIDENTIFIED\s{1,4}(?:WITH\s{1,4}\w{1,40}\s{1,4})?(?:BY|AS)\s{1,4}'(?P<value>[^'\n]{6,200})'", re.IGNORECASE
)
# A name and a password as two arguments: `auth=("admin", "…")`, `HTTPBasicAuth("admin", "…")`.
_PAIR = re.compile(
    r"\b(?:\w{0,20}auth|getConnection|login|log_in|connect)\s?=?\s?\((?:[^\n()\"']{0,100}[\"'][^\"'\n]{0,200}[\"']\s?,\s?){1,3}"
    r"[\"'](?P<value>[^\"'\n]{6,100})[\"']\s?\)",
    re.IGNORECASE,
)


def logins(text: str, start: int, end: int) -> Iterator[Secret]:
    """What stands in this part of the text."""
    for match in _URL.finditer(text, start, end):
        if not is_placeholder(match["value"]):
            yield Secret(IN_URL if is_doubtless(match["value"]) else POSSIBLE, match["value"], certain=False)
    for match in _BASIC.finditer(text, start, end):
        if _is_login(match["value"]):
            yield Secret(POSSIBLE, match["value"], certain=False)
    for match in _PAIR.finditer(text, start, end):
        if is_password(match["value"]) and not is_placeholder(match["value"]):
            yield Secret(ASSIGNED, match["value"], certain=False)
    for pattern in (_COMMAND, _SQL):
        for match in pattern.finditer(text, start, end):
            if is_random(match["value"]) and not is_placeholder(match["value"]):
                yield Secret(POSSIBLE, match["value"], certain=False)


def _is_login(value: str) -> bool:
    """Whether a header's base64 holds a name and a password that is no example's."""
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return False
    return bool(name and colon and password) and password.isprintable() and not is_placeholder(password)
