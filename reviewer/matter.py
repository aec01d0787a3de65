"""Brings together what a question in a conversation is about, without secrets: finding, words, code."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from reviewer.core.chunks import budget_for
from reviewer.core.nearest import around, line_of, nearest
from reviewer.core.prompts import SPOKEN, Matter
from reviewer.core.redaction import is_secret_file, redact_texts
from reviewer.core.types import Chunk, Diff, PullRequest, Remembered, Told
from reviewer.plan import Means, Plan, make_plan
from reviewer.ports import Talked
from reviewer.question import Question
from reviewer.redacting import secrets_in
from reviewer.run import Run
from reviewer.terms import read_terms
from reviewer.together import beside

CODE = 4_000  # tokens of the diff: with all else one question is under half of `telling.MOST`
AROUND = 3_000  # characters of the file around the place
BESIDE = 6_000  # tokens of a call that are no diff
MOST_STANDING, LONGEST_TITLE = 30, 120  # findings of a pull request that a question is told of; characters of one
LONGEST = 12_000  # characters that are read of a comment: more than is shown, so that no secret is cut in half there
US = "you"  # as whom the model is shown our own words


@dataclass(frozen=True, slots=True)
class Topic:
    """What is asked, on which pull request; in a thread (`root`, 0 in the conversation) with what is known of it.

    `until` is the comment with the question: what came after it has questions of its own.
    """

    pull: PullRequest
    asked: str
    remembered: Remembered
    root: int = 0
    until: int = 0
    thread: Talked = field(default_factory=Talked)

    @property
    def told(self) -> tuple[Told, ...]:
        """The findings that the thread is about."""
        return tuple(each for each in self.remembered.told if self.root and each.comment == self.root)

    @property
    def talk(self) -> tuple[tuple[str, str], ...]:
        words = [each for each in self.thread.words if each.id < self.until and (each.id != self.root or not self.told)]
        return tuple((US if each.ours else each.author or "somebody", each.body[:LONGEST]) for each in words[-SPOKEN:])


@dataclass(frozen=True, slots=True)
class Gathered:
    """`terms` is what the repository asks of its reviews; `code` are the texts of all chunks that it may be about."""

    terms: Question
    matter: Matter
    code: tuple[str, ...]


async def gather(this: Run, topic: Topic) -> Gathered:
    """Raises ModelError where no model is set up, Superseded when the head moves on meanwhile, and OutsideError where
    nobody could look for secrets.
    """
    terms, _ = await read_terms(this, topic.pull)
    path, line = _place(topic)
    diff, path = _about(await this.github.diff(topic.pull), path)
    plan = await make_plan(diff, terms, _means(this))
    file = await _head(this, topic, path, plan)
    line = line or line_of(file, topic.told[0].code if topic.told else "")
    question = plan.question
    raw = Matter(topic.asked[:LONGEST], question.title, question.body, _finding(topic), _standing(topic), path=path)
    matter, file, chunks = await _cleaned(this, replace(raw, talk=topic.talk), file, plan)
    said = f"{matter.question}\n{matter.finding}"
    here = line if all(chunk.path == path for chunk in chunks) else 0  # else it is a line of none of these files
    near = await beside(lambda: nearest(chunks, said, room=_room(terms), line=here))
    shown = "".join(chunk.text for chunk in near)
    matter = replace(matter, diff=shown, around=around(file, line, most=AROUND))
    return Gathered(terms, matter, tuple(chunk.text for chunk in chunks))


async def _cleaned(this: Run, raw: Matter, file: str, plan: Plan) -> tuple[Matter, str, list[Chunk]]:
    """All of it without what was found in any of it: the diff was searched when it was planned."""
    talk = [word for pair in raw.talk for word in pair]
    words = [file, raw.question, raw.title, raw.body, raw.finding, raw.path, *raw.standing, *talk]
    found = (*plan.secrets, *await secrets_in(words, this.tools.secrets))
    texts = await beside(lambda: redact_texts([*words, *(chunk.text for chunk in plan.chunks)], found))
    said = iter(texts)
    file, asked, title, body, finding, path = (next(said) for _ in range(6))
    standing = tuple(next(said) for _ in raw.standing)
    spoken = tuple((next(said), next(said)) for _ in raw.talk)
    matter = Matter(asked, title, body, finding, standing, path=path, talk=spoken)
    return matter, file, [replace(chunk, text=text) for chunk, text in zip(plan.chunks, said, strict=True)]


def _place(topic: Topic) -> tuple[str, int]:
    """Path and line of the new file; "" and 0 in the conversation."""
    if topic.told:
        return topic.told[0].path or topic.thread.path, topic.thread.line
    return topic.thread.path, topic.thread.line


def _about(diff: Diff, path: str) -> tuple[Diff, str]:
    """The file that the thread stands on, and what it is called now; all files where it is not in the diff."""
    file = next((each for each in diff.files if path and path in {each.path, each.old_path}), None)
    return (Diff((file,)), file.path) if file else (diff, path)


async def _head(this: Run, topic: Topic, path: str, plan: Plan) -> str:
    """The file at the head, if it is one that a review would show."""
    if not path or is_secret_file(path) or all(chunk.path != path for chunk in plan.chunks):
        return ""
    texts = await this.github.texts(topic.pull.head_sha, [path], sure=False)
    return texts.get(path) or ""


def _room(terms: Question) -> int:
    return budget_for(terms.window, fixed=min(BESIDE, terms.window // 2), reserve=terms.window // 4, most=CODE)


def _means(this: Run) -> Means:
    tools = this.tools
    return Means(tools.store, tools.tokens, tools.secrets, tools.outlines, tools.clock, limits=tools.limits)


def _finding(topic: Topic) -> str:
    """What we said, in the thread about it."""
    return "\n".join(_told(each) for each in topic.told)


def _told(told: Told) -> str:
    head = _headed(told)
    return "\n".join(filter(None, [head, _plain(told.title), _plain(told.body), told.code and f"On:\n{told.code}"]))


def _standing(topic: Topic) -> tuple[str, ...]:
    """What stands open, for a question in the conversation."""
    told = topic.remembered.told if not topic.root else ()
    still = [each for each in told if each.title and each.thread.state == "open" and not each.thread.resolved]
    return tuple(f"{_headed(each)}: {_plain(each.title)[:LONGEST_TITLE]}" for each in still[:MOST_STANDING])


def _headed(told: Told) -> str:
    where = f"{told.path}:{told.line}" if told.line else told.path
    return " · ".join(filter(None, [told.severity.word if told.severity else "", told.category, where]))


def _plain(text: str) -> str:
    """Without what rendering put between the letters."""
    return text.replace("\u200b", "")
