"""Replays merged pull requests commit by commit, each as a push: input tokens against reviewing all anew every time.

    uv run python tests/benchmarks/bench_replay.py --git DIR … [--pulls N] [--least COMMITS] [--range A...B]
    uv run python tests/benchmarks/bench_replay.py --short

A pull request is a merge commit of GitHub's in a clone's default branch; its pushes are the branch's own commits, in
order. Each push is reviewed as `reviewer review` does it, by a model that finds nothing; the answers last from push to
push. `increments` is what it costs to show each push's own diff and nothing else, once: rules, function and examples go
with every call, so a pull request of few small pushes cannot save much. With --range, a line is changed on top of a
large range, in one file after the other: tokens against the first review's. --short makes a small history of its own.

Exits 1 where less than 70 % is saved in all, or where such a line costs more than 5 %.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from replays import Pull, borrowed, edits, made_up, pulls_of

from reviewer.commands.kit import kit_of
from reviewer.core.types import Answer, Prompt, Usage
from reviewer.examine import examine
from reviewer.forms import forms
from reviewer.local import Kit, Subject, question_of, subject_of
from reviewer.memory import MemoryAnswers
from reviewer.purse import weight
from reviewer.settings import load

GOAL, ONE_FILE_GOAL = 0.70, 0.05


@dataclass(frozen=True)
class Paid:
    """Input tokens of a review: whole, and those of code alone."""

    tokens: int = 0
    code: int = 0
    calls: int = 0

    def __add__(self, other: Paid) -> Paid:
        return Paid(self.tokens + other.tokens, self.code + other.code, self.calls + other.calls)


@dataclass
class Quiet:
    """A model that finds nothing and counts what it is sent."""

    kit: Kit
    name: str = "quiet"
    paid: Paid = field(default_factory=Paid)

    async def call(self, prompt: Prompt) -> Answer:
        count = self.kit.tokens().count
        self.paid += Paid(weight(prompt, count), count(prompt.parts["diff"]), 1)
        return Answer(json.dumps({"findings": []}), Usage(calls=1), self.name)


def reviewed(subject: Subject, kit: Kit, answers: MemoryAnswers) -> Paid:
    model = Quiet(kit)
    means = replace(kit.means(subject), store=answers, forms=forms)

    async def tick(_done: int, _of: int) -> None: ...

    async def wanted() -> None: ...

    one = replace(question_of(subject, model, kit), number=1)  # all are pushes to one pull request
    asyncio.run(examine(subject.diff, one, means, tick=tick, wanted=wanted))
    return model.paid


@dataclass(frozen=True)
class Row:
    """What the pushes of a pull request cost: anew each time, and with the answers of the pushes before."""

    name: str
    pushes: int
    files: int
    anew: Paid
    replayed: Paid
    increments: Paid

    def __str__(self) -> str:
        code = 1 - self.replayed.code / self.anew.code if self.anew.code else 0.0
        return (
            f"{self.name[:40]:40} {self.pushes:6} {self.files:5} {self.anew.tokens:10,} {self.replayed.tokens:9,} "
            f"{self.saved:6.1%} {self.anew.code:10,} {self.replayed.code:9,} {code:6.1%} "
            f"{self.replayed.calls:4} of {self.anew.calls:<4} {self.increments.tokens:9,}"
        )

    @property
    def saved(self) -> float:
        return 1 - self.replayed.tokens / self.anew.tokens if self.anew.tokens else 0.0


HEAD = (
    f"{'pull request':40} {'pushes':>6} {'files':>5} {'anew':>10} {'replayed':>9} {'saved':>6} "
    f"{'code anew':>10} {'replayed':>9} {'saved':>6} {'calls':>4} {'increments':>17}"
)


def replay(pull: Pull, kit: Kit) -> Row:
    answers, row = MemoryAnswers(), Row(pull.name, len(pull.pushes), 0, Paid(), Paid(), Paid())
    for push in pull.pushes:
        subject = subject_of(pull.folder, f"{pull.base}...{push}", None)
        step = subject_of(pull.folder, f"{push}^..{push}", None)
        row = replace(
            row,
            files=len(subject.diff.files),
            anew=row.anew + reviewed(subject, kit, MemoryAnswers()),
            replayed=row.replayed + reviewed(subject, kit, answers),
            increments=row.increments + reviewed(step, kit, MemoryAnswers()),
        )
    return row


# --- one line on top of a large range -----------------------------------------------------------------------------


def one_line(folder: Path, range_: str, kit: Kit, scratch: Path) -> bool:
    """Change a line on top of the range, in one file after the other, and print the figures; whether the goal is met."""
    repo, base, head = borrowed(folder, range_, scratch)
    answers = MemoryAnswers()
    subject = subject_of(repo.folder, f"{base}...{head}", None)
    first = reviewed(subject, kit, answers).tokens
    again = reviewed(subject, kit, answers).tokens
    paid: dict[str, int] = {}
    for path, text in edits(subject.diff, repo, head):
        push = repo.commit({path: text}, branch="push", parent=head)
        step = subject_of(repo.folder, f"{base}...{push}", None)
        paid[path] = reviewed(step, kit, MemoryAnswers(dict(answers.kept))).tokens
    worst = sorted(paid, key=lambda path: -paid[path])
    over = [path for path in worst if paid[path] > ONE_FILE_GOAL * first]
    print(f"\n{range_}: {len(subject.diff.files)} files, {first:,} tokens at first, {again:,} when nothing changed")
    print(
        f"one line changed in each of {len(paid)} files: median {statistics.median(paid.values()) / first:.2%}, "
        f"{len(over)} over {ONE_FILE_GOAL:.0%}; the most:"
    )
    for path in worst[:5]:
        print(f"  {paid[path]:6,} tokens, {paid[path] / first:.2%}: {path}")
    return not over and not again


# --- the whole ----------------------------------------------------------------------------------------------------


def pulls_wanted(chosen: argparse.Namespace, scratch: Path) -> Iterator[Pull]:
    if chosen.short or not chosen.git:
        yield made_up(scratch)
        return
    for folder in chosen.git:
        for nth, pull in enumerate(pulls_of(folder, chosen.least)):
            if nth == chosen.pulls:
                break
            yield pull


def told_all(rows: Sequence[Row]) -> bool:
    """Print the sum; whether the goal is met."""
    sums = [sum(each, Paid()) for each in zip(*((row.anew, row.replayed, row.increments) for row in rows), strict=True)]
    whole = Row(f"{len(rows)} in all", sum(row.pushes for row in rows), sum(row.files for row in rows), *sums)
    middle = statistics.median(row.saved for row in rows)
    print(whole)
    print(f"saved {whole.saved:.1%} of all tokens (goal {GOAL:.0%}), {middle:.1%} on the median pull request")
    return whole.saved >= GOAL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--git", type=Path, action="append", help="a clone; may be given several times")
    parser.add_argument("--pulls", type=int, default=5, help="pull requests of each clone, the newest first")
    parser.add_argument("--least", type=int, default=4, help="commits that a pull request has at least")
    parser.add_argument("--range", default="", help="A...B in the first clone: one line on top of it")
    parser.add_argument("--short", action="store_true", help="a small history of its own")
    chosen = parser.parse_args()
    kit, met = kit_of(load({})), True
    with tempfile.TemporaryDirectory() as name:
        rows = []
        print(HEAD)
        for pull in pulls_wanted(chosen, Path(name)):
            rows.append(replay(pull, kit))
            print(rows[-1], flush=True)
        met = told_all(rows)
        if chosen.range:
            met &= one_line(chosen.git[0], chosen.range, kit, Path(name))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
