"""What is sent to the model: the prompt files, the functions it must call, and the messages made of them."""

from reviewer.core.prompts.fences import fenced
from reviewer.core.prompts.file import PromptFile, parse_prompt
from reviewer.core.prompts.messages import confirm_prompt, review_prompt
from reviewer.core.prompts.tools import CONFIRM_TOOL, REPORT_TOOL

__all__ = ["CONFIRM_TOOL", "REPORT_TOOL", "PromptFile", "confirm_prompt", "fenced", "parse_prompt", "review_prompt"]
