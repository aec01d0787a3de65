"""People's words inside a hidden mark: nothing of them ends a comment, starts a mark or calls anybody."""

from __future__ import annotations

import base64
import re

MOST_WHY = 500  # characters of a reason in a mark
_NO_LOGIN = re.compile(r"[^\w-]")


def pack(reason: str) -> str:
    """The first characters of a reason; "" for none."""
    return base64.b32encode(reason[:MOST_WHY].encode(errors="replace")).decode().rstrip("=").lower()


def unpack(packed: str) -> str:
    """The reason; empty for what is no writing of ours."""
    try:
        return base64.b32decode(packed.upper() + "=" * (-len(packed) % 8)).decode(errors="replace")
    except ValueError:
        return ""


def login_in_mark(login: str) -> str:
    return _NO_LOGIN.sub("", login)


def fits_in_mark(name: str) -> bool:
    return not _NO_LOGIN.search(name)
