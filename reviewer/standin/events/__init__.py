"""What people do on the forge: each function changes the state and returns the webhook that GitHub would send."""

from __future__ import annotations

from reviewer.standin.events.checks import press_action, request_suite, rerequest, rerequest_all
from reviewer.standin.events.frame import Event
from reviewer.standin.events.pulls import (
    back_to_draft,
    close,
    lock,
    open_pull,
    pull_event,
    push,
    ready,
    reopen,
    retarget,
)
from reviewer.standin.events.queue import disband, queue
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
    "back_to_draft",
    "close",
    "comment",
    "comment_inline",
    "comment_on_issue",
    "delete",
    "disband",
    "edit",
    "lock",
    "minimize",
    "open_pull",
    "press_action",
    "pull_event",
    "push",
    "queue",
    "react",
    "ready",
    "reopen",
    "reply",
    "request_suite",
    "rerequest",
    "rerequest_all",
    "resolve",
    "retarget",
    "set_role",
    "unreact",
    "unresolve",
]
