"""`reviewer prompt`: the exact messages of a local review, and what they weigh."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from reviewer.commands.kit import kit_of
from reviewer.core.budget import cost
from reviewer.core.errors import UsageError
from reviewer.core.render.words import many
from reviewer.core.types import Prompt, Tool, Usage
from reviewer.examine import batches_of
from reviewer.git import Part
from reviewer.interrupts import run
from reviewer.local import Kit, Unasked, question_of, subject_of
from reviewer.plan import make_plan
from reviewer.printing import complain, say
from reviewer.question import prompt_for, wishes_for
from reviewer.settings import Settings

# What the parts of a prompt are called, in the order in which they are sent.
_PARTS = {
    "function": "function",
    "rules": "rules",
    "instructions": "instructions",
    "guidelines": "guidelines",
    "path_instructions": "path instructions",
    "examples": "examples",
    "pull": "pull request",
    "diff": "diff",
}


def prompt_command(
    settings: Settings, named: str | Part | None, *, repo: Path, diff: Path | None, variant: str = ""
) -> int:
    """Print every message of every call, its parameters, and exact token counts. Needs no key."""
    kit = _with_variant(kit_of(settings), variant) if variant else kit_of(settings)
    subject = subject_of(repo, named, diff)
    count = kit.tokens().count
    name = subject.config.model.name or settings.model
    means = kit.means(subject)
    plan = run(make_plan(subject.diff, question_of(subject, Unasked(name), kit), means))
    question = plan.question
    batches, over = batches_of(plan.chunks, plan, means.purse)
    total = 0
    cut: list[str] = []
    for number, batch in enumerate(batches, 1):
        total += _show(prompt_for(batch, question), f"call {number} of {len(batches)}: {name}", count)
        cut += wishes_for([chunk.path for chunk in batch.chunks], question).cut
    money = cost(Usage(input=total), model=name, prices=kit.prices)
    price = "" if money is None else f", ${money:.4f} for the input alone"
    raw = count(subject.raw)
    weight = f"{total:,} input tokens" + (f" ({total / raw:.2f} times the raw diff's {raw:,})" if raw else "")
    asked = f"{many(len(batches), 'call')}, {many(len(plan.chunks), 'chunk')}, {weight}{price}"
    say(f"=== {asked}; nothing was sent" if batches else "Nothing to review: nothing would be sent.")
    left = [f"{many(len(over), 'hunk')} would not be reviewed: {reason}." for reason in dict.fromkeys(over.values())]
    for problem in dict.fromkeys([*subject.problems, *cut, *left]):
        complain(problem)
    return 0


def _with_variant(kit: Kit, variant: str) -> Kit:
    name = f"review.{variant.removeprefix('review.')}"
    if name not in kit.prompts:
        raise UsageError(f"There is no variant {variant!r}: `reviewer prompts list` shows those that there are.")
    return replace(kit, prompts={**kit.prompts, "review": kit.prompts[name]})


def _show(prompt: Prompt, heading: str, count: Callable[[str], int]) -> int:
    """One call; its tokens."""
    messages = {"system": prompt.system, "user": prompt.user, "function": _function(prompt.tool)}
    counts = {part: count(text) for part, text in messages.items()}
    say(f"=== {heading}, prompt {prompt.version}, {sum(counts.values()):,} tokens")
    say(f"--- parameters: {_parameters(prompt)}")
    say(f"--- parts: {_parts({**prompt.parts, 'function': messages['function']}, count)}")
    for part, text in messages.items():
        say(f"--- {part}: {counts[part]:,} tokens\n{text}")
    return sum(counts.values())


def _parameters(prompt: Prompt) -> str:
    """As sent to an API that takes them all; what is left to the server is not named."""
    named = {"temperature": prompt.temperature, "effort": prompt.effort, "seed": prompt.seed}
    told = [f"{name} {value}" for name, value in named.items() if value is not None]
    return ", ".join([*told, f"max output {prompt.max_output:,} tokens", f"cache key {prompt.cache_key}"])


def _parts(texts: Mapping[str, str], count: Callable[[str], int]) -> str:
    return ", ".join(f"{told} {count(texts[part]):,}" for part, told in _PARTS.items() if texts.get(part))


def _function(tool: Tool) -> str:
    return json.dumps(
        {"name": tool.name, "description": tool.description, "parameters": tool.schema}, separators=(",", ":")
    )
