"""What a review needs from outside, in our own verbs; the edges satisfy these, the line imports only them."""

from reviewer.ports.github import Delivery, File, GitHub, OpenPull, Place, Reaction, Role, Spoken, Survey, Talk
from reviewer.ports.model import Model, Tokens, Vectors
from reviewer.ports.store import Answers, Dismissals, Entry, Kind, RunRecord, Store
from reviewer.ports.tools import Cases, Forms, Limits, Outlines, Secrets, Source, Tools

__all__ = [
    "Answers",
    "Cases",
    "Delivery",
    "Dismissals",
    "Entry",
    "File",
    "Forms",
    "GitHub",
    "Kind",
    "Limits",
    "Model",
    "OpenPull",
    "Outlines",
    "Place",
    "Reaction",
    "Role",
    "RunRecord",
    "Secrets",
    "Source",
    "Spoken",
    "Store",
    "Survey",
    "Talk",
    "Tokens",
    "Tools",
    "Vectors",
]
