"""The nouns of a review, as frozen values that every other module shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, Literal

Conclusion = Literal["success", "failure", "neutral", "cancelled"]


class Severity(IntEnum):
    """By consequence; ordered, so that a gate is a comparison."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """`high` -> HIGH; raises KeyError for a word that is no severity."""
        return cls[word.strip().upper()]


class Side(StrEnum):
    """GitHub's word for the file version that a comment stands on."""

    LEFT = "LEFT"  # the old file: removed lines
    RIGHT = "RIGHT"  # the new file: added and context lines


# --- the diff ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk. `kind` is '+', '-' or ' '; `old`/`new` count from 1, None where the line is not."""

    kind: str
    text: str  # without the sign and without the line end; a CR before the LF is kept
    old: int | None
    new: int | None

    @property
    def side(self) -> Side:
        return Side.LEFT if self.new is None else Side.RIGHT

    @property
    def number(self) -> int:
        """The number that a comment on this line carries: in the new file, or in the old one for a removed line."""
        number = self.old if self.new is None else self.new
        assert number is not None
        return number


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of changed lines with their context. `section` is git's text after the second @@, often a function head."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    section: str
    lines: tuple[Line, ...]


FileStatus = Literal["added", "removed", "modified", "renamed", "copied"]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What happened to one file. `old_path` differs from `path` only for renames and copies."""

    path: str
    old_path: str
    status: FileStatus
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False
    submodule: bool = False
    mode: str = ""  # "100644 → 100755" when the mode changed, else ""
    missing: str = ""  # why the hunks are not here (GitHub sent no patch, …), else ""

    @property
    def added(self) -> int:
        return sum(line.kind == "+" for hunk in self.hunks for line in hunk.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "-" for hunk in self.hunks for line in hunk.lines)


@dataclass(frozen=True, slots=True)
class Diff:
    files: tuple[FileDiff, ...] = ()

    def file(self, path: str) -> FileDiff | None:
        return next((file for file in self.files if file.path == path), None)


# --- chunks, batches, coverage ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HunkId:
    """Names a hunk of the diff: the file's path and the hunk's position in that file, from 0."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """The unit of cache: a run of lines out of the hunks of one file, as the model sees them.

    `key` is the digest of what the model sees of it without line numbers; `text` is exactly what goes into the
    prompt; `tokens` is its exact count. `lines` are the lines shown, in order. A hunk too large for one chunk
    appears in several (each names it in `hunks`).
    """

    path: str
    key: str
    text: str
    tokens: int
    hunks: tuple[HunkId, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """The unit of spending: the chunks of one model call."""

    chunks: tuple[Chunk, ...]

    @property
    def tokens(self) -> int:
        return sum(chunk.tokens for chunk in self.chunks)


class Fate(StrEnum):
    """What became of a hunk. Every hunk of the diff has exactly one."""

    REVIEWED = "reviewed"
    CACHED = "from cache"
    IGNORED = "ignored"
    FAILED = "not reviewed"


@dataclass(frozen=True, slots=True)
class Covered:
    """A hunk (or, with index -1, a file that has none) and what became of it; `reason` for the last two fates."""

    hunk: HunkId
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    entries: tuple[Covered, ...] = ()

    def count(self, fate: Fate) -> int:
        return sum(entry.fate is fate for entry in self.entries)

    @property
    def complete(self) -> bool:
        return not self.count(Fate.FAILED)

    @property
    def total(self) -> int:
        return len(self.entries)


# --- findings ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """What a source says is wrong. `line` counts in the new file (in the old file for a removed line), from 1."""

    path: str
    line: int
    end_line: int | None
    quote: str
    severity: Severity
    category: str
    confidence: float
    title: str
    body: str
    suggestion: str | None = None
    source: str = "model"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an inline comment stands. `start_line` is set only for a range, lies in the same hunk and is < `line`."""

    path: str
    side: Side
    line: int
    start_line: int | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with its place, or with the reason why it has none (it then goes into the summary)."""

    finding: Finding
    anchor: Anchor | None
    code: str = ""  # the text of the anchored lines, for people and for the confirmation
    symbol: str = ""  # the enclosing function or class, where known
    problem: str = ""  # why there is no anchor
    fingerprint: str = ""
    confirmed: bool | None = None  # None: nobody asked; False: it may be said, but never blocks
    reason: str = ""  # what the confirmation said


# --- jobs, pull requests, the check -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a webhook asks for. JSON-serialisable by its fields; `head` is what the event knew, the newest wins."""

    kind: Literal["review", "close"]
    installation: int
    repository: str  # owner/name
    number: int
    head: str
    trigger: str  # "pull_request.opened"
    delivery: str
    full: bool = False

    @property
    def lane(self) -> str:
        """Jobs of one lane run one at a time."""
        return f"{self.installation}/{self.repository}#{self.number}"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A delivery that asks for nothing, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    repository: str  # owner/name of the base repository
    number: int
    title: str
    body: str
    author: str
    draft: bool
    open: bool
    head_sha: str
    base_sha: str
    base_ref: str
    url: str = ""
    changed_files: int | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """An inline comment to be posted."""

    anchor: Anchor
    body: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    commit: str
    body: str
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    level: Literal["notice", "warning", "failure"]
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A check run as it should stand. `conclusion` only with status completed."""

    status: Literal["queued", "in_progress", "completed"]
    title: str
    summary: str
    text: str = ""
    conclusion: Conclusion | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """What our hidden marks on the pull request say was already said."""

    fingerprints: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()


# --- the model --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model is forced to call, with its strict JSON schema."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One call of the model, whole. `system` never changes within a prompt version and repository: it comes first."""

    system: str
    user: str
    tool: Tool
    version: str
    max_output: int  # tokens
    temperature: float | None = None
    effort: str | None = None
    cache_key: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or several calls; `cached` is part of `input`, `reasoning` part of `output`."""

    input: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.output + other.output,
            self.reasoning + other.reasoning,
            self.calls + other.calls,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `arguments` is the function call's JSON text, "" if there was none; `fault` is what is wrong."""

    arguments: str
    usage: Usage
    model: str
    fault: Literal["", "text", "truncated", "refused"] = ""
    text: str = ""  # what the model said instead, for the log
    request_id: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """A parsed `report_findings` answer: the good findings, and a sentence for each entry that was not."""

    findings: tuple[Finding, ...] = ()
    rejects: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class FaultNote:
    """A sentence for the person on the pull request about something that went wrong and what it cost."""

    sentence: str
