"""Where the set-up keeps credentials: in `.env` beside what stands there, or sealed in the database of all processes."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st
from standin_client import Forge, forge, key

from reviewer.commands.environment import with_credentials
from reviewer.commands.keys import rotate
from reviewer.commands.opening import opening_of
from reviewer.core.errors import Gone, UsageError
from reviewer.credentials import Sealed, kept
from reviewer.github.registering import register
from reviewer.interrupts import run
from reviewer.ports.registering import KeptAlready
from reviewer.sealing import new_master
from reviewer.settings import load
from reviewer.setup import EnvFile
from reviewer.setup.dotenv import with_values
from reviewer.standin.manifests import Manifests, read

MINE = "# mine\nexport LOG_LEVEL='debug'  # for now\n\nGITHUB_APP_ID=\nGITHUB_APP_ID=5\nPORT=9\n"
PRINTED = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


def credentials() -> dict[str, str]:
    return {"GITHUB_APP_ID": "77", "GITHUB_PRIVATE_KEY": key(), "GITHUB_WEBHOOK_SECRET": "0f" * 20}


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_is_read_back_and_nobody_elses(tmp_path: Path) -> None:
    """What stood there stands there; nobody but its owner can read it; no other file is left."""
    file = tmp_path / ".env"
    file.write_text(MINE)
    vault = EnvFile(file)
    vault.check()
    assert file.read_text() == MINE
    vault.keep(credentials())
    text = file.read_text()
    assert text.startswith("# mine\nexport LOG_LEVEL='debug'  # for now\n\nGITHUB_APP_ID=77\nPORT=9\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    found = load({}, file)
    assert found.private_key
    assert (found.app_id, found.private_key.get_secret_value(), found.log_level) == ("77", key(), "debug")
    assert [secret.get_secret_value() for secret in found.webhook_secrets] == ["0f" * 20]
    vault.keep({"GITHUB_APP_ID": "78"})
    assert load({}, file).app_id == "78"


@settings(max_examples=40, deadline=None)
@given(PRINTED)
def test_any_key_is_read_back(value: str) -> None:
    """Quotes, backslashes, `#` and `${}` have a meaning in such a file."""
    text = with_values("OPENAI_API_KEY='old'\n", {"OPENAI_API_KEY": value, "REVIEWER_MODEL": value})

    assert dotenv_values(stream=StringIO(text)) == {"OPENAI_API_KEY": value, "REVIEWER_MODEL": value}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "env").write_text(MINE)
    (tmp_path / ".env").symlink_to(tmp_path / "real" / "env")
    EnvFile(tmp_path / ".env").keep({"PORT": "8"})
    assert (tmp_path / ".env").is_symlink()
    assert load({}, tmp_path / "real" / "env").port == 8


@pytest.mark.parametrize("what", ["folder", "full", "binary", "gone"])
def test_a_file_that_cannot_be_written_is_found_out(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, nothing changed, nothing left behind."""
    file = tmp_path / ".env"
    file.write_text(MINE)
    if what == "folder":
        file = tmp_path / "not there" / ".env"
    elif what == "binary":
        file.write_bytes(b"\xff\xfe\x00")
    elif what == "full":

        def full(_number: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
    else:
        file = Path("/proc/1/nothing/.env")
    before = file.read_bytes() if file.exists() else b""
    for act in (EnvFile(file).check, lambda: EnvFile(file).keep(credentials())):
        with pytest.raises(UsageError) as raised:
            act()
        assert str(file.parent) in str(raised.value)
        assert "PRIVATE KEY" not in str(raised.value)
    assert (file.read_bytes() if file.exists() else b"") == before
    assert [each.name for each in tmp_path.iterdir() if each.name != ".env"] == []


# --- the database -----------------------------------------------------------------------------------------------------


def sealed(tmp_path: Path, *masters: str, **more: str) -> dict[str, str]:
    address = f"sqlite:///{tmp_path / 'reviewer.db'}"
    return {"REVIEWER_SECRET_KEY": ",".join(masters), "REVIEWER_DATABASE_URL": address, **more}


def test_in_the_database_they_are_sealed_and_found_by_the_next_start(tmp_path: Path) -> None:
    """By any process with the master key, and by none without it."""
    master = new_master()
    environ = sealed(tmp_path, master)
    vault = Sealed(load(environ))
    vault.check()
    vault.keep({**credentials(), "OPENAI_API_KEY": "sk-of-the-house"})
    assert b"sk-of-the-house" not in (tmp_path / "reviewer.db").read_bytes()
    found = with_credentials(load(environ), environ, None)
    assert (found.app_id, found.has_credentials, found.has_model) == ("77", True, True)
    assert with_credentials(load({**environ, "REVIEWER_SECRET_KEY": ""}), {}, None).has_credentials is False
    with pytest.raises(UsageError, match="sealed under another master key"):
        kept(load(sealed(tmp_path, new_master())))


def test_the_environment_wins_over_the_database(tmp_path: Path) -> None:
    """A value of its own takes the place of the kept one; another App's id keeps all of them out."""
    environ = sealed(tmp_path, new_master())
    Sealed(load(environ)).keep({**credentials(), "OPENAI_API_KEY": "sk-of-the-house"})
    rotated = {**environ, "GITHUB_WEBHOOK_SECRET": "newer", "GITHUB_APP_ID": ""}
    found = with_credentials(load(rotated), rotated, None)
    assert (found.app_id, found.webhook_secrets[0].get_secret_value()) == ("77", "newer")
    other = {**environ, "APP_ID": "8"}
    found = with_credentials(load(other), other, None)
    assert (found.app_id, found.missing_credentials()) == ("8", ("GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"))
    assert found.has_model


def test_of_two_servers_the_first_one_counts(tmp_path: Path) -> None:
    """In the database and in the file: the second keeps nothing, also of what the first one has not."""
    environ = sealed(tmp_path, new_master())
    (tmp_path / ".env").write_text("OPENAI_BASE_URL=\n")
    settings = load(environ)
    for vault in (Sealed(settings), EnvFile(tmp_path / ".env")):
        vault.keep({"OPENAI_API_KEY": "sk-first"}, unless=("OPENAI_API_KEY", "OPENAI_BASE_URL"))
        with pytest.raises(KeptAlready, match="OPENAI_API_KEY"):
            vault.keep({"OPENAI_BASE_URL": "https://b.example"}, unless=("OPENAI_API_KEY", "OPENAI_BASE_URL"))
        vault.keep(credentials(), unless=tuple(credentials()))
        with pytest.raises(KeptAlready):
            vault.keep({**credentials(), "GITHUB_APP_ID": "78"}, unless=("GITHUB_WEBHOOK_SECRET",))
    assert kept(settings) == {**credentials(), "OPENAI_API_KEY": "sk-first"}
    found = load({}, tmp_path / ".env")
    assert (found.app_id, found.openai_base_url) == ("77", None)


def test_a_change_of_the_master_key_takes_them_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = new_master(), new_master()
    Sealed(load(sealed(tmp_path, old))).keep(credentials())
    rotate(load(sealed(tmp_path, new, old)))
    assert capsys.readouterr().out.startswith("3 keys sealed anew")
    assert kept(load(sealed(tmp_path, new))) == credentials()


def test_a_database_that_is_away_is_found_out(tmp_path: Path) -> None:
    environ = {**sealed(tmp_path, new_master()), "REVIEWER_DATABASE_URL": "sqlite:////nowhere/reviewer.db"}
    with pytest.raises(UsageError, match="does not exist"):
        Sealed(load(environ)).check()


# --- the settings -----------------------------------------------------------------------------------------------------


def test_what_is_kept_is_read_anew_and_what_is_set_outside_wins(tmp_path: Path) -> None:
    """Also what could not be kept counts; a file's own lines are replaced, the environment's values are not."""
    file = tmp_path / ".env"
    file.write_text("APP_ID=5\nOPENAI_API_KEY=sk-old\n")
    environ = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "GITHUB_WEBHOOK_SECRET": " "}
    opening = opening_of(load(environ, file), token="t", environ=environ, file=file)
    assert opening.outside == {"OPENAI_BASE_URL"}
    opening.vault.keep(credentials())
    found = opening.again({"OPENAI_API_KEY": "sk-new", "OPENAI_BASE_URL": "https://elsewhere.example/v1"})
    assert (found.app_id, found.has_credentials) == ("77", True)
    assert found.openai_api_keys[0].get_secret_value() == "sk-new"
    assert found.openai_base_url == "http://127.0.0.1:9/v1"
    assert "sk-new" not in file.read_text()


# --- GitHub's side ----------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path) as here:
        yield here


def test_a_code_becomes_an_app_that_can_sign_in(hub: Forge) -> None:
    """Once, within an hour; the stand-in's App is the new one from then on."""
    manifest: dict[str, Any] = {"name": "Acme Review", "redirect_url": "http://127.0.0.1/setup/callback"}
    manifest |= {"default_permissions": {}, "default_events": [], "hook_attributes": {"url": "http://127.0.0.1/"}}
    state = hub.state
    codes = [state.manifests.made(manifest, "s", now=at).partition("code=")[2][:40] for at in (state.clock(), 0.0)]
    found = run(register(codes[0], api_url=f"{state.url}/api/v3"))
    assert (found.id, found.slug, found.webhook_secret) == (str(state.app_id), "acme-review", state.webhook_secret)
    assert found.pem == state.private_key_pem != key()
    assert found.page == f"{state.url}/apps/acme-review"
    for code in (*codes, "no such code"):
        with pytest.raises(Gone) as raised:
            run(register(code, api_url=f"{state.url}/api/v3"))
        assert code not in str(raised.value)
    assert "hush" not in repr(found)
    assert found.pem not in repr(found)


def test_the_stand_in_refuses_what_github_refuses() -> None:
    """A name that is taken, an address that is none, an event without its permission."""
    manifests = Manifests(names={"reviewer"})
    text = (
        '{"name": "Reviewer", "url": "x", "redirect_url": "https://a.example/", "hook_attributes": {},'
        ' "default_permissions": {"cheques": "read", "issues": "own"}, "default_events": ["check_run", "party"]}'
    )
    assert read(text, manifests)[1] == [
        "Name is already taken",
        "Homepage URL must be a valid URL",
        "Hook URL must be a valid URL",
        "Default permission 'cheques' is not one of GitHub's",
        "Default permission 'issues' cannot be 'own'",
        "Default events are not supported: party",
        "Default events are not supported by permissions: check_run",
    ]
    assert read("[]", manifests)[1] == ["Manifest must be an object"]
    assert read("{", manifests)[1] == ["Manifest is not valid JSON"]
