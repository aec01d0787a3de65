"""Questions and replies in a conversation: `/ask` is answered, and who replies to a finding is talked with about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from reviewer.admitting import let_in
from reviewer.convincing import why_not
from reviewer.core.errors import ModelError, Superseded
from reviewer.core.findings import Reply
from reviewer.core.prompts import QUESTION_LIMIT
from reviewer.core.render.talk import (
    ANSWER_MARK,
    answered_text,
    convinced_text,
    cut_note,
    refused,
    unanswered_text,
)
from reviewer.core.render.words import FINDING_MARK
from reviewer.core.types import PullRequest
from reviewer.dismissing import dismiss
from reviewer.matter import Gathered, Topic, gather
from reviewer.ports import Place, Role, Spoken, Talked
from reviewer.run import Run
from reviewer.speaking import may, wait_for_the_model
from reviewer.telling import Answered, tell

MOST_ANSWERS = 10  # of ours in one thread, then people have it for themselves
MOST_WORDS = 60  # comments in one thread, of anybody: to have nothing to say costs a call too
MOVED = "The head of the pull request moved on while I looked. Ask again."

_EMOJI = re.compile(r":[\w+-]{1,40}:")


@dataclass(frozen=True, slots=True)
class Replied:
    """What to say in the thread, the hidden mark that goes with it, and the head that is to be judged anew after it."""

    text: str
    mark: str = ""
    review: str = ""


async def answer_question(this: Run, pull: PullRequest, said: Spoken, question: str) -> tuple[str, bool]:
    """What to say to the question of a command, and whether that answers it."""
    # What an earlier attempt at this run was told is no answer that was there before.
    first = await this.first(f"ask:{sha256(question.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}")
    try:
        topic = await _topic(this, pull, said, question)
        answered = await tell(this, await gather(this, topic), place=_place(topic))
    except ModelError as error:
        return refused(f"I cannot answer: {error}"), False
    except Superseded:
        return MOVED, False
    if answered.reply is None:
        return refused(f"I cannot answer: {answered.problem}"), False
    text = answered_text(answered.reply.answer, before=answered.before and first)
    return f"{text}\n\n{cut_note(QUESTION_LIMIT)}" if len(question) > QUESTION_LIMIT else text, True


async def reply(this: Run, said: Spoken) -> Replied | None:
    """What to say to a comment that holds no command; None where it is not about a finding of ours, where its writer
    may not ask for anything, and where nothing needs to be said. Raises TooEarly where it may be answered later.
    """
    if not _has_words(said.body) or not await _on_a_finding(this, said):
        return None
    role = await this.github.role(this.job.author)
    if not may(role, "triage"):
        return None
    topic = await _topic(this, await this.github.pull(this.job.number), said, said.body)
    if not topic.told or _answers(topic) >= MOST_ANSWERS or len(topic.thread.words) > MOST_WORDS:
        return None
    if not (await let_in(this, 1)).count:
        return None
    place = f"{topic.pull.head_sha} {said.at.comment}"
    try:
        gathered = await gather(this, topic)
        answered = await tell(this, gathered, place=place, prompt="rebut")
    except ModelError as error:
        answered = Answered(None, problem=str(error), later=error.retryable)
    except Superseded:
        answered = Answered(None, problem="the head of the pull request moved on while I looked.", later=True)
    if answered.reply is None:
        await wait_for_the_model(this, answered)
        return _unanswered(topic, role, answered.problem)
    return await _replied(this, topic, role, gathered, answered.reply, place=place)


def _unanswered(topic: Topic, role: Role, problem: str) -> Replied | None:
    """Told to those who might have dismissed the finding, and not over and over again."""
    text = unanswered_text(problem)
    told = any(each.ours and text in each.body for each in topic.thread.words)
    return None if told or not may(role, "write") else Replied(text)


async def _replied(
    this: Run, topic: Topic, role: Role, gathered: Gathered, said: Reply, *, place: str
) -> Replied | None:
    """What convinces dismisses the finding only where its writer might have done so by a command."""
    if said.convinced and not may(role, "write"):
        return Replied(convinced_text(said.answer))
    # What this person dismissed was so by an earlier attempt, maybe: that has to be said once more.
    ours = [each for each in topic.told if each.thread.state != "dismissed" or each.thread.by == this.job.author]
    parts = [answered_text(said.answer)] if said.answer else []
    if not said.convinced or not ours:
        return Replied(*parts) if parts else None
    if sentence := await why_not(this, gathered, ours, said, place=place):
        return Replied(sentence)
    done = await dismiss(this, ours, said.reason, head=topic.pull.head_sha, how="reply")
    parts.append(done.text)
    head = topic.pull.head_sha if topic.pull.open else ""
    return Replied("\n\n".join(parts), done.mark, head)


async def _topic(this: Run, pull: PullRequest, said: Spoken, asked: str) -> Topic:
    root = said.root if said.at.inline else 0
    thread = await this.github.talked(pull.number, root) if root else Talked()
    return Topic(pull, asked, await this.github.remembered(pull.number), root, said.at.comment, thread)


def _place(topic: Topic) -> str:
    """What an answer is good for: the head, and there the finding or the thread, or the conversation."""
    return f"{topic.pull.head_sha} {' '.join(sorted(each.name for each in topic.told)) or topic.root}"


async def _on_a_finding(this: Run, said: Spoken) -> bool:
    """One request, for there are threads of people's that are none of our business."""
    at = said.at
    if not at.inline or said.root in {0, at.comment}:
        return False
    root = await this.github.spoken(Place(at.number, said.root, inline=True))
    return root is not None and root.bot and bool(FINDING_MARK.search(root.body))


def _answers(topic: Topic) -> int:
    """How often we have answered before the comment."""
    return sum(each.ours and ANSWER_MARK in each.body for each in topic.thread.words if each.id < topic.until)


def _has_words(body: str) -> bool:
    return any(letter.isalnum() for letter in _EMOJI.sub("", body))
