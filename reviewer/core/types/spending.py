"""Who pays for calls of the model, how much of them there may be, and what a call came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from reviewer.core.types.model import Usage

Level = Literal["everything", "installation", "repository", "person"]
Window = Literal["hour", "day", "month"]  # of the calendar, in UTC
# What the cache answered: hunks (exact, structural; miss: those that the model was asked about), or findings that were
# known by their meaning. "": a call of the model.
Tier = Literal["", "exact", "structural", "miss", "meaning"]


@dataclass(frozen=True, slots=True)
class Payer:
    """For whom the model is asked. `person` is the login of whoever triggered it, "" for nobody.

    `urgent`: somebody waits for it, so that it goes before what does not hurry.
    """

    installation: int
    repository: str  # owner/name
    number: int = 0  # of the pull request
    run: str = ""
    delivery: str = ""  # of the job
    person: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens of input and output together, and dollars."""

    tokens: int = 0
    dollars: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be spent within a window, by each one of a level: tokens or dollars, the other is None."""

    level: Level
    window: Window
    tokens: int | None = None
    dollars: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """How full a limit is: `share` of it is used or reserved (1.0: all). It empties at `until` (epoch seconds)."""

    limit: Limit
    share: float
    until: float
    who: str = ""  # whose it is: a repository, a login, an installation's number; "" for everything


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the ledger: one call of the model, or what one tier of the cache answered in a run (`count` things)."""

    payer: Payer
    purpose: str  # the function's name, or "embed"
    model: str
    prompt: str  # its label: name, variant and version
    at: float  # seconds since the epoch
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = None  # dollars; None without a price for the model
    seconds: float = 0.0
    outcome: str = "ok"  # else the answer's fault, or the error's code
    tier: Tier = ""
    count: int = 1
    request_id: str = ""
    estimated: int = 0  # tokens of input, as they were counted before
    most: int = 0  # tokens of output that it was to have; 0 where there are none
    capped: bool = True  # the server was told so
    waited: float | None = None  # seconds before the try that took `seconds`; None where nobody measured; not kept
    id: str = ""  # of the row, where the same one may come again; "": it is a row of its own
