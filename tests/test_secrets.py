"""The kept rule sets find providers' tokens in any text, without network, and say so when they cannot look."""

from __future__ import annotations

import asyncio
import os
import random
import string
from pathlib import Path

import pytest
from planted import Planted

from reviewer.core.errors import OutsideError
from reviewer.core.redaction import redact_text
from reviewer.core.types import Finding, Secret, Severity
from reviewer.redacting import clean, scrub
from reviewer.secrets import RuleSet

_DICE = random.Random(20)  # canaries are made up here, so that no scanner stops this repository
_SETS = {
    "a": string.ascii_letters + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "U": string.ascii_uppercase + "234567",
    "h": "0123456789abcdef",
    "B": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",  # bech32
    "d": string.digits,
    "b": string.ascii_letters + string.digits + "_-",
}


def _made(form: str) -> str:
    """`ghp_ a36`: words as they are, and 36 letters or digits; a leading `=` keeps a word that would read as a set."""
    parts = []
    for part in form.split():
        kind, size = part[0], part[1:]
        literal = kind == "=" or kind not in _SETS or not size.isdigit()
        parts.append(part.removeprefix("=") if literal else "".join(_DICE.choices(_SETS[kind], k=int(size))))
    return "".join(parts)


# Provider tokens, as their documentation describes them.
FORMS = """
AKIA U16|ASIA U16|ABIA U16|ACCA U16|ghp_ a36|gho_ a36|ghu_ a36|ghs_ a36|ghr_ a36|github_pat_ a22 _ a59|glpat- b20|gldt- b20
glrt- b20|glptt- h40|xoxb- d12 - d12 - a24|xoxp- d12 - d12 - d12 - h32|xapp-1-A a10 - d13 - h64
https://hooks.slack.com/services/T U8 /B U8 / a24|sk_live_ a24|rk_live_ a24|sk_test_ a24|npm_ a36|pypi-AgEIcHlwaS5vcmc b70
SG. b22 . b43|AIza b35|ya29. b60|GOCSPX- b28|sk-ant-api03- b93 AA|sk-ant-admin01- b93 AA|sk- a20 T3BlbkFJ a20|sk-proj- b74 T3BlbkFJ b74
hf_ a34|r8_ a37|gsk_ a52|xai- a80|pplx- a48|dop_v1_ h64|doo_v1_ h64|dor_v1_ h64|shpat_ h32|shpss_ h32|shpca_ h32|shppa_ h32
sq0atp- b22|sq0csp- b43|EAAA b60|key- h32|SK h32|dapi h32|NRAK- U27|hvs. b95|hvb. b140|dckr_pat_ b27|PMAK- h24 - h34|lin_api_ a40
figd_ b40|pul- h40|rubygems_ h48|glsa_ a32 _ h8|glc_ b60|CFPAT- b43|pscale_tkn_ b43|pscale_pw_ b43|sntrys_ a80|phc_ a43
dp.pt. a43|tfp_ a59|EZAK a54|ATATT3xFfGF0 b180 =4F5A3B2C|ntn_ d11 a35|secret_ a43|v1.0- h24 - h146|FLWSECK_TEST- h32 -X|shippo_live_ h40
d9 :AA b33|LTAI a20|AGE-SECRET-KEY-1 B58|sbp_ h40|rnd_ a28|re_ a8 _ a24
""".replace("\n", "|")
CANARIES = [_made(form) for form in FORMS.split("|") if form]

CONTEXTS = [
    "TOKEN={}",
    'x = "{}"  # kingfisher:ignore gitleaks:allow pragma: allowlist secret nosec',
    '{{"value": "{}", "name": "a"}}',
    "  - value: {}\n    name: b",
    "see {} in the log",
    "https://example.org/?access_token={}&page=2",
]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    return RuleSet(cache=tmp_path_factory.getbasetemp().parent / "kingfisher-rules")


TOKENLIKE = "a1b2c3d4e5f6"  # what has nothing like it is not given to the program


def test_the_canaries_are_many() -> None:
    """The table below would hold if it were empty."""
    assert len(CANARIES) >= 60
    assert len(set(CANARIES)) == len(CANARIES)


def test_no_canary_gets_through(rules: RuleSet) -> None:
    """Every provider's token is cut out of code, JSON, YAML, prose and URLs, whatever the author writes beside it."""
    texts = [context.format(canary) for context in CONTEXTS for canary in CANARIES]
    found = asyncio.run(rules.find(texts))
    canaries = CANARIES * len(CONTEXTS)
    redacted = [redact_text(text, secrets) for text, secrets in zip(texts, found, strict=True)]
    assert [text for text, left, canary in zip(texts, redacted, canaries, strict=True) if canary in left] == []


def test_a_text_is_searched_whatever_it_looks_like(rules: RuleSet) -> None:
    """A text that begins like an archive, holds NULs, half a surrogate or one line of 400,000 characters is searched."""
    token = _made("ghp_ a36")
    starts = ["PK\x03\x04", "\x89PNG\r\n\x1a\n\0\0", "\0\0\0", "\ud800", "\x1f\x8b\x08", "x" * 400_000, "é\r\n\r"]
    found = asyncio.run(rules.find([f"{start} {token} {start}" for start in starts]))
    assert [token in [secret.value for secret in one] for one in found] == [True] * len(starts)


def test_each_text_has_its_own_findings(rules: RuleSet) -> None:
    """In the order of the texts; an empty text and one that comes twice are answered too, and certainty is known."""
    one, two = _made("ghp_ a36"), _made("AKIA U16")
    found = asyncio.run(rules.find(["", one, f"a\n{two}", "nothing", one]))
    assert [[secret.value for secret in each] for each in found] == [[], [one], [two], [], [one]]
    assert all(secret.certain for each in found for secret in each)


def test_calls_at_the_same_time_all_get_their_answer(rules: RuleSet) -> None:
    """More calls than there are places for processes wait for one another."""
    tokens = [_made("glpat- b20") for _ in range(4)]

    async def all_at_once() -> list[list[list[Secret]]]:
        return await asyncio.gather(*(rules.find([token]) for token in tokens))

    assert [found[0][0].value for found in asyncio.run(all_at_once())] == tokens


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "said nothing"),
        ("echo nonsense", "cannot be read"),
        ('echo \'{"findings": [], "metadata": {"summary": {"blobs_scanned": 0}}}\'', "0 of 1 texts"),
        ("exec sleep 60", "more than 0 s"),
    ],
)
def test_what_did_not_look_found_nothing_out(tmp_path: Path, script: str, said: str) -> None:
    """A program that fails, talks nonsense, skips a text or hangs is an error that says what to do, not a clean text."""
    program = tmp_path / "kingfisher"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with pytest.raises(OutsideError, match=said):
        asyncio.run(RuleSet(cache=tmp_path, program=str(program), seconds=0.3).find([TOKENLIKE]))


def test_ordinary_words_need_no_program(tmp_path: Path) -> None:
    """Most answers of a model hold nothing that could be a token: nobody waits a third of a second for each."""
    rules = RuleSet(cache=tmp_path, program=str(tmp_path / "none"))
    words = ["`total` is divided by an empty list's length (line 40).", "", "src/app.py:34 never awaits `send_all`"]
    assert asyncio.run(rules.find(words)) == [[], [], []]


def test_a_missing_program_is_an_error(tmp_path: Path) -> None:
    """The wheel of another platform has none."""
    with pytest.raises(OutsideError, match="install `kingfisher-bin`"):
        asyncio.run(RuleSet(cache=tmp_path, program=str(tmp_path / "none")).find([TOKENLIKE]))


def test_whoever_is_cancelled_leaves_no_program_behind(tmp_path: Path) -> None:
    """It is ended at once, so that the next one finds a place and a machine that is free."""
    program = tmp_path / "kingfisher"
    program.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/pid.part\nmv {tmp_path}/pid.part {tmp_path}/pid\nexec sleep 60\n"
    )
    program.chmod(0o755)

    async def cancelled() -> int:
        search = asyncio.create_task(RuleSet(cache=tmp_path, program=str(program)).find([TOKENLIKE]))
        while not (tmp_path / "pid").exists():  # noqa: ASYNC110 - it is another process that writes it
            await asyncio.sleep(0.01)
        search.cancel()
        await asyncio.wait([search])
        assert search.cancelled()
        return int((tmp_path / "pid").read_text())

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(cancelled()), 0)


def test_the_program_sees_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither keys in the environment, nor a text on its command line; and its folder is gone afterwards."""
    program = tmp_path / "kingfisher"
    program.write_text(f'#!/bin/sh\n(env; echo "$@"; echo in $(pwd)) > {tmp_path}/seen\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("OPENAI_API_KEY", "the-key-of-ours")
    with pytest.raises(OutsideError):
        asyncio.run(RuleSet(cache=tmp_path, program=str(program)).find([TOKENLIKE]))
    seen = (tmp_path / "seen").read_text()
    assert "the-key-of-ours" not in seen
    assert TOKENLIKE not in seen
    assert not Path(seen.rpartition("in ")[2].strip()).exists()


def test_what_one_text_shows_is_cut_out_of_all() -> None:
    """A title that repeats a value from a file is as telling as the file."""
    token = _made("U20")
    assert asyncio.run(clean([f"key={token}", "no", token], Planted(token, kind="a-token"))) == [
        "key=[secret: a-token]",
        "no",
        "[secret: a-token]",
    ]


def test_the_models_answer_is_scrubbed() -> None:
    """Title, body and quote lose a secret; a suggestion that held one, or a placeholder, goes: it would be applied."""
    token = _made("U20")
    finding = Finding(
        "a.py", 1, None, f"x({token})", Severity.LOW, "bug", 1.0, f"T {token}", f"B {token}", f"y({token})"
    )
    held = Finding("a.py", 1, None, "q", Severity.LOW, "bug", 1.0, "t", "b", "key = '[secret: a-token]'")
    kept = Finding("a.py", 1, None, "q", Severity.LOW, "bug", 1.0, "t", "b", "return 1\n")
    first, second, third = asyncio.run(scrub([finding, held, kept], Planted(token, kind="a-token")))
    assert token not in repr(first)
    assert (first.suggestion, second.suggestion, third) == (None, None, kept)
