"""Plays made-up histories of pull requests against a model that rewords every answer: nothing twice, nothing lost.

    uv run python tests/benchmarks/bench_pushes.py [--sequences N] [--seed S] [--pushes N] [--trace]

Each sequence is a pull request with planted defects and five pushes drawn from a seed: lines are inserted, files
renamed, functions moved, defects fixed and added; commits amended, squashed, rebased, reverted and brought back; and now
and then the head is reviewed once more past the cache. After every review: no defect has two inline comments, each that
stands on the head was said and counts in the check, none that is gone counts, the thread of a fixed one says so, and
that of one that is back is open. Prints what was broken with the sequence's seed; exits 1 if anything was.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pushes_story import Push, Story
from pushes_words import Rewording, defects_in
from world import World, living
from world_servers import Servers, serving

from reviewer.ports import RunRecord
from reviewer.standin import events
from reviewer.standin.records import ReviewComment
from reviewer.standin.repository import Content, GitRepository

FULL = 0.2  # of the pushes are followed by a review past the cache
_MARK = re.compile(r"reviewer:finding=([\w-]+)")
_STATE = re.compile(r"reviewer:state=(\w+):")


@dataclass
class Scene:
    """A pull request as it is played, with what is known of its comments."""

    world: World
    story: Story
    model: Rewording
    seed: int
    trace: bool = False
    rows: list[str] = field(default_factory=list)  # what was done
    broken: list[tuple[str, str]] = field(default_factory=list)  # what, and the details
    names: dict[str, set[int]] = field(default_factory=dict)  # the defects by the names of their findings
    once: set[int] = field(default_factory=set)  # the defects that were ever said
    calls: Counter[str] = field(default_factory=Counter)

    def opens(self) -> None:
        git = GitRepository.create(self.world.hub.root / f"{self.world.name}.git")
        base = git.commit({path: file.text for path, file in self.story.base.items()})
        git.commit(dict(self.story.opened), branch="topic", parent=base)
        self.world.hub.add_repository(self.world.name, git, roles={"ann": "write"})
        self.model.files = self.story.opened
        event = events.open_pull(self.world.hub, self.world.name, head="topic", user="ann", title="A change")
        self._look(self.world.reviews(event), "open")

    def plays(self, push: Push, *, full: bool) -> None:
        """Carry out the push, and look at what stands afterwards."""
        git, pull = self.world.git, self.world.pull
        if push.base:
            pull.base_sha = git.commit(dict(push.base), branch="main", message=f"Base {len(self.rows)}")
        parents = {"tip": "topic", "before": "topic~1", "base": "main"}
        parent = git.run("rev-parse", parents[push.onto]).decode().strip()
        there = {entry.path for entry in git.tree(parent, recursive=True)}
        ours = {path for path in there if path.startswith(("app/", "lib/"))}
        files: dict[str, Content] = {**dict.fromkeys(ours), **push.files}
        git.commit(files, branch="topic", parent=parent, message=f"Push {len(self.rows)}")
        self.model.files = push.files
        event = events.push(self.world.hub, self.world.name, 1)
        self._look(self.world.reviews(event), f"{push.did} [{push.onto}]")
        if full and not self.broken:
            job = replace(self.world.wish(event), full=True)
            self._look(self.world.carries_out(job), "review full")

    # --- what has to be so --------------------------------------------------------------------------------------

    def _look(self, record: RunRecord, did: str) -> None:
        self.rows.append(f"{did}: defects {sorted(self.story.defects)}")
        for placed in record.findings:
            self.names.setdefault(placed.fingerprint, set()).update(defects_in(placed.code or placed.finding.quote))
        if self.trace:
            self._print(record)
        threads = list(self._threads())
        self._counts(record)
        self._said(threads)
        for comment, about in threads:
            self._tells(comment, about)

    def _counts(self, record: RunRecord) -> None:
        here = self.story.defects
        counted = Counter(n for placed in record.findings for n in defects_in(placed.code or placed.finding.quote))
        for defect in sorted(here - set(counted)):
            self._breaks("lost", f"defect {defect} does not count in the check")
        for defect in sorted(set(counted) - here):
            self._breaks("ghost", f"defect {defect} is gone and counts in the check")
        for defect in sorted(n for n, times in counted.items() if times > 1 and n in here):
            self._breaks("twice in the check", f"defect {defect} counts {counted[defect]} times")

    def _said(self, threads: list[tuple[ReviewComment, set[int]]]) -> None:
        times = Counter(defect for _, about in threads for defect in about)
        for defect in sorted(n for n, many in times.items() if many > 1):
            self._breaks("repeated", f"defect {defect} has {times[defect]} inline comments")
        listed = {n for body in self.world.bodies for name in _MARK.findall(body) for n in self.names.get(name, ())}
        for defect in sorted(self.story.defects - set(times) - listed):
            self._breaks("unsaid", f"defect {defect} was never said")
        self.once |= set(times)

    def _tells(self, comment: ReviewComment, about: set[int]) -> None:
        replies = [each.body for each in self.world.pull.comments if each.in_reply_to == comment.id]
        states = [state for body in replies for state in _STATE.findall(body)]
        state = states[-1] if states else "open"
        stands = bool(about & self.story.defects)
        if not about:
            self._breaks("astray", f"a comment on {comment.path}:{comment.original_line} is about no defect")
        elif stands and state == "fixed":
            self._breaks("closed", f"defects {sorted(about)} are there, and the thread says that they are fixed")
        elif not stands and state != "fixed":
            self._breaks("left open", f"defects {sorted(about)} are gone, and the thread does not say so")
        if any(one == other for one, other in pairwise(states)):
            self._breaks("said again", f"the thread of {sorted(about)} says {states}")

    def _threads(self) -> Iterator[tuple[ReviewComment, set[int]]]:
        """Our inline comments, each with the defects on its own lines and those that its marks name."""
        for comment in self.world.pull.comments:
            if comment.in_reply_to is None:
                own = self._on_lines(comment)
                named = [self.names.get(name, set()) for name in _MARK.findall(comment.body)[1:]]
                yield comment, own.union(*named)

    def _on_lines(self, comment: ReviewComment) -> set[int]:
        found = self.world.git.blobs([f"{comment.original_commit_id}:{comment.path}"])[0]
        rows = found[1].decode().split("\n") if found else []
        first = (comment.original_start_line or comment.original_line) - 1
        return defects_in("\n".join(rows[first : comment.original_line]))

    def _breaks(self, what: str, details: str) -> None:
        self.broken.append((what, details))

    def _print(self, record: RunRecord) -> None:
        print(f"--- {self.rows[-1]}\n    {record.conclusion}: {record.title}; {record.usage.calls} calls")
        for placed in record.findings:
            at = placed.anchor.line if placed.anchor else 0
            print(f"    counts: {placed.finding.path}:{at} {placed.finding.title} [{placed.fingerprint}]")
        for comment in self.world.pull.comments:
            to = f"  reply to {comment.in_reply_to}" if comment.in_reply_to else f"  on {comment.path}:{comment.line}"
            told = comment.body.split("\n", 1)[0]
            print(f"    {comment.id}{to} ({comment.minimized or 'shown'}): {told} {_MARK.findall(comment.body)}")


def play(seed: int, pushes: int, servers: Servers, folder: Path, *, trace: bool = False) -> Scene:
    """One sequence, to its end or until something is broken."""
    rng = random.Random(seed)
    story = Story(rng)
    with living(folder, servers) as world:
        world.model = model = Rewording(seed)  # type: ignore[assignment]
        servers.model.app = model.app
        scene = Scene(world, story, model, seed, trace=trace)
        scene.opens()
        for push in story.pushes(pushes):
            if scene.broken:
                break
            scene.plays(push, full=rng.random() < FULL)
        scene.calls.update(reviews=len(scene.rows), calls=len(model.requests), threads=len(world.pull.comments))
        return scene


def told(scene: Scene) -> None:
    print(f"seed {scene.seed}:")
    for row in scene.rows:
        print(f"  {row}")
    for what, details in scene.broken:
        print(f"  BROKEN {what}: {details}")


def summary(played: int, counts: Mapping[str, int], broken: Counter[str], seconds: float) -> None:
    print(
        f"{played} sequences in {seconds:.0f} s: {counts['reviews']} reviews, {counts['calls']} model calls, "
        f"{counts['threads']} inline comments and replies, {counts['defects']} defects said"
    )
    repeated, lost = broken["repeated"], broken["lost"] + broken["unsaid"]
    print(f"repeated inline comments {repeated} (goal 0), lost findings {lost} (goal 0)")
    for what, times in broken.most_common():
        print(f"  {what}: {times}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="of the first sequence; the next has the next one")
    parser.add_argument("--pushes", type=int, default=5)
    parser.add_argument("--show", type=int, default=10, help="broken sequences that are printed")
    parser.add_argument("--trace", action="store_true", help="print what stands after every review")
    chosen = parser.parse_args()
    broken: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    begun, shown = time.monotonic(), 0
    with serving() as servers:
        for seed in range(chosen.seed, chosen.seed + chosen.sequences):
            with tempfile.TemporaryDirectory() as folder:
                scene = play(seed, chosen.pushes, servers, Path(folder), trace=chosen.trace)
            broken.update(what for what, _ in scene.broken)
            counts.update({**scene.calls, "defects": len(scene.once)})
            if scene.broken and shown < chosen.show:
                shown += 1
                told(scene)
    summary(chosen.sequences, counts, broken, time.monotonic() - begun)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
