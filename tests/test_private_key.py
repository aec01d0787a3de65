"""The App's private key is read in every form in which people paste it, and a bad one is refused in one sentence."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from keys import pem

from reviewer.core.errors import UsageError
from reviewer.settings import Settings, load


def key_of(settings: Settings) -> str:
    assert settings.private_key is not None
    return settings.private_key.get_secret_value()


def complaint(environ: dict[str, str], env_file: Path | None = None) -> str:
    with pytest.raises(UsageError) as raised:
        load(environ, env_file)
    return str(raised.value)


def test_a_key_in_an_env_file_may_span_lines(tmp_path: Path) -> None:
    """Double quotes hold a PEM as it is, or with its line ends written as a backslash and an n."""
    env = tmp_path / ".env"
    for written in (pem(), pem().replace("\n", "\\n")):
        env.write_text(f'GITHUB_PRIVATE_KEY="{written}"\n', "utf-8")
        assert key_of(load({}, env)) == pem()


FORMS: dict[str, Callable[[], str]] = {
    "as downloaded": pem,
    "PKCS8": lambda: pem(PrivateFormat.PKCS8),
    "escaped line ends": lambda: pem().replace("\n", "\\n"),
    "CRLF": lambda: pem().replace("\n", "\r\n"),
    "no line end": lambda: pem().strip(),
    "in quotes": lambda: '"' + pem().replace("\n", "\\n") + '"',
    "base64": lambda: base64.b64encode(pem().encode()).decode(),
    "base64 in lines": lambda: base64.encodebytes(pem().encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_private_key_is_read_in_every_form_in_which_people_paste_it(form: str) -> None:
    """The result is the same PEM, with real line ends."""
    expected = pem(PrivateFormat.PKCS8) if form == "PKCS8" else pem()
    assert key_of(load({"GITHUB_PRIVATE_KEY": FORMS[form]()})) == expected


@pytest.mark.parametrize("name", ["GITHUB_PRIVATE_KEY_PATH", "PRIVATE_KEY_PATH"])
def test_a_private_key_is_read_from_a_file(name: str, tmp_path: Path) -> None:
    """The way that keeps the key out of the environment."""
    path = tmp_path / "app.pem"
    path.write_text(pem(), "utf-8")
    assert key_of(load({name: str(path)})) == pem()


def test_a_key_given_directly_wins_over_a_file(tmp_path: Path) -> None:
    """The file is then not even looked for."""
    assert key_of(load({"PRIVATE_KEY": pem(), "PRIVATE_KEY_PATH": str(tmp_path / "none.pem")})) == pem()


def elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public() -> str:
    return "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"


BAD_KEYS: dict[str, tuple[Callable[[], str], str]] = {
    "text": (lambda: "hunter2!", "neither a PEM nor base64"),
    "base64 of something else": (lambda: base64.b64encode(b"hello" * 20).decode(), "not a private key in PEM form"),
    "cut off": (lambda: pem()[:200], "not a private key in PEM form"),
    "public": (public, "not a private key in PEM form"),
    "elliptic": (elliptic, "not an RSA key"),
    "encrypted": (
        lambda: pem(PrivateFormat.PKCS8, encryption=BestAvailableEncryption(b"pw")),
        "encrypted with a password",
    ),
    "encrypted, old form": (lambda: pem(encryption=BestAvailableEncryption(b"pw")), "encrypted with a password"),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_a_bad_key_file_is_one_sentence_with_its_name(kind: str, tmp_path: Path) -> None:
    """Which variable, which file, what is wrong with it, where to get a right one."""
    make, words = BAD_KEYS[kind]
    path = tmp_path / "app.pem"
    path.write_text(make(), "utf-8")
    said = complaint({"GITHUB_PRIVATE_KEY_PATH": str(path)})
    assert said.startswith(f"GITHUB_PRIVATE_KEY_PATH names {str(path)!r}, but it is")
    assert words in said


@pytest.mark.parametrize("kind", BAD_KEYS)
@pytest.mark.parametrize("name", ["GITHUB_PRIVATE_KEY", "PRIVATE_KEY"])
def test_a_bad_key_is_one_sentence_that_does_not_show_it(kind: str, name: str) -> None:
    """It is found at start, under the name that was used, not at the first webhook."""
    make, words = BAD_KEYS[kind]
    said = complaint({name: make()})
    assert said.startswith(f"{name} does not work: it is")
    assert words in said
    assert make().strip()[-20:] not in said
    assert "\n" not in said


def test_a_key_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The commonest mistake: a path of the machine inside of a container."""
    path = tmp_path / "none.pem"
    said = complaint({"PRIVATE_KEY_PATH": str(path)})
    mend = "name a file that this user can read"
    assert said == f"PRIVATE_KEY_PATH names {str(path)!r}, which cannot be read (No such file or directory): {mend}."


@pytest.mark.parametrize("path", ["/etc", "~nobody-has-this-name/key.pem", "a\x00b"])
def test_a_path_that_is_no_file_is_one_sentence(path: str) -> None:
    """A folder, a home that does not exist, a NUL."""
    assert complaint({"GITHUB_PRIVATE_KEY_PATH": path}).startswith("GITHUB_PRIVATE_KEY_PATH names ")
