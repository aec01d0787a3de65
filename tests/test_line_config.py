"""The configuration in stories: the organisation's, what is extended, files that cannot be used, and what a head changes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from test_line_commands import answers
from world import ADDED, SHOP, Files, Servers, World, finding, living, servers, world

from reviewer.core.config import Layer, read_layer
from reviewer.standin import events
from reviewer.standin.repository import Blob, Content, GitRepository

__all__ = ["servers", "world"]

CONFIG = ".github/reviewer.yml"
LOW = {CONFIG: "gate: {fail_on: low}\n"}
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n" for before, after in zip("abcd", "bcde", strict=True)
)


def shares(world: World, name: str, files: Files) -> None:
    """Another repository comes to be."""
    git = GitRepository.create(world.hub.root / f"{name}.git")
    git.commit(files)
    world.hub.add_repository(name, git)


def notes(world: World) -> list[str]:
    """What the check's summary tells in its last list."""
    return [
        line[2:] for line in (world.check.summary or "").split("\n") if line.startswith("- ") and "reviewer" in line
    ]


def lines_up(world: World, base: Files | None = None, head: Files | None = None) -> str:
    """One low finding is reviewed; the verdict says which configuration counts."""
    world.model.findings = [finding(ADDED, severity="low")]
    world.reviews(world.opens({**world_head(), **(head or {})}, base=base))
    return world.verdict


def world_head() -> Files:
    return {"shop.py": SHOP.replace("    return sum(items)", f"{ADDED}\n    return subtotal")}


@pytest.mark.parametrize("there", [True, False])
def test_the_organisation_is_asked_in_the_same_request(world: World, there: bool) -> None:
    """Its `.github` repository is read beside the base branch: a first review takes ten requests, with it or without."""
    if there:
        shares(world, "octo/.github", LOW)
    assert lines_up(world) == ("failure: 1 finding blocks: 1 low" if there else "success: Nothing blocks: 1 low")
    assert len(world.hub.requests) <= 10
    assert notes(world) == []


def test_the_repository_has_the_last_word(world: World) -> None:
    """Defaults, organisation, what is extended, the repository: key by key, and `/config` says whose each value is."""
    shares(world, "octo/.github", {CONFIG: "review:\n  language: de\n  max_comments: 7\n  drafts: true\n"})
    shares(world, "octo/base", {".reviewer.yml": "review: {max_comments: 3}\ngate: {fail_on: low}\n"})
    own = "extends: octo/base\nreview:\n  language: fr\n"
    assert lines_up(world, {CONFIG: own}) == "failure: 1 finding blocks: 1 low"
    answers(world, events.comment(world.hub, world.name, 1, "/config", user="ann"))
    rows = [line for line in world.pull.issue_comments[-1].body.split("\n") if line.startswith("| `")]
    said = dict(line.strip("| ").replace("`", "").split(" | ", 1) for line in rows)
    assert {key: said[key] for key in ("review.language", "review.max_comments", "review.drafts")} == {
        "review.language": f"fr | {CONFIG}:3",
        "review.max_comments": "3 | octo/base:.reviewer.yml:1",
        "review.drafts": f"true | octo/.github:{CONFIG}:4",
    }
    assert said["gate.fail_on"] == "low | octo/base:.reviewer.yml:2"
    assert said["gate.on_error"] == "neutral | default"


@pytest.mark.parametrize(
    ("base", "extended", "told"),
    [
        ({}, "else/where", "2: `extends`: `else/where` cannot be read: it is not there, or the App is not installed on it. It is left out."),
        ({"README": "x"}, "octo/base", f"2: `extends`: `octo/base` has no {CONFIG} on its default branch: nothing comes from it."),
        ({CONFIG: "extends: octo/base\n"}, "octo/base", "1: `extends`: `octo/base` comes round in a circle, which ends here."),
    ],
)  # fmt: skip
def test_what_cannot_be_extended_is_left_out(world: World, base: dict[str, Content], extended: str, told: str) -> None:
    """The check says so with the line; the rest of the file counts."""
    if base:
        shares(world, "octo/base", base)
    own = f"gate: {{fail_on: low}}\nextends: {extended}\n"
    assert lines_up(world, {CONFIG: own}) == "failure: 1 finding blocks: 1 low"
    [note] = notes(world)
    assert note.endswith(told)


def test_a_chain_ends_after_three(world: World) -> None:
    """Each repository of a chain is a request; the fourth is told and left out."""
    for number in range(1, 5):
        shares(world, f"octo/b{number}", {CONFIG: f"extends: octo/b{number + 1}\nreview: {{max_comments: {number}}}\n"})
    lines_up(world, {CONFIG: "extends: octo/b1\n"})
    most = "at most 3 repositories extend each other. It is left out."
    assert notes(world) == [f"octo/b3:{CONFIG}:1: `extends`: `octo/b4` is one too many: {most}"]


BROKEN: list[tuple[Content, str]] = [
    ("gate:\n\tfail_on: never\n", "2: YAML does not allow a tab here: indent with spaces."),
    (BOMB + "gate: {fail_on: never}\n", "1: the file holds more than 5,000 values once its aliases are written out."),
    (Blob(b"../never.yml", "120000"), "1: this is a symbolic link to `../never.yml`, and links are not followed: put the file itself here."),
    (b"gate:\0never", "1: the file is binary, and is not read: a configuration is text, of 64 KB at most."),
    ("# x\n" * 300_000, "1: the file is larger than 1 MB, and is not read: a configuration is text, of 64 KB at most."),
    ("gate: {fail_on: never}  # für uns\n".encode("latin-1"), "1: this is not UTF-8 text: save the file as UTF-8."),
    ("# x\n" * 20_000, "1: the file has 80,000 characters, at most 65,536 are read."),
]  # fmt: skip


def test_a_file_that_cannot_be_used_changes_nothing(world: World) -> None:
    """It never stops a review: what could last be read goes on counting; before anything could, the defaults."""
    assert lines_up(world, LOW) == "failure: 1 finding blocks: 1 low"
    for number, (content, told) in enumerate(BROKEN):
        world.git.commit({CONFIG: content})
        world.reviews(world.pushes({"b.py": f"b = {number}\n"}))
        assert world.verdict == "failure: 1 finding blocks: 1 low"
        assert notes(world) == [f"{CONFIG}:{told} Until it is mended, what it said when it could last be read counts."]
    world.forgets()
    world.reviews(world.pushes({"b.py": "b = 'new'\n"}))
    assert world.verdict == "success: Nothing blocks: 1 low"
    assert notes(world) == [f"{CONFIG}:{told} Without it the defaults count, and what the organisation has set."]


def test_what_is_kept_for_a_bad_day_holds_no_secret(world: World, tmp_path: Path) -> None:
    """It rests in the database, so a word stands for the secret; the file is YAML as before."""
    world.secrets.values = ["hunter2-hunter2"]
    assert lines_up(world, {CONFIG: "{review: {instructions: Use hunter2-hunter2}, gate: {fail_on: low}}"}).startswith(
        "f"
    )
    assert b"Use SECRET" in b"".join(path.read_bytes() for path in tmp_path.glob("reviewer.db*"))
    world.git.commit({CONFIG: "gate: ["})
    world.reviews(world.pushes({"b.py": "b = 1\n"}))
    assert world.verdict == "failure: 1 finding blocks: 1 low"
    assert not any(b"hunter2" in path.read_bytes() for path in tmp_path.glob("reviewer.db*"))


def test_a_stranger_s_yaml_is_read_beside_the_event_loop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base branch's and that of the head, which anybody may have written: other reviews do not wait for it."""
    threads: set[str] = set()

    def read(text: str | None, *, name: str, problem: str = "") -> Layer:
        threads.add(threading.current_thread().name.rpartition("_")[0])
        return read_layer(text, name=name, problem=problem)

    monkeypatch.setattr("reviewer.configured.read_layer", read)
    lines_up(world, LOW, {CONFIG: "gate: {fail_on: never}\n"})
    assert threads == {"reviewer-computing"}


def test_what_was_removed_is_no_last_good_one(world: World) -> None:
    """A file that was taken away, and then comes back broken, does not bring the old one back."""
    lines_up(world, LOW)
    for number, content in enumerate((None, "gate: [")):
        world.git.commit({CONFIG: content})
        world.reviews(world.pushes({"b.py": f"b = {number}\n"}))
        assert world.verdict == "success: Nothing blocks: 1 low"


@pytest.mark.parametrize(
    ("base", "head", "told"),
    [
        (LOW, "gate: {fail_on: never}\n", [f"This pull request changes {CONFIG}. The new version is valid. It counts once it is merged."]),
        (LOW, "gate:\n  fail_on: nevr\n", [
            f"This pull request changes {CONFIG}. This is wrong in the new version. It counts once it is merged.",
            f"New {CONFIG}:2: `gate.fail_on` is `nevr`, expected `critical`, `high`, `medium`, `low` or `never`; did you mean `never`?",
        ]),
        (LOW, None, [f"This pull request removes {CONFIG}. Until that is merged, it counts as it is on the base branch."]),
    ],
)  # fmt: skip
def test_a_change_of_the_configuration_is_looked_at_and_not_used(
    world: World, base: Files, head: Content, told: list[str]
) -> None:
    """A pull request cannot switch off its own review; what it would change is told in its check."""
    assert lines_up(world, base, {CONFIG: head}) == "failure: 1 finding blocks: 1 low"
    assert notes(world) == told


def test_a_mistake_is_told_in_the_check_and_in_no_comment(world: World) -> None:
    """Each head's check has it, as each stands alone; nobody is notified of it push by push."""
    lines_up(world, {CONFIG: "gate:\n  fail_onn: low\n"})
    world.reviews(world.pushes({"b.py": "b = 1\n"}))
    assert notes(world) == [f"{CONFIG}:2: `gate.fail_onn` is not a key, did you mean `fail_on`?"]
    pull = world.pull
    said = [*(each.body for each in pull.reviews), *(each.body for each in pull.comments)]
    said += [each.body for each in pull.issue_comments]
    assert not any("fail_onn" in body for body in said)


DEAR = "gpt-6.2-astra"


@pytest.mark.parametrize(("named", "asked"), [(DEAR, "gpt-6.1-terra"), ("gpt-6.1-sol", "gpt-6.1-sol")])
def test_a_repository_names_only_models_that_the_operator_allows(
    tmp_path: Path, servers: Servers, named: str, asked: str
) -> None:
    """The bill is the operator's. Another model is told as any bad value, and what counts without it is asked."""
    with living(tmp_path, servers, REVIEWER_ALLOWED_MODELS="gpt-6.1-s*, gpt-6-luna") as world:
        own = f"review:\n  drafts: true\nmodel:\n  name: {named}\n  effort: low\n"
        assert lines_up(world, {CONFIG: own}, {CONFIG: f"model: {{name: {DEAR}}}\n"})
        assert {(each.body["model"], each.body["reasoning"]["effort"]) for each in world.model.requests} == {
            (asked, "low")
        }
        said = "expected one that the operator of this server allows: `gpt-6.1-terra`, `gpt-6-luna` or `gpt-6.1-s*`."
        told = f"{CONFIG}:4: `model.name` is `{DEAR}`, {said}"
        new = f"New {CONFIG}:1: `model.name` is `{DEAR}`, {said}"
        assert [note for note in notes(world) if "expected" in note] == ([told, new] if named == DEAR else [new])
