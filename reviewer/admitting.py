"""Which of a comment's commands are carried out: what their giver's permission allows, and the limits of an hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.core.commands import USAGE, Command
from reviewer.core.render.rulings import utc
from reviewer.ports import LetIn, Role
from reviewer.run import Run
from reviewer.speaking import may

MINUTE = 60.0  # seconds
ANYTHING, LIMIT = "anything", "limit"  # what is refused


@dataclass(frozen=True, slots=True)
class Admitted:
    """What becomes of each command: it may be carried out, or a sentence says why not.

    `why` tells one reason from another, so that each is told now and then and not each time; who may ask for nothing
    has only one.
    """

    commands: tuple[tuple[Command, str], ...]
    why: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing at all may be carried out."""
        return all(refusal for _, refusal in self.commands)

    @property
    def refusals(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(refusal for _, refusal in self.commands if refusal))


async def admit(this: Run, commands: Sequence[Command]) -> Admitted:
    """Who gives the commands is who sent the event; the role is asked of GitHub, once for all of them."""
    role = await this.github.role(this.job.author)
    allowed = [command for command in commands if _may(role, command)]
    let = await let_in(this, len(allowed)) if allowed else LetIn(0)
    of_now = allowed[: let.count]
    found = []
    for command in commands:
        if command in of_now:
            found.append((command, ""))
        else:
            found.append((command, too_many(let) if command in allowed else _refusal(role, command)))
    if not may(role, "triage"):
        return Admitted(tuple(found), ANYTHING)
    return Admitted(tuple(found), LIMIT if allowed else found[0][1])


async def let_in(this: Run, count: int) -> LetIn:
    return await this.tools.store.let_in(this.job, this.id, count, this.tools.hourly)


def too_many(let: LetIn) -> str:
    """Whose limit it is and when it goes on."""
    when = utc(math.ceil(let.until / MINUTE) * MINUTE)
    whose = "You have given" if let.own else "People have given"
    many = f"{let.limit:,} commands" if let.limit != 1 else "1 command"
    return f"{whose} {many} in this repository within an hour, and more I do not take: I go on at {when}."


def _may(role: Role, command: Command) -> bool:
    needs = USAGE[command.name].needs if command.name else "triage"
    return may(role, needs)


def _refusal(role: Role, command: Command) -> str:
    name = f"`/{command.name}` needs {USAGE[command.name].needs}" if command.name else "Commands need triage"
    return f"{name} permission on this repository, and GitHub says that yours is {role}."
