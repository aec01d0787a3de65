"""What people do on the forge: each function changes the state and returns the webhook that GitHub would send."""

from __future__ import annotations

from reviewer.standin.events.frame import Event
from reviewer.standin.events.pulls import close, lock, open_pull, pull_event, push, ready, reopen, rerequest
from reviewer.standin.events.talk import (
    comment,
    comment_inline,
    comment_on_issue,
    delete,
    edit,
    react,
    reply,
    unreact,
)
from reviewer.standin.events.threads import minimize, resolve, set_role, unresolve

__all__ = [
    "Event",
    "close",
    "comment",
    "comment_inline",
    "comment_on_issue",
    "delete",
    "edit",
    "lock",
    "minimize",
    "open_pull",
    "pull_event",
    "push",
    "react",
    "ready",
    "reopen",
    "reply",
    "rerequest",
    "resolve",
    "set_role",
    "unreact",
    "unresolve",
]
