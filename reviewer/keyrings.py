"""The key for local reviews, in the keyring that this machine's system keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from reviewer.core.errors import UsageError

SERVICE, NAME = "reviewer", "OPENAI_API_KEY"
NO_KEYRING = "This machine has no keyring to keep a key in: set OPENAI_API_KEY in the environment instead."


def kept() -> str:
    """The key; "" where there is none, or no keyring. Raises UsageError for a keyring that does not open."""
    keyring = _keyring()
    from keyring.errors import NoKeyringError  # noqa: PLC0415 - see below

    with _told():
        try:
            return keyring.get_password(SERVICE, NAME) or ""
        except NoKeyringError:
            return ""


def keep(key: str) -> None:
    """In place of the one before. Raises UsageError where it could not be kept."""
    keyring = _keyring()
    with _told():
        keyring.set_password(SERVICE, NAME, key)
    if kept() != key:  # a keyring that is switched off takes everything and keeps nothing
        raise UsageError(NO_KEYRING)


def drop() -> bool:
    """Whether there was one. Raises UsageError where it could not be removed."""
    keyring = _keyring()
    if not kept():
        return False
    with _told():
        keyring.delete_password(SERVICE, NAME)
    return True


def _keyring() -> ModuleType:
    """Late: it looks for every kind of keyring there is. One that the user chose may be none."""
    import keyring  # noqa: PLC0415

    try:
        keyring.get_keyring()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        why = f"The keyring that PYTHON_KEYRING_BACKEND or keyring's configuration names cannot be used ({error})"
        raise UsageError(f"{why}: mend that, or set OPENAI_API_KEY in the environment instead.") from None
    return keyring


@contextmanager
def _told() -> Iterator[None]:
    from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415

    try:
        yield
    except NoKeyringError:
        raise UsageError(NO_KEYRING) from None
    except KeyringError as error:
        raise UsageError(
            f"This machine's keyring did not do it ({type(error).__name__}): unlock it, or set OPENAI_API_KEY in the "
            "environment instead."
        ) from None
