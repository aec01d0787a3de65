"""The nouns of a review, as frozen values that every other module shares."""

from reviewer.core.types.act import Act, Deed, How
from reviewer.core.types.coverage import Batch, Chunk, Coverage, Covered, Fate, HunkId
from reviewer.core.types.diff import Diff, FileDiff, FileStatus, Hunk, Line, Side
from reviewer.core.types.dismissal import Dismissal
from reviewer.core.types.finding import Anchor, Conclusion, Finding, Placed, Severity, Verdict
from reviewer.core.types.form import Form
from reviewer.core.types.group import GroupVerdict, Member
from reviewer.core.types.head import Ended
from reviewer.core.types.job import Commit, Ignored, Job, JobKind, PullRequest
from reviewer.core.types.model import Answer, Embedded, Lost, Prompt, Report, Spent, Tool, Usage
from reviewer.core.types.post import (
    Annotation,
    CheckAction,
    CheckReport,
    CheckRun,
    Comment,
    Remembered,
    ReviewDraft,
    Saying,
    State,
    Thread,
    Told,
)
from reviewer.core.types.quality import Quality
from reviewer.core.types.ruling import Override, Pause
from reviewer.core.types.secret import PLACEHOLDER, Material, Secret
from reviewer.core.types.spending import Amount, Call, Fill, Level, Limit, Payer, Tier, Window
from reviewer.core.types.symbol import Outline, Symbol

__all__ = [
    "PLACEHOLDER",
    "Act",
    "Amount",
    "Anchor",
    "Annotation",
    "Answer",
    "Batch",
    "Call",
    "CheckAction",
    "CheckReport",
    "CheckRun",
    "Chunk",
    "Comment",
    "Commit",
    "Conclusion",
    "Coverage",
    "Covered",
    "Deed",
    "Diff",
    "Dismissal",
    "Embedded",
    "Ended",
    "Fate",
    "FileDiff",
    "FileStatus",
    "Fill",
    "Finding",
    "Form",
    "GroupVerdict",
    "How",
    "Hunk",
    "HunkId",
    "Ignored",
    "Job",
    "JobKind",
    "Level",
    "Limit",
    "Line",
    "Lost",
    "Material",
    "Member",
    "Outline",
    "Override",
    "Pause",
    "Payer",
    "Placed",
    "Prompt",
    "PullRequest",
    "Quality",
    "Remembered",
    "Report",
    "ReviewDraft",
    "Saying",
    "Secret",
    "Severity",
    "Side",
    "Spent",
    "State",
    "Symbol",
    "Thread",
    "Tier",
    "Told",
    "Tool",
    "Usage",
    "Verdict",
    "Window",
]
