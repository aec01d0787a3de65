"""The plan of a review: secrets cut out of all that is to be sent, files sorted out, and every hunk accounted for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from console import RULES
from planted import Planted, outlined

from reviewer import resources
from reviewer.answering import AboutChunks
from reviewer.cleaning import NAMED
from reviewer.commands.prompt import prompt_command
from reviewer.commands.review import review_command
from reviewer.core.anchors import Places
from reviewer.core.config import Config, parse_config
from reviewer.core.diff import parse_diff
from reviewer.core.errors import OutsideError
from reviewer.core.guidelines import Scoped
from reviewer.core.types import Answer, Batch, Diff, Usage
from reviewer.local import Unasked
from reviewer.memory import MemoryAnswers
from reviewer.plan import MOST_READ, Means, Plan, Read, make_plan
from reviewer.question import Question, prompt_for
from reviewer.settings import load
from reviewer.standin.model import StandInModel
from reviewer.standin.server import serve

VALUES = tuple(f"{word}-lantern-17-harbour" for word in ("title", "body", "all", "path", "guide", "scoped", "code"))
TITLE, BODY, ALL, PATH, GUIDE, SCOPED, CODE = VALUES
CUT = "[secret: planted-token]"


class Quarter:
    """A token is four characters."""

    def count(self, text: str) -> int:
        return len(text) // 4


class Shelf:
    """The files at head; it remembers what was asked for."""

    def __init__(self, texts: Mapping[str, str] | None = None, *, broken: bool = False) -> None:
        self.texts, self.broken = texts or {}, broken
        self.asked: list[str] = []

    async def __call__(self, paths: Sequence[str]) -> Mapping[str, str | None]:
        self.asked += paths
        if self.broken:
            raise OutsideError("no file can be read")
        return {path: self.texts.get(path) for path in paths}


def change(*paths: str, line: str = "x = 2", status: str = "") -> str:
    """One line of each file; `status`: what git says above the names."""
    return "".join(
        f"diff --git a/{path} b/{path}\n{status}--- a/{path}\n+++ b/{path}\n@@ -9 +9 @@\n-x = 1\n+{line}\n"
        for path in paths
    )


def question(**changes: Any) -> Question:
    base: dict[str, Any] = {"installation": 1, "repository": "octo/shop", "config": Config(), "model": Unasked("m")}
    return Question(**{**base, "prompt": resources.prompt_files()["review"], **changes})


def planned(diff: str, *, read: Read | None = None, secrets: Planted | None = None, **changes: Any) -> Plan:
    asked = question(**changes)
    means = Means(MemoryAnswers(), Quarter, secrets or Planted(*VALUES), outlined, lambda: 0.0, read=read)
    return asyncio.run(make_plan(parse_diff(diff), asked, means))


def sent(plan: Plan) -> str:
    prompt = prompt_for(Batch(plan.chunks), plan.question)
    return prompt.system + prompt.user


def test_every_word_keeps_its_place() -> None:
    """What people said is searched whole, and each text goes back to where it was, without its secret alone."""
    text = f"review: {{instructions: 'In {ALL}.', path_instructions: [{{path: '*.py', instructions: 'Of {PATH}.'}}]}}"
    config, problems = parse_config(text, name=".reviewer.yml")
    assert not problems
    plan = planned(
        change("a.py", line=f"x = '{CODE}'"),
        config=config,
        title=f"A {TITLE}",
        body=f"B {BODY}",
        guidelines=(("G.md", f"G {GUIDE}"),),
        scoped=(Scoped("S.md", ("*.py",), f"S {SCOPED}"),),
    )
    asked, review = plan.question, plan.question.config.review
    assert (asked.title, asked.body, review.instructions) == (f"A {CUT}", f"B {CUT}", f"In {CUT}.")
    assert [(each.path, each.instructions) for each in review.path_instructions] == [("*.py", f"Of {CUT}.")]
    assert asked.guidelines == (("G.md", f"G {CUT}"),)
    assert asked.scoped == (Scoped("S.md", ("*.py",), f"S {CUT}"),)
    assert [value for value in VALUES if value in sent(plan)] == []
    assert sent(plan).count(CUT) == len(VALUES)


def test_what_one_place_shows_is_cut_out_of_all() -> None:
    """A signature at head that holds what the title gave away gives nothing away either."""
    shelf = Shelf({"a.py": f"def f(key='{TITLE}'):" + "\n    a()" * 9})
    plan = planned(change("a.py"), read=shelf, title=TITLE)
    assert f"@@ a.py @@ def f(key='{CUT}')" in sent(plan)
    assert TITLE not in sent(plan)


def test_a_number_is_cut_out_too() -> None:
    """A value needs no quotes to be one: what the diff gave away is not sent in a signature either."""
    number = "8361927450"
    shelf = Shelf({"a.py": f"def f(pin={number}):" + "\n    a()" * 9})
    plan = planned(change("a.py", line=f"PIN = '{number}'"), read=shelf, secrets=Planted(number))
    assert "@@ a.py @@ def f(pin=" in sent(plan)
    assert number not in sent(plan)


def test_a_file_s_name_gives_nothing_away() -> None:
    """A file whose name holds a secret is not sent at all, and is told under a name without it."""
    plan = planned(change(f"keys/{CODE}.py", line=f"x = '{CODE}'"))
    assert plan.chunks == ()
    assert [(covered.hunk.path, covered.reason) for covered in plan.ignored] == [(f"keys/{CUT}.py", NAMED)]


@pytest.mark.parametrize(("field", "room"), [("title", 300), ("body", 20_000), ("category", 40), ("severity", 40)])
def test_half_a_secret_in_an_answer_is_no_better(field: str, room: int) -> None:
    """A text that is too long is searched before it is cut: half of a token would be posted as no token."""
    entry = {"path": "a.py", "line": 9, "quote": "x = 2", "severity": "low", "title": "T", "body": "B"}
    said = json.dumps({"findings": [{**entry, field: f"{'a ' * 9_999}"[: room - 12] + CODE}]})
    asked = question()
    about = AboutChunks(asked, MemoryAnswers(), Planted(CODE), Places(Diff()))
    reading = asyncio.run(about.read(Answer(said, Usage(), "m")))
    assert reading.said.findings or reading.said.rejects
    assert CODE[:8] not in repr(reading)


def test_without_the_rules_there_is_no_plan() -> None:
    """Nothing may be sent then; nor where they break at the signatures."""
    broken = Planted()
    broken.broken = "they cannot look"
    with pytest.raises(OutsideError, match="cannot look"):
        planned(change("a.py"), secrets=broken, read=Shelf())


def test_what_cannot_be_read_is_done_without() -> None:
    """Context is a help: the plan without it has every line."""
    shelf = Shelf(broken=True)
    plan = planned(change("a.py"), read=shelf)
    assert (shelf.asked, [chunk.path for chunk in plan.chunks]) == (["a.py"], ["a.py"])


AT_HEAD = {"a.py": "def f():" + "\n    a()" * 9, "auth.py": "def g():" + "\n    a()" * 9}


def keys(plan: Plan, path: str) -> list[str]:
    """By which answers are kept."""
    return [chunk.key for chunk in plan.chunks if chunk.path == path]


def test_a_failed_read_has_nothing_paid_for_twice() -> None:
    """What was answered without context is answered, though the next run can read the files; and the other way."""
    with_context, without = (planned(change("a.py"), read=Shelf(AT_HEAD, broken=broken)) for broken in (False, True))
    assert keys(with_context, "a.py") == keys(without, "a.py")


def test_a_riskier_file_takes_no_other_s_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more files changed than are read for context, one that joins them does not have another paid for again."""
    monkeypatch.setattr("reviewer.plan.MOST_READ", 1)
    before, after = (planned(change(*paths), read=Shelf(AT_HEAD)) for paths in (("a.py",), ("a.py", "auth.py")))
    assert keys(before, "a.py") == keys(after, "a.py")


def test_only_files_that_need_it_are_read() -> None:
    """Not what is new or gone, not what nobody reviews, no more than MOST_READ, of these the riskiest."""
    shelf = Shelf()
    many = [f"docs/{number}.md" for number in range(MOST_READ)]
    diff = change("new.py", status="new file mode 100644\n") + change("gone.py", status="deleted file mode 100644\n")
    diff += change("go.sum", ".env", "old.txt", *many, "auth.py")
    planned(diff, read=shelf)
    assert len(shelf.asked) == MOST_READ
    assert {"old.txt", "auth.py"} >= {path for path in shelf.asked if not path.startswith("docs/")} >= {"auth.py"}


def test_nothing_to_review_counts_nothing() -> None:
    """The ranks of the tokenizer weigh 66 MB: a change of lock files alone does not load them."""

    def tokens() -> Quarter:
        raise AssertionError

    asked = question()
    means = Means(MemoryAnswers(), tokens, Planted(), outlined, lambda: 0.0)
    plan = asyncio.run(make_plan(parse_diff(change("go.sum")), asked, means))
    assert (plan.chunks, [covered.reason for covered in plan.ignored]) == ((), ["lock file"])


# --- the commands -------------------------------------------------------------------------------------------------


def test_prompt_prints_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`reviewer prompt` shows what would be sent: with the delivered rules, neither a token nor a password of it."""
    monkeypatch.setattr("reviewer.commands.kit.O200k", Quarter)  # quicker
    monkeypatch.setenv("KF_RULE_CACHE_DIR", str(RULES))
    token = f"ghp_{'h4Xq9ZtLw2' * 3}000000"
    diff = tmp_path / "x.diff"
    diff.write_text(f"--- a/x.py\n+++ b/x.py\n@@ -1 +1,3 @@\n a = 1\n+b = '{token}'\n+password = 'trout-Mask9'\n")
    assert prompt_command(load({}), None, repo=tmp_path, diff=diff) == 0
    shown = capsys.readouterr()
    assert [value for value in (token, "trout-Mask9") if value in shown.out + shown.err] == []
    assert shown.out.count("[secret: ") >= 2


def test_json_has_every_hunk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`reviewer review --format json` names each hunk with what became of it, and why where nobody looked."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("reviewer.commands.kit.O200k", Quarter)  # quicker
    guide = "".join(f"+Line {n} of the guide.\n" for n in range(300))
    new = "new file mode 100644\n--- /dev/null\n+++ b/docs/guide.md\n@@ -0,0 +1,300 @@\n"
    diff = tmp_path / "x.diff"
    written = change("a.py", "auth.py", "go.sum")
    diff.write_text(written + f"diff --git a/docs/guide.md b/docs/guide.md\n{new}{guide}")
    model = StandInModel()
    with serve(model.app) as url:
        variables = {"OPENAI_API_KEY": "sk-one", "OPENAI_BASE_URL": f"{url}/v1", "REVIEWER_MAX_TOKENS": "1500"}
        assert review_command(load(variables), None, repo=tmp_path, diff=diff, output="json", fail_on=None) == 2
    coverage = json.loads(capsys.readouterr().out)["coverage"]
    known = ("path", "hunk", "new_start", "fate", "reason")
    assert [tuple(hunk[name] for name in known) for hunk in coverage["hunks"]] == [
        ("a.py", 0, 9, "reviewed", ""),
        ("auth.py", 0, 9, "reviewed", ""),
        ("go.sum", 0, 9, "ignored", "lock file"),
        ("docs/guide.md", 0, 1, "not reviewed", "over the review's budget of 1,500 tokens"),
    ]
    assert (coverage["complete"], coverage["covered"], coverage["reviewable"]) == (False, 2, 3)
