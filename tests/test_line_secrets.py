"""A secret anywhere in a pull request, through the whole line: it leaves this machine nowhere, and is told once."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from console import RULES
from world import ADDED, CHANGED, SHOP, World, finding, servers, world
from world_servers import Oracle

from reviewer.core.errors import OutsideError
from reviewer.core.render.review import comment_body
from reviewer.core.types import Finding, Placed, Severity
from reviewer.logs import configure
from reviewer.secrets import RuleSet
from reviewer.standin import events
from reviewer.standin.model_shapes import Fault, Spoken
from reviewer.standin.repository import WHEN

__all__ = ["servers", "world"]

CONFIG = ".github/reviewer.yml"
VALUE = "quiet-harbour-lantern-17"  # only the rule set knows it: it has no secret's shape
CUT = "[secret: planted-token]"
LINE = f'    subtotal = charge("{VALUE}")'
TOLD = "shop.py:2 RIGHT critical: A secret is committed: planted-token"
WITH = CHANGED.replace(ADDED, LINE)
WITHOUT = CHANGED.replace(ADDED, "    subtotal = charge(key())")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What an operator sees who wants to see everything."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # pytest's own must not be closed by `force`
    stream = io.StringIO()
    configure(level="debug", log_format="json", stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def planted(world: World) -> World:
    world.secrets.values.append(VALUE)
    return world


def asked(world: World) -> list[str]:
    """What the model was sent, as JSON."""
    return [json.dumps(request.body, ensure_ascii=False) for request in world.model.requests]


def kept(folder: Path) -> str:
    """All that rests in the database, its journal too."""
    return "".join(path.read_bytes().decode("latin-1") for path in sorted(folder.glob("reviewer.db*")))


def said(world: World) -> str:
    """All that we wrote on the pull request (GitHub itself shows the code beside a comment)."""
    comments = [replace(comment, diff_hunk="") for comment in world.pull.comments]
    return repr((world.pull.reviews, comments, world.pull.issue_comments, world.checks))


def places(world: World, folder: Path, log: io.StringIO) -> dict[str, str]:
    """Every place outside this process where a secret could be met."""
    places = {"request": "\n".join(asked(world)), "database": kept(folder), "posted": said(world)}
    assert all(places.values())  # a place that was not looked into would hold no secret either
    return {**places, "log": log.getvalue()}


def holding(places: Mapping[str, str], *values: str) -> list[tuple[str, str]]:
    return [(value, place) for value in values for place, text in places.items() if value in text]


# --- what is sent, kept, posted and logged ------------------------------------------------------------------------

WORDS = ("added", "removed", "context", "section", "title", "body", "guideline", "instruction", "path", "scoped")
SECRETS = {name: f"{name}-lantern-17-harbour" for name in (*WORDS, "signature", "enclosing")}
FILLER = "".join(f"    step({n})\n" for n in range(8))
PAY = f"def pay(items, key='{SECRETS['enclosing']}'):\n{FILLER}    send('{SECRETS['context']}')\n"
NOTES = f"notes {SECRETS['section']}\n{FILLER}    last\n"
TARIFF = f"def toll(key='{SECRETS['signature']}'):\n    return 1\n{FILLER.replace('    ', '')}\n"
BASE = {
    "pay.py": f"{PAY}    old('{SECRETS['removed']}')\n",
    "notes.txt": NOTES,
    "tariff.py": TARIFF,
    "AGENTS.md": f"Never use {SECRETS['guideline']}.\n",
    "python.md": f"---\napplyTo: '**/*.py'\n---\nThe key is {SECRETS['scoped']}.\n",
    CONFIG: f"""\
review:
  guidelines: [AGENTS.md, python.md]
  instructions: Try {SECRETS["instruction"]} too.
  path_instructions: [{{path: "*.py", instructions: "Or {SECRETS["path"]}."}}]
""",
}
HEAD = {
    "pay.py": f"{PAY}    new('{SECRETS['added']}', toll())\n",
    "notes.txt": NOTES.replace("last", "lost"),
    "tariff.py": f"{TARIFF}more = 1\n",
}


def test_a_secret_leaves_by_no_way(world: World, tmp_path: Path, log: io.StringIO) -> None:
    """Wherever a secret stands, in the code, around it or in people's words, the model sees a placeholder, and neither
    the database nor the pull request nor the log has it.
    """
    world.secrets.values = list(SECRETS.values())
    world.model.findings = [finding(f"    new('{CUT}', toll())", "Seen", path="pay.py", line=11)]
    words = {"title": f"Use {SECRETS['title']}", "body": f"It is {SECRETS['body']}."}
    world.reviews(world.opens(HEAD, base=BASE, **words))
    (text,) = asked(world)
    assert holding(places(world, tmp_path, log), *SECRETS.values()) == []
    assert f"@@ pay.py @@ def pay(items, key='{CUT}')" in text
    assert f"↳ tariff.py: def toll(key='{CUT}')" in text
    assert f"@@ notes.txt @@ notes {CUT}" in text
    assert text.count(CUT) == len(SECRETS)
    assert world.inline == [
        "pay.py:11 RIGHT critical: A secret is committed: planted-token",
        "pay.py:11 RIGHT medium: Seen",  # the line kept its number, and the model's quote of it leads there
    ]


def test_no_token_gets_past_the_real_rules(world: World, tmp_path: Path, log: io.StringIO) -> None:
    """With the rule set that is delivered: a provider's token in code, title and guidelines is sent nowhere."""
    world.tools = replace(world.tools, secrets=RuleSet(cache=RULES))
    tokens = [f"ghp_{'h4Xq9ZtLw2' * 3}{number:06d}" for number in range(3)]
    head = {"shop.py": CHANGED.replace(ADDED, f'    subtotal = charge("{tokens[0]}")')}
    world.reviews(world.opens(head, base={"AGENTS.md": f"Try {tokens[2]}\n"}, title=f"Use {tokens[1]}"))
    assert holding(places(world, tmp_path, log), *tokens) == []
    assert world.verdict == "failure: 1 finding blocks: 1 critical"
    (one,) = world.inline
    assert one.startswith("shop.py:2 RIGHT critical: A secret is committed: ")


def test_half_a_secret_is_no_better(planted: World) -> None:
    """What is cut to its limit is searched before: half of a token would go out as no token."""
    text = f"{'x ' * 3_992}{VALUE}\n"
    planted.reviews(planted.opens(base={"AGENTS.md": text}))
    assert holding({"request": asked(planted)[0]}, VALUE[:8]) == []


def test_a_slip_in_the_configuration_gives_nothing_away(planted: World) -> None:
    """A key pasted into the wrong file is not repeated in the check."""
    planted.reviews(planted.opens(base={CONFIG: f"gate: {{fail_on: {VALUE}}}\n"}))
    assert "`gate.fail_on`" in (planted.check.summary or "")
    assert holding({"posted": said(planted)}, VALUE) == []


def test_without_the_rules_nothing_is_sent(planted: World, tmp_path: Path) -> None:
    """A rule set that cannot look is no clean bill: the model is not asked, and the check says why, as `on_error`."""
    planted.secrets.broken = "the search for secrets failed, so nothing was sent: it is broken"
    with pytest.raises(OutsideError):
        planted.reviews(planted.opens({"shop.py": WITH}, base={CONFIG: "gate: {on_error: failure}"}))
    assert (planted.model.calls, planted.inline) == (0, [])
    assert planted.verdict == "failure: Could not review"
    assert "so nothing was sent: it is broken" in (planted.check.summary or "")
    assert holding({"database": kept(tmp_path), "posted": said(planted)}, VALUE) == []


# --- what the model answers ---------------------------------------------------------------------------------------

LEAKED = finding(
    ADDED,
    f"Title {VALUE}",
    body=f"Body {VALUE}.\n\nMore of {VALUE}.",
    category=VALUE,
    severity="high",
    suggestion=f'    subtotal = charge("{VALUE}")',
)
BENT = {**finding(ADDED), "path": VALUE, "severity": VALUE}


class Chatty(Oracle):
    """A model that says in words what it should have called the function with."""

    def _spoken(self, body: Mapping[str, Any], api: str, number: int, fault: Fault | None) -> Spoken:
        spoken = super()._spoken(body, api, number, fault)
        return replace(spoken, text=VALUE if spoken.text else "", refusal=VALUE if spoken.refusal else "")


def answers(world: World, **settings: Any) -> None:
    world.model = Chatty(**settings)
    world.servers.model.app = world.model.app


def outside(world: World, folder: Path, log: io.StringIO) -> list[tuple[str, str]]:
    """What the model said is on its machine already: the question may repeat it, nothing else."""
    return holding({place: text for place, text in places(world, folder, log).items() if place != "request"}, VALUE)


def test_what_the_model_says_is_scrubbed(planted: World, tmp_path: Path, log: io.StringIO) -> None:
    """A secret in any field of an answer, in an entry that follows no schema, and in the reason of a verdict, is cut out
    before it is kept, posted, or asked about again.
    """
    planted.model.findings = [LEAKED, finding(f"    return {VALUE}", "By its quote", line=3)]
    planted.model.always = [finding(f"x = {VALUE}", "Off the diff", severity="high"), BENT]
    planted.model.verdicts = {f"Title {CUT}": {"holds": True, "reason": f"Since {VALUE}."}}
    planted.reviews(planted.opens())
    assert planted.verdict == "failure: 2 findings block: 2 high"
    assert planted.inline == [f"shop.py:2 RIGHT high: Title {CUT}"]
    assert planted.says(f"Since {CUT}.")
    assert planted.says("Finding 2 was left out: severity is none of critical, high, medium, low")
    assert not planted.says("```suggestion")
    assert planted.model.calls == 3  # once more because of the bent entry, and for the second look
    assert holding({"asked again": asked(planted)[1], "second look": asked(planted)[2]}, VALUE) == []
    assert outside(planted, tmp_path, log) == []


def test_words_instead_of_an_answer_are_not_passed_on(planted: World, tmp_path: Path, log: io.StringIO) -> None:
    """What the model says beside the function, or to refuse, is for nobody."""
    answers(planted, faults=[Fault("text"), Fault("refusal")])
    planted.reviews(planted.opens())
    assert planted.verdict == "neutral: Not fully reviewed: 1 of 1 hunks were not reviewed"
    assert outside(planted, tmp_path, log) == []


def test_an_answer_that_cannot_be_searched_is_not_used(planted: World, tmp_path: Path) -> None:
    """Rules that break while the model answers: nothing of the answer is kept or posted, and the check says why."""
    planted.model.findings = [LEAKED]
    opened = planted.opens()

    def breaks() -> None:
        planted.secrets.broken = "the search for secrets failed"

    planted.while_asked(breaks)
    with pytest.raises(OutsideError):
        planted.reviews(opened)
    assert planted.verdict == "neutral: Could not review"
    assert holding({"database": kept(tmp_path), "posted": said(planted)}, VALUE) == []
    assert planted.inline == []


# --- the finding --------------------------------------------------------------------------------------------------


def test_nobody_is_told_of_a_second_look_that_was_not() -> None:
    """What a deterministic source found was confirmed by nobody: its comment claims no model's word for it."""
    found = Finding("a.py", 1, None, CUT, Severity.CRITICAL, "security", 1.0, "T", "B", source="secrets")
    assert "second look" not in comment_body(Placed(found, None, confirmed=True))


def test_it_is_told_when_the_model_is_away(planted: World) -> None:
    """The check then says both: what blocks, and what nobody reviewed."""
    planted.model.faults = [Fault("server_error")] * 9
    planted.reviews(planted.opens({"shop.py": WITH}))
    assert planted.inline == [TOLD]
    assert planted.verdict == "failure: 1 finding blocks: 1 critical"
    assert "Beside that, 1 of 1 hunks were not reviewed." in (planted.check.summary or "")


def test_it_blocks_is_said_once_and_goes_with_its_line(planted: World) -> None:
    """It needs no second look by the model, is not said again after a push or a force-push of the same change, and is
    gone when the line goes.
    """
    planted.reviews(planted.opens({"shop.py": WITH}))
    assert (planted.verdict, planted.model.calls) == ("failure: 1 finding blocks: 1 critical", 1)
    planted.reviews(planted.pushes({"shop.py": f"import math\n\n\n{WITH}"}))
    base = planted.pull.base_sha = planted.git.commit({"other.py": "x = 1\n"}, when=WHEN + 60)
    planted.reviews(planted.pushes({"shop.py": WITH}, parent=base, when=WHEN + 90))
    assert planted.inline == [TOLD]
    assert planted.verdict == "failure: 1 finding blocks: 1 critical"
    planted.reviews(planted.pushes({"shop.py": WITHOUT}))
    assert planted.verdict == "success: No findings"
    assert planted.says("No longer found on this head")
    assert len(planted.pull.reviews) == 1


def test_it_is_said_once_whatever_its_file_is_called(planted: World) -> None:
    """A renamed file shows what it showed before."""
    planted.reviews(planted.opens({"shop.py": WITH}))
    planted.reviews(planted.pushes({"shop.py": None, "store.py": WITH}))
    assert planted.verdict == "failure: 1 finding blocks: 1 critical"
    assert len(planted.inline) == 1


def test_another_secret_on_a_dismissed_one_s_line_is_told(planted: World) -> None:
    """Who called one a test key has not seen the other; and neither rests in the database."""
    other = "loud-meadow-compass-42"
    planted.secrets.values.append(other)
    planted.reviews(planted.opens({"shop.py": WITH}))
    events.resolve(planted.hub, planted.name, 1, comment=planted.pull.comments[0].id, user="ann")
    planted.reviews(planted.pushes({"shop.py": "# A shop.\n" + WITH}))
    assert planted.verdict == "success: No findings"
    planted.reviews(planted.pushes({"shop.py": "# A shop.\n" + WITH.replace(VALUE, other)}))
    assert planted.verdict == "failure: 1 finding blocks: 1 critical"
    assert len(planted.inline) == 2
    kept = b"".join(file.read_bytes() for file in planted.hub.root.glob("reviewer.db*"))
    assert (b"A secret is committed" in kept, VALUE.encode() in kept) == (True, False)


def test_files_that_nobody_sends_are_searched(planted: World) -> None:
    """A secret in an environment file and in a lock file is told, and neither is sent; one in a file that the
    configuration leaves out is neither told nor sent.
    """
    head = {
        ".env": f"MODE=verbose\nKEY={VALUE}\n",
        "uv.lock": f"url = '{VALUE}'\n",
        "seeds/a.sql": f"-- {VALUE}\n",
        "shop.py": CHANGED,
    }
    planted.reviews(planted.opens(head, base={CONFIG: 'review: {ignore: ["seeds/**"]}'}))
    assert planted.inline == [
        ".env:2 RIGHT critical: A secret is committed: planted-token",
        "uv.lock:1 RIGHT critical: A secret is committed: planted-token",
    ]
    (text,) = asked(planted)
    assert holding({"request": text}, "MODE", ".env", "uv.lock", "seeds", VALUE) == []
    told = planted.check.text or ""
    assert [f"`{path}` (hunk 1): {why}" in told for path, why in IGNORED.items()] == [True] * 3, told


def test_a_lock_file_is_searched_where_nobody_asked_otherwise(planted: World) -> None:
    """Without a configuration lock files are not reviewed, but a secret in one is told."""
    planted.reviews(planted.opens({"uv.lock": f"url = '{VALUE}'\n", "shop.py": CHANGED}))
    assert VALUE not in asked(planted)[0]
    assert planted.inline == ["uv.lock:1 RIGHT critical: A secret is committed: planted-token"]


IGNORED = {".env": "environment file", "uv.lock": "lock file", "seeds/a.sql": "ignored by the configuration"}


def test_what_only_git_shows_is_searched(planted: World, tmp_path: Path, log: io.StringIO) -> None:
    """A file that GitHub gives no patch of comes by git, and goes the same way: reviewed, searched, placed."""
    planted.hub.limits.diff_lines, planted.hub.limits.patch_lines = 10, 50
    rows = [f"row = {row}\n" for row in range(60)]
    rows[30] = f'row = charge("{VALUE}")\n'
    planted.model.findings = [finding("row = 59", "Far", path="large.py", line=60)]
    planted.reviews(planted.opens({"large.py": "".join(rows), "shop.py": SHOP.replace("sum", "fsum")}))
    assert planted.inline == [
        "large.py:31 RIGHT critical: A secret is committed: planted-token",
        "large.py:60 RIGHT medium: Far",
    ]
    assert holding(places(planted, tmp_path, log), VALUE) == []
