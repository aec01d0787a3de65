"""`reviewer doctor`: is all well; and of what is not, what it disables and how to mend it."""

from __future__ import annotations

import json
import re
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reviewer import logs
from reviewer.commands.environment import settings_of
from reviewer.core.errors import OutsideError, UsageError
from reviewer.core.health import Check, Trouble, exit_code, in_halves
from reviewer.interrupts import run
from reviewer.logs import Redactor
from reviewer.printing import say
from reviewer.settings import Settings

WIDTH = 80
FORMATS = ("text", "json")
NAME, INDENT = 22, "    "  # where a check's sentence begins, and what is said of it


def doctor_command(*, output: str, models: bool) -> int:
    if output not in FORMATS:
        raise UsageError(f"--format {output} is not known: use one of {', '.join(FORMATS)}.")
    logs.configure(level="critical", log_format=None, stream=sys.stderr)
    checks, redact = _checks(models=models)
    if output == "json":
        say(json.dumps(redact(None, "", _record(checks)), indent=2, ensure_ascii=False))
    else:
        say("\n".join(redact.text(line) for check in checks for line in lines_of(check)))
        say(f"\n{_sum(checks)}")
    return exit_code(checks)


def _checks(*, models: bool) -> tuple[list[Check], Redactor]:
    try:
        settings = settings_of()
    except (UsageError, OutsideError) as error:  # of the latter: credentials lie in a database that is away
        return [_not_configured(error)], Redactor(())
    return _examined(settings, models=models), Redactor(settings.secrets())


def _not_configured(error: UsageError | OutsideError) -> Check:
    said, mend = in_halves(str(error))
    return Check("configuration", said, "problem", (Trouble("", "nothing starts", mend),), outside=_away(error))


def _away(error: UsageError | OutsideError) -> bool:
    if isinstance(error, UsageError):
        return False
    from reviewer.store.engine import may_come  # noqa: PLC0415 - the database takes a while to import

    return may_come(error)


def _examined(settings: Settings, *, models: bool) -> list[Check]:
    from reviewer.doctor import examine  # noqa: PLC0415 - a configuration that is wrong is told without

    return run(examine(settings, models=models, env_file=Path(".env")))


def lines_of(check: Check) -> list[str]:
    """At most 80 columns, except where a word, like an address, is longer."""
    head = f"{check.grade:<8} {check.name:<13}"
    lines = _filled(f"{head} {_plain(check.says)}", " " * NAME)
    for trouble in check.troubles:
        if trouble.says:
            lines += _filled(f"{INDENT}- {_plain(trouble.says)}", f"{INDENT}  ")
        for word, text in (("disables", trouble.disables), ("mend", trouble.mend)):
            if text:
                lines += _filled(f"{INDENT}  {word}: {_plain(text)}", f"{INDENT}    ")
    for note in check.notes:
        lines += _filled(f"{INDENT}note: {_plain(note)}", f"{INDENT}  ")
    return lines


def _filled(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _plain(text: str) -> str:
    """Some words are strangers': one line, with nothing that a terminal obeys."""
    return re.sub(r"\s+", " ", "".join(sign if sign.isprintable() else " " for sign in text))


def _sum(checks: list[Check]) -> str:
    counts = {grade: sum(check.grade == grade for check in checks) for grade in ("problem", "warning")}
    if not any(counts.values()):
        return "All is well."
    return ", ".join(f"{count} {grade}{'s' if count > 1 else ''}" for grade, count in counts.items() if count) + "."


def _record(checks: list[Check]) -> dict[str, Any]:
    """Keys may be added, and none is taken away; the page OPERATIONS names them."""
    return {"ok": exit_code(checks) == 0, "checks": [asdict(check) for check in checks]}
