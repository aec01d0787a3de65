"""`reviewer audit`: who overrode, dismissed or paused what on a repository, when and why."""

from __future__ import annotations

import html
import json
import re
import textwrap
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from reviewer.core.errors import UsageError
from reviewer.core.render.rulings import utc
from reviewer.printing import say
from reviewer.settings import Settings
from reviewer.store import Act, acts

WIDTH = 80
FORMATS = ("text", "json")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w-]*/[\w.-]+")


def audit_command(settings: Settings, repository: str, *, output: str) -> None:
    """Print the record. Raises UsageError where there is nothing to read."""
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError("--repo takes a repository on GitHub, as OWNER/NAME.")
    found = acts(settings.database_url, repository)
    if output == "json":
        say(json.dumps([_record(act) for act in found], indent=2, ensure_ascii=False))
    elif found:
        say("\n\n".join(_text(act) for act in found))
    else:
        say(f"Nothing was overridden, dismissed or paused in {repository}.")


def _record(act: Act) -> dict[str, Any]:
    findings = [html.unescape(label) for label in act.findings]
    times = {"at": _time(act.at), "ended": _time(act.ended) if act.ended else None}
    return {**asdict(act), **times, "findings": findings, "ended_by": act.ended_by or None}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(act: Act) -> str:
    head = f" at {act.head[:7]}" if act.head else ""
    lines = [f"{utc(act.at)} {act.what} of {act.repository}#{act.number}{head} by {act.by or 'somebody'}"]
    if act.reason:
        lines.append(f"  why: {act.reason}")
    if act.what == "pause":
        lines.append(f"  ended {utc(act.ended)} by {act.ended_by}" if act.ended else "  lasts")
    lines += [f"  - {html.unescape(label)}" for label in act.findings]
    return "\n".join(_wrapped(line) for line in lines)


def _wrapped(line: str) -> str:
    """Strangers' words on a terminal: one line each, with nothing that a terminal obeys."""
    indent = line[: len(line) - len(line.lstrip())]
    words = "".join(sign if sign.isprintable() else " " for sign in line)
    return textwrap.fill(" ".join(words.split()), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ")
