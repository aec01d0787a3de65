"""The environment is read once, leniently in its forms and strictly in its meaning, and never shows a secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from keys import pem
from pydantic import ValidationError

from reviewer.core.errors import UsageError
from reviewer.settings import load

MASTER = "A" * 43 + "="


def complaint(environ: dict[str, str], env_file: Path | None = None) -> str:
    with pytest.raises(UsageError) as raised:
        load(environ, env_file)
    return str(raised.value)


def test_defaults_are_those_of_the_documentation() -> None:
    """With nothing set the server can start: in setup mode, on this machine, on SQLite."""
    settings = load({})
    assert (settings.host, settings.port, settings.log_level, settings.log_format) == ("127.0.0.1", 8000, "info", None)
    assert (settings.model, settings.fallback_model, settings.model_api) == (
        "gpt-6.1-terra",
        "gpt-6-luna",
        "responses",
    )
    assert (settings.github_api_url, settings.database_url) == ("https://api.github.com", "sqlite:///reviewer.db")
    assert (settings.embedding_model, settings.bot_name, settings.openai_base_url) == ("", "", None)
    assert settings.operator_token is None


def test_the_process_environment_is_not_read_behind_our_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `load` is given is all that counts, so that a test or a second App can be set up beside the first."""
    monkeypatch.setenv("GITHUB_APP_ID", "1")
    monkeypatch.setenv("PORT", "not a number")
    monkeypatch.setenv("port", "nor this")
    assert (load({}).app_id, load({}).port) == ("", 8000)


def test_the_whole_real_environment_can_be_handed_over() -> None:
    """Names such as `_` or `_env_file` in it are no arguments of ours."""
    assert load({**os.environ, "_": "x", "_env_file": "/nowhere", "_cli_parse_args": "1", "PORT": "9"}).port == 9


@pytest.mark.parametrize("names", [("GITHUB_APP_ID", "GITHUB_WEBHOOK_SECRET"), ("APP_ID", "WEBHOOK_SECRET")])
def test_both_names_of_a_variable_work(names: tuple[str, str]) -> None:
    """Probot's names work beside ours."""
    settings = load({names[0]: "Iv23liABC", names[1]: "one, two ,,"})
    assert settings.app_id == "Iv23liABC"
    assert [secret.get_secret_value() for secret in settings.webhook_secrets] == ["one", "two"]


def test_our_name_wins_over_the_short_one() -> None:
    """`APP_ID` may be set for another program on the same machine."""
    assert load({"APP_ID": "1", "GITHUB_APP_ID": "2"}).app_id == "2"
    assert load({"DATABASE_URL": "sqlite:///a", "REVIEWER_DATABASE_URL": "sqlite:///b"}).database_url == "sqlite:///b"


def test_an_empty_variable_is_not_set() -> None:
    """Compose files and CI pass empty strings for what is missing."""
    settings = load({"PORT": "", "GITHUB_APP_ID": " ", "APP_ID": "7", "GITHUB_PRIVATE_KEY": "", "OPENAI_BASE_URL": ""})
    assert (settings.port, settings.app_id, settings.private_key, settings.openai_base_url) == (8000, "7", None, None)


def test_an_env_file_fills_in_what_the_environment_leaves_open(tmp_path: Path) -> None:
    """The real environment wins, under whichever name."""
    env = tmp_path / ".env"
    env.write_text('GITHUB_APP_ID=1\nPORT=9000\nWEBHOOK_SECRET="a b"\nOPENAI_API_KEY=x,y\nOTHER=1\nHOST=\n', "utf-8")
    settings = load({"APP_ID": "2", "OPENAI_API_KEY": "z"}, env)
    assert (settings.app_id, settings.port, settings.host) == ("2", 9000, "127.0.0.1")
    assert [secret.get_secret_value() for secret in settings.webhook_secrets] == ["a b"]
    assert [key.get_secret_value() for key in settings.openai_api_keys] == ["z"]


def test_a_missing_env_file_is_no_error(tmp_path: Path) -> None:
    """Most installations have none."""
    assert load({}, tmp_path / ".env").port == 8000


def test_an_env_file_of_windows_loses_nothing(tmp_path: Path) -> None:
    """Notepad puts a byte order mark in front of the first name."""
    env = tmp_path / ".env"
    env.write_bytes(b"\xef\xbb\xbfGITHUB_APP_ID=1\r\nPORT=9\r\n")
    assert (load({}, env).app_id, load({}, env).port) == ("1", 9)


def test_an_env_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    """A traceback of a decoder would tell nobody which file to look at."""
    env = tmp_path / ".env"
    env.write_bytes(b"A=\xff\xfe\x00")
    assert complaint({}, env) == f"{env} cannot be read: make it a text file in UTF-8 with NAME=value lines."


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "http", "a number from 1 to 65535 (or 0 for any free port)"),
        ("PORT", "65536", "a number from 1 to 65535 (or 0 for any free port)"),
        ("PORT", "-1", "a number from 1 to 65535 (or 0 for any free port)"),
        ("PORT", "80.5", "a number from 1 to 65535 (or 0 for any free port)"),
        (
            "REVIEWER_SECRET_KEY",
            "x",
            "what `reviewer keys new-master` prints (several with commas while one is changed)",
        ),
        (
            "REVIEWER_SECRET_KEY",
            f"{MASTER},{MASTER[:-4]}",
            "what `reviewer keys new-master` prints (several with commas while one is changed)",
        ),
        ("LOG_LEVEL", "loud", "debug, info, warning, error or critical"),
        ("LOG_FORMAT", "xml", "console or json"),
        ("REVIEWER_MODEL_API", "soap", "responses or chat"),
        ("GITHUB_APP_ID", "my app", "the number or the client id that the GitHub App's settings page shows"),
        ("APP_ID", "my app", "the number or the client id that the GitHub App's settings page shows"),
        ("REVIEWER_DATABASE_URL", "mysql://x", "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"),
        ("DATABASE_URL", "reviewer.db", "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"),
        ("REVIEWER_BOT_NAME", "\udc80", "a plain text"),
        ("OPENAI_API_KEY", "\udc80", "a plain text"),
        ("GITHUB_PRIVATE_KEY", "-----BEGIN \udc80", "a plain text"),
    ],
)
def test_a_bad_value_is_one_sentence_with_the_name_that_was_used(name: str, value: str, expected: str) -> None:
    """No traceback, no pydantic, no value: it may be a secret in the wrong place."""
    assert complaint({name: value}) == f"{name} must be {expected}."


@pytest.mark.parametrize("name", ["GITHUB_API_URL", "OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT"])
@pytest.mark.parametrize(
    "value", ["api.github.com", "ftp://host/x", "https://", "https://host:port/", "https://h/?q=1"]
)
def test_a_bad_address_is_one_sentence(name: str, value: str) -> None:
    """A base address is put in front of paths: scheme and host have to be there, a query cannot be."""
    assert complaint({name: value}).startswith(f"{name} must be an address that begins with https://")


def test_a_bad_value_in_the_env_file_names_the_variable(tmp_path: Path) -> None:
    """The person may never have set an environment variable knowingly; either name may stand in the file."""
    env = tmp_path / ".env"
    for name in ("APP_ID", "GITHUB_APP_ID"):
        env.write_text(f"{name}=my app\n", "utf-8")
        assert complaint({}, env).startswith("GITHUB_APP_ID or APP_ID must be the number or the client id")
    env.write_text("PORT=x\n", "utf-8")
    assert complaint({}, env).startswith("PORT must be a number")


@pytest.mark.parametrize(
    ("name", "value"),
    [("GITHUB_API_URL", "https://ghe.example.com/api/v3/"), ("OPENAI_BASE_URL", "http://127.0.0.1:4020/v1/")],
)
def test_an_address_loses_its_last_slash(name: str, value: str) -> None:
    """Paths are put behind it with a slash of their own."""
    settings = load({name: value})
    assert value.rstrip("/") in {settings.github_api_url, settings.openai_base_url}


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:p%40ss@db/reviewer?sslmode=require",
        "postgresql+psycopg://u@/reviewer?host=/run/pg",
        "sqlite:////var/lib/x.db",
        "sqlite://",
    ],
)
def test_a_database_url_is_kept_as_given(url: str) -> None:
    """Its options belong to the driver."""
    assert load({"DATABASE_URL": url}).database_url == url


def test_words_may_be_written_large() -> None:
    """`LOG_LEVEL=INFO` is how most other programs want it."""
    settings = load({"LOG_LEVEL": "WARNING", "LOG_FORMAT": "JSON", "REVIEWER_MODEL_API": "Chat"})
    assert (settings.log_level, settings.log_format, settings.model_api) == ("warning", "json", "chat")


def test_what_is_missing_for_a_github_app_is_named() -> None:
    """Setup mode, `doctor` and `/readyz` say which variables are left."""
    assert load({"APP_ID": "1"}).missing_credentials() == ("GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET")
    whole = load({"APP_ID": "1", "PRIVATE_KEY": pem(), "WEBHOOK_SECRET": "s"})
    assert (whole.missing_credentials(), whole.has_credentials) == ((), True)
    assert not load({"APP_ID": "1", "PRIVATE_KEY": pem(), "WEBHOOK_SECRET": " , "}).has_credentials


@pytest.mark.parametrize(
    ("environ", "has"),
    [
        ({}, False),
        ({"OPENAI_API_KEY": "k"}, True),
        ({"OPENAI_API_KEY": ","}, False),
        ({"OPENAI_BASE_URL": "http://localhost:11434/v1"}, True),
        ({"AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com"}, True),
        ({"AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com", "AZURE_OPENAI_API_KEY": "k"}, True),
    ],
)
def test_a_model_is_there_with_a_key_or_a_compatible_server(environ: dict[str, str], has: bool) -> None:
    """A server on the own machine may want no key."""
    assert load(environ).has_model is has


def test_master_keys_may_lie_in_a_file(tmp_path: Path) -> None:
    """One a line or with commas; what is in the variable comes first; a file that holds none is told."""
    file, other = tmp_path / "masters", "B" * 43 + "="
    file.write_text(f"{MASTER}\n{other}\n")
    settings = load({"REVIEWER_SECRET_KEY_PATH": str(file)})
    assert [key.get_secret_value() for key in settings.secret_keys] == [MASTER, other]
    assert MASTER not in repr(settings)
    assert MASTER in settings.secrets()
    both = load({"REVIEWER_SECRET_KEY_PATH": str(file), "REVIEWER_SECRET_KEY": other})
    assert [key.get_secret_value() for key in both.secret_keys] == [other]
    for text in ("", " \n", "not one", f"{MASTER}x"):
        file.write_text(text)
        assert complaint({"REVIEWER_SECRET_KEY_PATH": str(file)}) == (
            f"REVIEWER_SECRET_KEY_PATH names {str(file)!r}, which does not hold what `reviewer keys new-master` prints."
        )
    assert "which cannot be read" in complaint({"REVIEWER_SECRET_KEY_PATH": str(tmp_path / "gone")})


def test_secrets_never_show_in_repr() -> None:
    """Settings end up in tracebacks and debug logs."""
    secret = {
        "PRIVATE_KEY": pem(),
        "WEBHOOK_SECRET": "hush-1,hush-2",
        "OPENAI_API_KEY": "hush-3",
        "AZURE_OPENAI_API_KEY": "hush-4",
        "REVIEWER_OPERATOR_TOKEN": "hush-5",
        "DATABASE_URL": "postgresql://u:hush-6@db/x",
        "OPENAI_BASE_URL": "https://u:hush-7@host/v1",
    }
    settings = load(secret)
    for shown in (repr(settings), str(settings)):
        assert "hush" not in shown
        assert "PRIVATE KEY" not in shown
    assert {"hush-1", "hush-2", "hush-3", "hush-4", "hush-5", "hush-6", pem()} <= set(settings.secrets())


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("postgresql://u:p%40ss%2Fw0rd@db/x", "p@ss/w0rd"),
        ("postgresql://u:p%40ss%2Fw0rd@db/x", "p%40ss%2Fw0rd"),
        ("postgresql://u:pa/ss?wo#rd@db/x", "pa/ss?wo#rd"),
        ("postgresql://db/x?user=u&password=pass+w%30rd", "pass w0rd"),
    ],
)
def test_the_databases_password_is_known_as_drivers_say_it(address: str, password: str) -> None:
    """As it is written and as it is meant: an error may hold either."""
    assert password in load({"DATABASE_URL": address}).secrets()


def test_a_short_operator_token_is_taken_and_told() -> None:
    """It works as before; the start warns of one that can be guessed."""
    assert load({"REVIEWER_OPERATOR_TOKEN": "x" * 15}).guessable
    assert not load({"REVIEWER_OPERATOR_TOKEN": "x" * 16}).guessable
    assert not load({}).guessable


def test_settings_are_frozen() -> None:
    """Read once: nobody changes them on the way."""
    settings = load({})
    with pytest.raises(ValidationError):
        settings.port = 1


@pytest.mark.parametrize("keys", ["sk-\u00fc", "sk a", "sk-good,sk-a\nb"])
def test_what_is_no_key_is_told_at_the_start(keys: str) -> None:
    """Not by each pull request, and without repeating it."""
    with pytest.raises(UsageError, match="OPENAI_API_KEY does not work: it holds a character that no key has") as said:
        load({"OPENAI_API_KEY": keys})
    assert "sk" not in str(said.value)


@pytest.mark.parametrize(
    ("headers", "which"),
    [
        ("Authorization: Bearer hush", "this is no such pair"),
        ("a=1,hush", "entry 2 of 2"),
        ("a=1,b=", "entry 2 of 2"),
        ("=hush", "this"),
        ("a b=hush", "this"),
        ("a=hush%0d%0ab: c", "this"),
        ("a=hush%E2%82%AC", "this"),
        ("a=hush%E2", "this"),
    ],
)
def test_headers_for_the_collector_are_told_at_the_start(headers: str, which: str) -> None:
    """One that is none would be lost, or break each batch, and the traces would stay away; it is not repeated."""
    said = complaint({"OTEL_EXPORTER_OTLP_HEADERS": headers})
    assert said.startswith(
        f"OTEL_EXPORTER_OTLP_HEADERS does not work: write name=value,name=value, with %2C for a comma within a value; {which}"
    )
    assert "hush" not in said


@pytest.mark.parametrize("headers", ["x-key=a==", "a=1, b = Basic%20eA== ,", "authorization=Bearer x.y", "a=%C3%BC%2C"])
def test_headers_for_the_collector_may_be_written_in_many_ways(headers: str) -> None:
    given = load({"OTEL_EXPORTER_OTLP_HEADERS": headers}).otel_headers
    assert given
    assert given.get_secret_value() == headers
