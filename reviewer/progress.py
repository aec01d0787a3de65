"""How far a review has come: what was answered, what was not and why, and what is made of it at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from reviewer.answering import told
from reviewer.asking import Asked
from reviewer.core.anchors import Places, place
from reviewer.core.coverage import settle
from reviewer.core.dedupe import merge
from reviewer.core.fingerprints import with_fingerprints
from reviewer.core.noise import is_noise
from reviewer.core.passes import agreed
from reviewer.core.types import Chunk, Coverage, Finding, HunkId, Placed, Quality, Report, Secret, Spent
from reviewer.plan import Plan
from reviewer.ports import Secrets
from reviewer.redacting import clean

NOT_REVIEWED = "Not reviewed: "
Same = Callable[[Placed, Placed], bool]


@dataclass(frozen=True, slots=True)
class Examined:
    findings: tuple[Placed, ...]  # every one that stands, said before or not, named by fingerprint
    coverage: Coverage
    spent: Spent
    chunks: tuple[Chunk, ...]
    places: Places
    secrets: tuple[Secret, ...] = ()  # that were cut out of the diff
    notes: tuple[str, ...] = ()  # sentences for the reader about what went wrong
    problems: tuple[str, ...] = ()  # such that the gate cannot be told to be open
    turned: tuple[str, ...] = ()  # why the fallback model was asked
    quality: Quality = field(default_factory=Quality)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes that the coverage does not give as a reason anyway."""
        reasons = {f"{NOT_REVIEWED}{entry.reason}" for entry in self.coverage.entries}
        return tuple(note for note in self.notes if note not in reasons)


@dataclass(slots=True)
class Progress:
    """What is known so far; only the tasks of one review write here, on one event loop.

    `found` are the answers of each pass over the diff, `answered` the chunks that they are about, by pass and key;
    `certain` is what the sources found, which no model is asked about.
    """

    plan: Plan
    places: Places
    found: list[list[tuple[Placed, ...]]]
    answered: dict[int, dict[str, Chunk]] = field(default_factory=dict)
    certain: list[tuple[Placed, ...]] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)
    cached: set[HunkId] = field(default_factory=set)
    alike: set[HunkId] = field(
        default_factory=set
    )  # of the cached: by an answer about the same code, laid out otherwise
    reviewed: set[HunkId] = field(default_factory=set)
    failed: dict[HunkId, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rejects: list[str] = field(default_factory=list)
    turned: list[str] = field(default_factory=list)
    quality: Quality = field(default_factory=Quality)
    done: int = 0

    def recalled(self, known: Sequence[tuple[Chunk, Report]], nth: int, *, alike: bool = False) -> None:
        """Answers that were there before anybody was asked."""
        for chunk, report in known:
            self.found[nth].append(self._placed(report.findings))
            self._answers(nth, [chunk])
            if nth == 0:
                self.cached |= set(chunk.hunks)
                self.alike |= set(chunk.hunks) if alike else set()

    def take(self, asked: Asked[Chunk, Report], nth: int) -> None:
        """Use what was answered in a pass, and what could be saved where nothing was. The first pass has to be whole;
        what a later one lacks costs only its vote.
        """
        self.spent += asked.spent
        self.turned += asked.turned
        self.quality += asked.quality
        for piece in asked.pieces:
            hunks = [hunk for chunk in piece.things for hunk in chunk.hunks]
            if piece.said is not None:
                found = told(piece.things, piece.said.findings) if piece.problem else piece.said.findings
                placed = self._placed(found)
                self.found[nth].append(placed)
                if not piece.kept:
                    self.quality += Quality(findings=len(placed), astray=sum(each.anchor is None for each in placed))
                self.rejects += [] if piece.problem else piece.said.rejects
            if piece.problem:
                self.notes.append(f"{NOT_REVIEWED}{piece.problem}")
            else:
                self._answers(nth, piece.things)
            if nth:
                continue
            if piece.problem:
                self.failed |= dict.fromkeys(hunks, piece.problem)
            elif piece.kept:
                self.cached |= set(hunks)
            else:
                self.reviewed |= set(hunks)

    def late(self, chunks: Sequence[Chunk], why: str, nth: int) -> None:
        """Not asked about, as there was no time left."""
        if nth == 0:
            self.failed |= {hunk: why for chunk in chunks for hunk in chunk.hunks}

    async def scrub(self, secrets: Secrets) -> None:
        """A provider's error may repeat anything."""
        why = list(dict.fromkeys([*self.failed.values(), *self.notes, *self.turned]))
        words = dict(zip(why, await clean(why, secrets), strict=True))
        self.failed = {hunk: words[reason] for hunk, reason in self.failed.items()}
        self.notes, self.turned = [words[note] for note in self.notes], [words[note] for note in self.turned]

    def examined(self, same: Same, one_vote: Same) -> Examined:
        coverage = settle(
            self.plan.diff,
            reviewed=self.reviewed,
            cached=self.cached,
            alike=self.alike,
            ignored=self.plan.ignored,
            failed=self.failed,
        )
        votes = [merge(answers, same=same) for answers in self.found]
        looked = self._who_looked() if len(votes) > 1 else None
        findings = merge([agreed(votes, one_vote, looked=looked), *self.certain])
        return Examined(
            findings=with_fingerprints([p for p in findings if not is_noise(p.finding)]),
            coverage=coverage,
            spent=self.spent,
            chunks=self.plan.chunks,
            places=self.places,
            secrets=self.plan.secrets,
            notes=tuple(dict.fromkeys(self.notes)),
            problems=_unreadable(self.rejects),
            turned=tuple(self.turned),
            quality=self.quality,
        )

    def _answers(self, nth: int, chunks: Sequence[Chunk]) -> None:
        self.answered.setdefault(nth, {}).update({chunk.key: chunk for chunk in chunks})

    def _who_looked(self) -> Callable[[Placed], Collection[int]]:
        """The passes that have answered about a finding's line; without a line about its file, else about anything."""
        at: dict[object, set[int]] = defaultdict(set)
        for nth, chunks in self.answered.items():
            for chunk in chunks.values():
                at[chunk.path].add(nth)
                for line in chunk.lines:
                    at[chunk.path, line.side, line.number].add(nth)

        def looked(placed: Placed) -> Collection[int]:
            anchor = placed.anchor
            here = at.get((anchor.path, anchor.side, anchor.line)) if anchor else None
            return here or at.get(placed.finding.path) or self.answered.keys()

        return looked

    def _placed(self, findings: Sequence[Finding]) -> tuple[Placed, ...]:
        return tuple(place(finding, self.places) for finding in findings)


def _unreadable(rejects: Sequence[str]) -> tuple[str, ...]:
    """One sentence about what the model meant to say and nobody could read: it may have been the worst."""
    if not rejects:
        return ()
    what = "1 of the model's findings" if len(rejects) == 1 else f"{len(rejects)} of the model's findings"
    return (f"{what} could not be read: {rejects[0].rstrip('.')}",)
