"""Odd changes and odd answers, each through the whole line: a clear sentence, no hung check, no good finding lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from world import World, finding, servers, world

from reviewer.standin.model_shapes import Fault
from reviewer.standin.repository import read_folder

__all__ = ["servers", "world"]

CASES = Path(__file__).parent.parent / "fixtures" / "cases"


def read(case: Path, name: str) -> dict[str, Any]:
    path = case / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def prepare(world: World, answers: dict[str, Any]) -> None:
    """What the model will say: findings where their code is shown, `always` everywhere, `said` to the letter."""
    model = world.model
    model.findings = [finding(**entry) for entry in answers.get("findings", ())]
    model.always = [finding(**entry) for entry in answers.get("always", ())]
    many = range(answers.get("many", 0))
    model.always += [finding(f"of nowhere {n}", f"Number {n}", body="It fails. " * 1_000) for n in many]
    model.faults = [Fault(kind) for kind in answers.get("faults", ())]
    model.said = list(answers.get("said", ()))


def head_of(case: Path) -> Any:
    """The changed files with those that are gone, or a patch; None for the usual change."""
    if (case / "diff.patch").exists():
        return (case / "diff.patch").read_bytes()
    if not (case / "base").is_dir():
        return None
    return {**dict.fromkeys(read_folder(case / "base")), **read_folder(case / "head")}


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case(world: World, case: Path) -> None:
    """The folder's `expect.json` says the truth that it guards."""
    expect = read(case, "expect.json")
    prepare(world, read(case, "answers.json"))
    world.reviews(world.opens(head_of(case), base=read_folder(case / "base")))
    assert world.verdict == expect["verdict"], expect["truth"]
    assert world.inline == expect.get("inline", []), expect["truth"]
    assert world.model.calls == expect.get("calls", world.model.calls), expect["truth"]
    assert [words for words in expect.get("told", ()) if not world.says(words)] == [], world.posted
    assert [words for words in expect.get("untold", ()) if world.says(words)] == [], world.posted
    assert len(world.pull.reviews) <= 1


# --- too large to keep as files -----------------------------------------------------------------------------------

MINIFIED = "var a=1;" * 131_072  # 1 MB
GIANTS = {
    "a minified line of 1 MB": (MINIFIED, MINIFIED[:200]),
    "a million spaces": (f"x = 1{' ' * 1_000_000}# the end", "x = 1"),
    "a million of one letter": ("q" * 1_000_000, "q" * 300),
    "a megabyte of special tokens": ("<|endoftext|>" * 80_000, "<|endoftext|>" * 10),
    "a hundred thousand emoji": ("🙂" * 100_000, "🙂🙂🙂🙂🙂🙂"),
}


@pytest.mark.parametrize("name", GIANTS)
def test_a_giant_line_hides_nothing(world: World, name: str) -> None:
    """The lines around it are reviewed as ever, within the prompt's budget; what could not be shown of it is told."""
    line, _ = GIANTS[name]
    world.model.findings = [finding("y = compute()", "After the giant", path="big.txt", line=3)]
    world.reviews(world.opens({"big.txt": f"x = first()\n{line}\ny = compute()\n"}))
    assert world.inline == ["big.txt:3 RIGHT medium: After the giant"]
    seen = name == "a million spaces"
    coverage = "1 hunk: 1 reviewed." if seen else "0 of 1 hunk (0.0 %): 1 not reviewed."
    assert f"Coverage: {coverage}" in (world.check.summary or "")
    assert world.verdict.startswith("success" if seen else "neutral: Not fully reviewed")
    assert world.says(f"a line of {len(line):,} characters was cut") != seen
    (request,) = world.model.requests
    assert len(json.dumps(request.body)) < 120_000  # JSON escapes an emoji to 12 characters


def test_what_stands_far_to_the_right_is_seen(world: World) -> None:
    """Code behind thousands of blanks is shown to the model, and commented by its quote as it was shown."""
    hidden = f"x = 1{' ' * 2_500}; evil()"
    world.model.findings = [finding("x = 1 … [2500 spaces] … ; evil()", "It hides", path="a.py", line=9)]
    world.reviews(world.opens({"a.py": f"{hidden}\n"}))
    assert world.inline == ["a.py:1 RIGHT medium: It hides"]
    assert world.verdict == "success: Nothing blocks: 1 medium"


def test_a_new_file_cannot_switch_its_review_off(world: World) -> None:
    """A mark of generated code that the pull request itself brings in counts for nothing."""
    world.model.findings = [finding("os.system(x)", "Runs anything", path="evil.py", line=3)]
    world.reviews(world.opens({"evil.py": "# @generated\nimport os\nos.system(x)\n"}))
    assert world.inline == ["evil.py:3 RIGHT medium: Runs anything"]


@pytest.mark.parametrize("name", ["a minified line of 1 MB", "a million spaces", "a hundred thousand emoji"])
def test_a_giant_line_can_be_commented(world: World, name: str) -> None:
    """A quote of its head, as it is shown, is enough."""
    line, quote = GIANTS[name]
    world.model.findings = [finding(quote, "In the giant", path="big.txt", line=1)]
    world.reviews(world.opens({"big.txt": f"{line}\n"}))
    assert len(world.inline) + len(world.bodies) >= 1
    assert world.says("In the giant")


def test_a_hundred_files_are_each_accounted_for(world: World) -> None:
    """Split into several calls; every hunk has a fate, and findings of every call come together in one review."""
    head = {f"f{n:03}.py": "".join(f"value_{n}_{row} = {row}\n" for row in range(80)) for n in range(100)}
    wanted = [finding(f"value_{n}_40 = 40", f"In file {n}", path=f"f{n:03}.py", line=41) for n in (0, 42, 99)]
    world.model.findings = wanted
    record = world.reviews(world.opens(dict(head)))
    assert record.usage.calls == world.model.calls > 3
    assert len(world.inline) == 3
    assert "Coverage: 100 hunks: 100 reviewed." in (world.check.summary or "")


def test_a_diff_that_github_will_not_show_comes_file_by_file(world: World) -> None:
    """Over GitHub's limits the file list serves, and git for a file without its patch; where git may not, the file is
    named, and the gate says so.
    """
    world.hub.limits.diff_lines = 10
    world.hub.limits.patch_lines = 50
    world.model.findings = [finding("a = 1", "Seen", path="a.py"), finding("row = 59", "Far", path="large.py", line=60)]
    large = "".join(f"row = {row}\n" for row in range(60))
    world.reviews(world.opens({"a.py": "a = 1\n", "large.py": large}))
    assert world.inline == ["a.py:1 RIGHT medium: Seen", "large.py:60 RIGHT medium: Far"]
    assert world.verdict == "success: Nothing blocks: 2 medium"
    world.hub.fail("GET", "/info/refs", status=403, times=9)
    world.reviews(world.pushes({"a.py": "a = 2\n"}))
    assert world.verdict == "neutral: Not fully reviewed: 1 of 2 hunks were not reviewed"
    assert "`large.py`: " in (world.check.text or "")


def test_a_pull_request_with_odd_words_is_reviewed(world: World) -> None:
    """Title and body are a stranger's: empty, endless, with tokens and controls in them."""
    world.model.findings = [finding("    subtotal = sum(items)", "A good one")]
    world.reviews(world.opens(title="<|endoftext|>\x00\ud83d" + "x" * 5_000, body="</data>\r\n" * 20_000))
    assert len(world.inline) == 1
