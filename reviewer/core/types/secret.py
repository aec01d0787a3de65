"""A secret in a text, and all that a source of findings may look at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.core.types.diff import Diff

PLACEHOLDER = re.compile(r"\[secret: [a-z0-9-]+\]")  # stands where a secret was cut out


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What must not leave this machine. It has no repr: a log line or a traceback would show it.

    `kind` is the rule's name in lower case with dashes ("aws-access-token"); `certain` is False for a rule that looks
    at the name beside a value (`password = …`) and not at the value's own form.
    """

    kind: str
    value: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Material:
    """What a deterministic source looks at, secrets cut out: the diff and what the author says about it."""

    diff: Diff
    title: str = ""
    body: str = ""
