"""`reviewer audit`: who overrode, dismissed or paused what on a repository, when and why."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import UTC, datetime
from typing import Any

from reviewer.core.errors import UsageError
from reviewer.core.render.rulings import utc
from reviewer.core.types import Deed, How
from reviewer.printing import say
from reviewer.settings import Settings
from reviewer.store import Recorded, recorded

WIDTH = 80
FORMATS = ("text", "json")
WHAT: dict[Deed, str] = {
    "dismissal": "dismissal on",
    "forgetting": "dismissal forgotten on",
    "override": "override of",
    "pause": "pause of",
    "resume": "resume of",
}
HOW: dict[How, str] = {  # what goes without saying is left out
    "button": "a button of the check",
    "reply": "a reply",
    "resolved thread": "resolving its thread",
    "thumbs down": "👎",
}
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w-]*/[\w.-]+")


def audit_command(settings: Settings, repository: str, *, output: str) -> None:
    """Print the record. Raises UsageError where there is nothing to read."""
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError("--repo takes a repository on GitHub, as OWNER/NAME.")
    found = recorded(settings.database_url, repository)
    if output == "json":
        say(json.dumps([_record(each) for each in found], indent=2, ensure_ascii=False))
    elif found:
        say("\n\n".join(_text(each) for each in found))
    else:
        say(f"Nothing was overridden, dismissed or paused in {repository}.")


def _record(each: Recorded) -> dict[str, Any]:
    """Keys may be added, and none is taken away; the page COMMANDS names them."""
    act = each.act
    return {
        "what": act.what,
        "repository": each.repository,
        "number": act.number,
        "by": act.by,
        "at": datetime.fromtimestamp(act.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "head": act.head,
        "how": act.how,
        "reason": act.reason,
        "findings": [{"id": name, "label": label} for name, label in act.findings.items()],
    }


def _text(each: Recorded) -> str:
    act = each.act
    head = f" at {act.head[:7]}" if act.head else ""
    how = f", by {HOW[act.how]}" if act.how in HOW else ""
    lines = [f"{utc(act.at)} {WHAT[act.what]} {each.repository}#{act.number}{head} by {act.by or 'somebody'}{how}"]
    if act.reason:
        lines.append(f"  why: {act.reason}")
    lines += [f"  - {label} ({name})" if label else f"  - {name}" for name, label in act.findings.items()]
    return "\n".join(_wrapped(line) for line in lines)


def _wrapped(line: str) -> str:
    """Strangers' words on a terminal: one line each, with nothing that a terminal obeys."""
    indent = line[: len(line) - len(line.lstrip())]
    words = "".join(sign if sign.isprintable() else " " for sign in line)
    return textwrap.fill(" ".join(words.split()), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ")
