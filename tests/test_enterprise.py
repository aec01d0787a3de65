"""Behind a company's proxy and with a company's own certificates: GitHub, git, the model and the collector alike."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from asker import Asker, review, standin
from collector import collecting
from console import reviewer
from forge import NAME, Forge, a_key, forge_at
from secured import FAR, HOST, Company, company, gate, secured

from reviewer.certificates import READ_BY, trust
from reviewer.core.errors import ModelError, UsageError
from reviewer.git import Remote, fetched_diff
from reviewer.proxies import proxy_for
from reviewer.settings import load
from reviewer.standin.events import push
from reviewer.standin.github import StandIn
from reviewer.standin.model import StandInModel
from reviewer.tracing import Tracing, _Seldom, tracing

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
PASSWORD = "w0rd-of-ann"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set on this machine; what `trust` sets goes with the test."""
    for name in (*PROXIES, *(name.lower() for name in PROXIES), *READ_BY, "SSL_CERT_DIR", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return company(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    with forge_at(tmp_path_factory.mktemp("forge")) as forge:
        yield forge


@pytest.fixture(scope="module")
def at(forge: Forge, own: Company) -> Iterator[str]:
    assert isinstance(forge.hub, StandIn)
    with secured(forge.hub.app, own) as url:
        yield url


@pytest.fixture(scope="module")
def model(own: Company) -> Iterator[tuple[StandInModel, str]]:
    model = standin()
    with secured(model.app, own) as url:
        yield model, url


def far(url: str) -> str:
    return url.replace(HOST, FAR)


def ready(forge: Forge, url: str) -> str:
    return forge.run(lambda app: app.ready(), url=f"{url}/api/v3")


def lacks(forge: Forge, url: str) -> str:
    """What git says of the pull request's branch."""
    hub = forge.hub
    token = hub.issue_token(hub.install("octo"), repositories=None, permissions={"contents": "read"})
    remote = Remote(f"{url}/{NAME}.git", token.value, proxy_for(url) or "")
    base, head = forge.stands.base_sha, forge.stands.head_sha
    return asyncio.run(fetched_diff(remote, base, head, merge_base=base)).lacks


# --- certificates -------------------------------------------------------------------------------------------------


def test_an_unknown_certificate_is_refused_with_what_to_do(
    forge: Forge, at: str, model: tuple[StandInModel, str]
) -> None:
    sentence = "nobody whom this machine trusts has signed the certificate of 127.0.0.1"
    assert sentence in (said := ready(forge, at))
    assert "REVIEWER_CA_BUNDLE" in said
    assert "REVIEWER_CA_BUNDLE" in lacks(forge, at)
    refused = Asker(model[1], tries=1).fails(review())
    assert sentence in str(refused)
    assert "REVIEWER_CA_BUNDLE" in str(refused)


def test_the_bundle_reaches_everything(forge: Forge, at: str, model: tuple[StandInModel, str], own: Company) -> None:
    """GitHub, git, the model; and requests, with which Azure and the collector are asked."""
    trust(own.bundle)
    assert (ready(forge, at), lacks(forge, at)) == ("", "")
    assert Asker(model[1]).ask(review())[0].fault == ""
    assert requests.get(f"{at}/api/v3/app", timeout=10).status_code == 401


def test_the_bundle_is_added(own: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the system's, or to what SSL_CERT_FILE and SSL_CERT_DIR name; the file is the same at the next start."""
    trust(own.bundle)
    first = Path(os.environ["SSL_CERT_FILE"])
    text = first.read_bytes()
    assert own.bundle.read_bytes().strip() in text
    assert text.count(b"BEGIN CERTIFICATE") > 20
    others = company(tmp_path)
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "one.pem").write_bytes(others.chain.read_bytes())
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    monkeypatch.setenv("SSL_CERT_FILE", str(others.bundle))
    for name in READ_BY[1:]:
        monkeypatch.delenv(name)
    trust(own.bundle)
    assert Path(os.environ["GIT_SSL_CAINFO"]).read_bytes().count(b"BEGIN CERTIFICATE") == 3
    kept = Path(os.environ["GIT_SSL_CAINFO"])
    trust(own.bundle)
    assert Path(os.environ["GIT_SSL_CAINFO"]) == kept


def test_the_collector_is_reached_like_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """One on this machine past the proxy; what is said of a certificate that nobody knows tells what to do."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with collecting() as here:
        trace = tracing(f"{here.url}/v1/traces")
        assert isinstance(trace, Tracing)
        with trace.embedding("m"):
            pass
        trace.close()
        assert here.bodies
    said = "SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer certificate"
    record = logging.LogRecord("otlp", logging.WARNING, "", 1, "Failed: %s", (said,), None)
    assert _Seldom(1).filter(record)
    assert "REVIEWER_CA_BUNDLE" in record.getMessage()


def test_without_a_bundle_nothing_is_changed(own: Company, tmp_path: Path) -> None:
    environ = {"SSL_CERT_FILE": str(own.bundle)}
    trust(None, environ)
    assert environ == {"SSL_CERT_FILE": str(own.bundle)}
    with pytest.raises(UsageError, match=r"SSL_CERT_FILE names '/nowhere.pem', which cannot be read"):
        trust(None, {"SSL_CERT_FILE": "/nowhere.pem"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"", "holds no certificate in PEM"),
        (b"\x30\x82\x01", "openssl x509 -inform der"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "damaged certificate"),
    ],
)
def test_a_bad_bundle_is_told_at_the_start(text: bytes | None, words: str, tmp_path: Path) -> None:
    """By the server as by the local tool, in one sentence, with exit code 2."""
    bundle = tmp_path / "bundle.pem"
    if text is not None:
        bundle.write_bytes(text)
    with pytest.raises(UsageError, match="REVIEWER_CA_BUNDLE names") as raised:
        trust(load({"REVIEWER_CA_BUNDLE": str(bundle)}).ca_bundle)
    assert words in str(raised.value)
    if text is None:
        done = reviewer("keys", "list", at=tmp_path, REVIEWER_CA_BUNDLE=str(bundle))
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "REVIEWER_CA_BUNDLE" in done.err


@pytest.mark.parametrize(
    ("url", "mend"),
    [
        ("https://github.com", "the API is at https://api.github.com"),
        ("https://acme.ghe.com/", "the API is at https://api.acme.ghe.com"),
        ("https://api.acme.ghe.com", ""),
        ("https://github.acme.example/api/v3", ""),
    ],
)
def test_the_address_of_the_pages_is_not_the_apis(url: str, mend: str) -> None:
    if not mend:
        assert load({"GITHUB_API_URL": url}).github_api_url == url
        return
    with pytest.raises(UsageError, match=mend):
        load({"GITHUB_API_URL": url})


# --- proxies ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://api.github.com", "http://proxy:3128"),
        ("http://ghe.example/api/v3", None),
        ("https://ghe.inside.example/api/v3", None),
        ("https://port.example:8443/api/v3", None),
        ("https://port.example/api/v3", "http://proxy:3128"),
        ("https://10.1.2.3/api/v3", None),
        ("https://11.1.2.3/api/v3", "http://proxy:3128"),
        ("https://[fd00::7]:8443/api/v3", None),
        ("https://127.0.0.1:9/api/v3", None),
        ("https://[::1]:9/api/v3", None),
    ],
)
def test_which_proxy_is_used(url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's settings name, as other programs read them; none for a server on this machine."""
    monkeypatch.setenv("HTTPS_PROXY", "proxy:3128")
    monkeypatch.setenv("NO_PROXY", ".inside.example, port.example:8443,10.0.0.0/8,[fd00::7]")
    assert proxy_for(url) == proxy


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("socks5://ann:w0rd@proxy:1080", "a SOCKS proxy, which reviewer cannot use"),
        ("http://ann:w0rd#x@proxy:3128", "%23, %2F and %40"),
        ("http://proxy:none", "names no proxy"),
        ("ftp://proxy:21", "names no proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_at_the_start(
    forge: Forge, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variable's name, and without the password."""
    monkeypatch.setenv("all_proxy", value)
    with pytest.raises(UsageError, match="all_proxy") as raised:
        forge.app(url="https://api.github.com")
    assert words in str(raised.value)
    assert "w0rd" not in str(raised.value)
    with pytest.raises(ModelError, match="all_proxy"):
        Asker("https://models.example")


def test_everything_goes_by_the_proxy(
    forge: Forge, at: str, model: tuple[StandInModel, str], own: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a name and a password; in lower case too."""
    trust(own.bundle)
    with gate(PASSWORD) as seen:
        monkeypatch.setenv("https_proxy", seen.url)
        assert (ready(forge, far(at)), lacks(forge, far(at))) == ("", "")
        assert Asker(far(model[1])).ask(review())[0].fault == ""
    hosts = {asked.partition(" ")[2] for asked in seen.asked}
    assert hosts == {far(url).partition("//")[2] for url in (at, model[1])}


def said_by_all(forge: Forge) -> tuple[str, str, str]:
    url = f"https://{FAR}:9"
    return ready(forge, url), str(Asker(url, tries=1).fails(review())), lacks(forge, url)


def test_a_proxy_that_wants_a_name_is_named(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its variable; the password that is wrong is not repeated."""
    with gate(PASSWORD) as seen:
        monkeypatch.setenv("HTTPS_PROXY", seen.url.replace(PASSWORD, "0ther"))
        for said in said_by_all(forge):
            assert "407" in said
            assert "HTTPS_PROXY" in said
            assert "0ther" not in said


def test_a_proxy_that_is_down_is_named(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:w0rd@127.0.0.1:9")
    github, model, git = said_by_all(forge)
    assert "the proxy that HTTPS_PROXY names cannot be reached" in github
    assert f"put {FAR} into NO_PROXY" in model
    assert "could not reach" in git
    assert "w0rd" not in github + model + git


@pytest.mark.slow  # a process of its own: five seconds
def test_a_review_behind_all_of_it(
    forge: Forge, at: str, model: tuple[StandInModel, str], own: Company, tmp_path: Path
) -> None:
    """The program, with a proxy that asks for a name and a bundle in `.env`: the check on GitHub has ended."""
    forge.reset()
    hub = forge.hub
    event = push(hub, NAME, 1)
    (tmp_path / "event.json").write_text(json.dumps(event.payload), encoding="utf-8")
    (tmp_path / ".env").write_text(f"REVIEWER_CA_BUNDLE={own.bundle}\n", encoding="utf-8")
    variables = {
        "GITHUB_APP_ID": str(hub.app_id),
        "GITHUB_PRIVATE_KEY": a_key(),
        "GITHUB_WEBHOOK_SECRET": "it-is-only-a-stand-in",
        "GITHUB_API_URL": f"{far(at)}/api/v3/",
        "OPENAI_API_KEY": "sk-far",
        "OPENAI_BASE_URL": f"{far(model[1])}/v1",
        "LOG_LEVEL": "error",
    }
    with gate(PASSWORD) as seen:
        done = reviewer(
            "receive", "event.json", "--event", "pull_request", at=tmp_path, HTTPS_PROXY=seen.url, **variables
        )
    assert (done.code, PASSWORD in done.out + done.err) == (0, False), done.err
    [check] = hub.check_runs(forge.stands.head_sha)
    assert (check.status, check.conclusion) == ("completed", "success"), check.summary
