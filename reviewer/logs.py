"""Sets up the log: one line an event on stderr, for people or as JSON, with the secrets cut out."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping, Sequence
from typing import Any, Literal, TextIO

import structlog

LogFormat = Literal["console", "json"]

REDACTED = "[redacted]"
SHORTEST = 8  # characters of a secret: a shorter one would redact half the log

# A text under such a name is a secret. Only texts: `input_tokens=1200` is a count.
_SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:token|secret|passwords?|passwd|api[_-]?keys?|private[_-]?key|authorization|pem|cookie)s?$",
    re.IGNORECASE,
)

# Secrets by their own looks, wherever they stand. GitHub's tokens carry dots since they hold a signature.
_SECRET_TEXT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:gh[opusr]_|github_pat_)[\w.-]{10,}"
    r"|\bsk-[\w-]{16,}"
    r"|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
    r"|(?<=bearer )[^\s,;'\"]+",
    re.DOTALL | re.IGNORECASE,
)

# Libraries that tell each request at INFO: our own lines say it with the pull request beside it.
_CHATTY = ("httpx", "httpx2", "httpcore", "httpcore2", "hishel", "openai", "asyncio", "azure", "msal")


# Secrets that came to light after the log was set up, by whose they are, the newest last.
_LATE: dict[str, tuple[str, ...]] = {}
LATE = 2  # kept of each: a call may still be under way on the one before


def hide(secret: str, whose: str = "") -> None:
    """Cut it out of all that is logged from now on, until it was replaced twice; of a list with commas each as well."""
    for at, part in enumerate(dict.fromkeys((secret, *map(str.strip, secret.split(","))))):
        of = f"{whose} {at}" if at else whose
        if len(part) >= SHORTEST:
            before = tuple(each for each in _LATE.get(of, ()) if each != part)
            _LATE[of] = (*before, part)[-LATE:]


def _late() -> list[str]:
    """Longest first, so that one secret inside another leaves nothing behind."""
    return sorted((secret for each in list(_LATE.values()) for secret in each), key=len, reverse=True)


class Redactor:
    """A structlog processor that cuts secrets out of every text of an event, however deep it lies.

    `secrets` are this installation's own: they are cut out wherever they stand.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        # Longest first, so that one secret inside another leaves nothing behind.
        known = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: self._value(name, value) for name, value in event.items()}

    def text(self, text: str) -> str:
        known = self._known.sub(REDACTED, text) if self._known else text
        for secret in _late():
            known = known.replace(secret, REDACTED)
        return _SECRET_TEXT.sub(REDACTED, known)

    def _value(self, name: str, value: object) -> object:
        if isinstance(value, (str, bytes)):
            text = value if isinstance(value, str) else value.decode("utf-8", "replace")
            return REDACTED if text and _SECRET_NAME.search(name) else self.text(text)
        if isinstance(value, dict):
            return {key: self._value(str(key), inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._value(name, inner) for inner in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return self.text(str(value))  # an exception or an object: its text is what would be written


def configure(*, level: str, log_format: LogFormat | None, stream: TextIO, secrets: Sequence[str] = ()) -> None:
    """Send structlog's events and the standard library's records to `stream` in one format.

    `log_format` None: console on a terminal, else JSON. `level` is debug, info, warning, error or critical.
    """
    chosen = log_format or ("console" if stream.isatty() else "json")
    shared = _shared_processors()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_uvicorn_colors,
                Redactor(secrets),  # after the traceback has become text, before anything is written
                _renderer(chosen, colors=stream.isatty()),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _shared_processors() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _without_uvicorn_colors(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Uvicorn says its messages twice, the second time in colours."""
    event.pop("color_message", None)
    return event


def _renderer(log_format: LogFormat, *, colors: bool) -> structlog.typing.Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(default=str)
    return structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=28)
