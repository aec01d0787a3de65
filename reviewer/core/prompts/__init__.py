"""What is sent to the model: the prompt files, the examples, the functions to call, and the messages made of them."""

from reviewer.core.prompts.ask import QUESTION_LIMIT, SPOKEN, Matter, ask_prompt
from reviewer.core.prompts.examples import Example, choose, digest_of, language_of, parse_examples
from reviewer.core.prompts.fences import fenced
from reviewer.core.prompts.file import PromptFile, parse_prompt
from reviewer.core.prompts.learned import choose_dismissed
from reviewer.core.prompts.messages import confirm_prompt, review_prompt
from reviewer.core.prompts.room import answer_room
from reviewer.core.prompts.tools import ANSWER_TOOL, CONFIRM_TOOL, REPLY_TOOL, REPORT_TOOL
from reviewer.core.prompts.variants import Split, check_split, check_variant, choose_prompt, parse_split

__all__ = [
    "ANSWER_TOOL",
    "CONFIRM_TOOL",
    "QUESTION_LIMIT",
    "REPLY_TOOL",
    "REPORT_TOOL",
    "SPOKEN",
    "Example",
    "Matter",
    "PromptFile",
    "Split",
    "answer_room",
    "ask_prompt",
    "check_split",
    "check_variant",
    "choose",
    "choose_dismissed",
    "choose_prompt",
    "confirm_prompt",
    "digest_of",
    "fenced",
    "language_of",
    "parse_examples",
    "parse_prompt",
    "parse_split",
    "review_prompt",
]
