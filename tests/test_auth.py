"""The key for reviews on this machine lies in its keyring; the environment comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked
from typer.testing import CliRunner, Result

from reviewer import __main__ as command_line
from reviewer import keyrings
from reviewer.commands.environment import with_kept_key
from reviewer.core.errors import UsageError
from reviewer.settings import load

KEY = "sk-of-my-own-0123456789"


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("no")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ring]:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def auth(*words: str, stdin: str = "", **environment: str) -> Result:
    return CliRunner().invoke(command_line.cli, ["auth", *words], input=stdin, env=environment)


def test_a_key_is_kept_and_removed(ring: Ring) -> None:
    """It comes in by stdin; no more than its last four characters are ever printed."""
    said = auth("login", stdin=f" {KEY}\n").stdout
    assert ring.kept == {("reviewer", "OPENAI_API_KEY"): KEY}
    said += auth("status").stdout + auth("logout").stdout + auth("logout").stdout
    assert ring.kept == {}
    assert (KEY[:-4] in said, said.count("…6789")) == (False, 2)
    assert said.splitlines()[-2:] == [
        "The key is no longer in this machine's keyring.",
        "There was no key in this machine's keyring.",
    ]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "No key came in"),
        ("sk one\n", "is no key"),
        ("sk-é", "is no key"),
        ("sk-\x7f1", "without spaces, control characters"),
        pytest.param("s" * 501, "one word of at most 500 characters", id="long"),
        pytest.param("s" * 9_999, "one word of at most 500 characters", id="very-long"),
    ],
)
def test_what_is_no_key_is_not_kept(ring: Ring, typed: str, words: str) -> None:
    answer = auth("login", stdin=typed)
    assert isinstance(answer.exception, UsageError)
    assert words in str(answer.exception)
    assert ring.kept == {}


def test_the_environment_comes_first(ring: Ring) -> None:
    """Also a server of one's own that wants no key: the kept one is OpenAI's, and is not sent there."""
    keyring.set_password("reviewer", "OPENAI_API_KEY", KEY)
    for environment in ({"OPENAI_API_KEY": "sk-e"}, {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}):
        assert with_kept_key(load(environment)) == load(environment)
    (used,) = with_kept_key(load({})).openai_api_keys
    assert used.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"OPENAI_API_KEY": f"{KEY},short"}, "OPENAI_API_KEY …6789, …"),
        ({"OPENAI_BASE_URL": "https://u:hush@host/v1"}, "OPENAI_BASE_URL, without a key"),
        ({"AZURE_OPENAI_ENDPOINT": "https://x"}, "AZURE_OPENAI_ENDPOINT, with Microsoft Entra ID instead of a key"),
        ({"AZURE_OPENAI_ENDPOINT": "https://x", "AZURE_OPENAI_API_KEY": KEY}, "AZURE_OPENAI_API_KEY …6789"),
    ],
)
def test_the_status_says_which_one_is_used(ring: Ring, environment: dict[str, str], told: str) -> None:
    keyring.set_password("reviewer", "OPENAI_API_KEY", "sk-another-0123456789abc")
    assert auth("status", **environment).stdout.splitlines() == [
        f"In the environment: {told}.",
        "In this machine's keyring: …9abc (not used: the environment comes first).",
    ]


def test_without_any_key_the_status_says_what_to_do(ring: Ring) -> None:
    error = auth("status").exception
    assert isinstance(error, UsageError)
    assert "`reviewer auth login`" in str(error)


@pytest.mark.parametrize("none", [NoKeyring, NullKeyring])
def test_a_machine_without_a_keyring_says_so(ring: Ring, none: type[KeyringBackend]) -> None:
    """At the login; a review goes on as without a key."""
    keyring.set_keyring(none())
    error = auth("login", stdin=KEY).exception
    assert isinstance(error, UsageError)
    assert str(error) == "This machine has no keyring to keep a key in: set OPENAI_API_KEY in the environment instead."
    assert with_kept_key(load({})) == load({})
    assert auth("logout").stdout == "There was no key in this machine's keyring.\n"


def test_a_locked_keyring_is_told(ring: Ring) -> None:
    ring.locked = True
    with pytest.raises(UsageError, match="unlock it, or set OPENAI_API_KEY"):
        with_kept_key(load({}))


def test_a_keyring_that_is_none_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user's own setting names may be misspelt."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "nonsense.Keyring")
    with pytest.raises(UsageError, match="PYTHON_KEYRING_BACKEND"):
        keyrings.kept()
