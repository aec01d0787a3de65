"""Who this process is among the workers of one database, and which of the others it can see to be dead."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

from reviewer.store import Worker


def me() -> Worker:
    """A new name each time: what a process had begun before it died is not its successor's until that takes it over."""
    host, pid = socket.gethostname(), os.getpid()
    return Worker(f"{host}-{pid}-{secrets.token_hex(4)}", f"{host} {_where()}", pid)


def _where() -> str:
    """Tells apart machines and containers of one host name, which do not see one another's processes."""
    where = []
    with suppress(OSError):  # Linux only; elsewhere the host name has to do
        where.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        where.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(where)


def surely_dead(other: Worker, *, seen_from: Worker) -> bool:
    """Whether the process of `other` is known to have ended: on this host, and its process id is gone or our own."""
    if other.host != seen_from.host or other.name == seen_from.name:
        return False
    if other.pid == seen_from.pid:
        return True
    try:
        os.kill(other.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it lives, and belongs to another user
        pass
    return False
