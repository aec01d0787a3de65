"""The keys of a repository's configuration with their defaults; reader, schema and documentation are made from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    TypeAdapter,
)
from pydantic_core import CoreSchema, core_schema

from reviewer.core.config.globs import alternatives, matches
from reviewer.core.types import Severity

_CLOSED = ConfigDict(extra="forbid")  # an unknown key is told, not swallowed

_MOST_GLOBS = 500  # of a list: each is compiled, up to 64 times


def _in_words(words: Any) -> GetPydanticSchema:  # noqa: ANN401 - a Literal has no type of its own
    """Outside the file's words, inside a Severity, or None for `never`."""

    def build(_source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda word: None if word == "never" else Severity.parse(word),
            handler.generate_schema(words),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda severity: "never" if severity is None else severity.word
            ),
        )

    return GetPydanticSchema(build)


def _whole(number: object) -> object:
    """2.0 is a whole number to JSON schema, and so to editors."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _checked(glob: str) -> str:
    alternatives(glob)
    return glob


def _flat(globs: tuple[str, ...]) -> tuple[str, ...]:
    """With `{a,b}` written out, which .gitignore does not know."""
    return tuple(single for glob in globs for single in alternatives(glob))


Said: TypeAlias = Annotated[Severity, _in_words(Literal["critical", "high", "medium", "low"])]
Bar: TypeAlias = Annotated[Severity | None, _in_words(Literal["critical", "high", "medium", "low", "never"])]
# For editors: no `!` alone, no backslash at the end. The reader asks the one that matches.
_PATTERN = {"pattern": r"^(?!!\s*$)(?:[^\\]|\\[\s\S])*$"}
Glob: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=500, json_schema_extra=_PATTERN), AfterValidator(_checked)
]
Path: TypeAlias = Annotated[str, Field(min_length=1, max_length=500)]
Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


@dataclass(frozen=True, slots=True)
class PathInstructions:
    """What the reviewer shall know about the files that fit a glob."""

    __pydantic_config__ = _CLOSED

    path: Annotated[Glob, Field(description="A glob: `src/db/**`, `*.sql`, `docs/`, `**/*.{ts,tsx}`.")]
    instructions: Annotated[str, Field(description="What the reviewer shall know about these files.")]


@dataclass(frozen=True, slots=True)
class ReviewConfig:
    """What is reviewed and what is said."""

    __pydantic_config__ = _CLOSED

    drafts: Annotated[bool, Field(description="Review drafts too.")] = False
    min_severity: Annotated[Said, Field(description="Below this nothing is said.")] = Severity.LOW
    max_comments: Annotated[
        int,
        Field(ge=0, le=200, description="At most so many inline comments; the rest goes into the summary."),
        BeforeValidator(_whole),
    ] = 20
    min_confidence: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            allow_inf_nan=False,
            description="Less sure findings go into the summary, those below half of it nowhere; not what is grave.",
        ),
    ] = 0.3
    passes: Annotated[
        int,
        Field(ge=1, le=5, description="Reviews of the same code; what fewer of them see counts as less sure."),
        BeforeValidator(_whole),
    ] = 1
    language: Annotated[
        str, Field(min_length=2, max_length=40, description="The language of the findings: `en`, `pt-BR`, `German`.")
    ] = "en"
    ignore: Annotated[
        tuple[Glob, ...],
        Field(max_length=_MOST_GLOBS, description="Files that are not reviewed, as in .gitignore; `!` takes back."),
        AfterValidator(_flat),
    ] = ("**/*.lock", "vendor/**")
    instructions: Annotated[str, Field(description="What the reviewer shall know about this repository.")] = ""
    path_instructions: Annotated[
        tuple[PathInstructions, ...],
        Field(max_length=_MOST_GLOBS, description="Instructions for the files that fit a glob."),
    ] = ()
    guidelines: Annotated[
        tuple[Path, ...],
        Field(max_length=50, description="Files of the repository that are read as instructions when present."),
    ] = ("AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md")
    resolve_threads: Annotated[
        bool, Field(description="Resolve the thread of a fixed finding; the App then needs contents: write.")
    ] = False


@dataclass(frozen=True, slots=True)
class GateConfig:
    """When the check fails."""

    __pydantic_config__ = _CLOSED

    fail_on: Annotated[Bar, Field(description="Findings of this severity or above fail the check.")] = Severity.HIGH
    on_error: Annotated[
        Literal["neutral", "failure"],
        Field(description="What the check says when the review could not be finished."),
    ] = "neutral"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model answers and how; None leaves it to the server's settings."""

    __pydantic_config__ = _CLOSED

    name: Annotated[str | None, Field(min_length=1, max_length=200, description="The model's name.")] = None
    temperature: Annotated[
        float | None,
        Field(ge=0, le=2, allow_inf_nan=False, description="Left out when an effort other than none is set."),
    ] = None
    effort: Annotated[Effort | None, Field(description="How long the model reasons.")] = None


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of the reviewer for one repository."""

    __pydantic_config__ = _CLOSED

    extends: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*/\.*[A-Za-z0-9_-][A-Za-z0-9._-]*$",  # no `..`
            description="Another repository, `owner/name`, whose configuration comes first.",
        ),
    ] = None
    review: ReviewConfig = field(default_factory=ReviewConfig)
    gate: GateConfig = field(default_factory=GateConfig)
    model: ModelConfig = field(default_factory=ModelConfig)


ADAPTER = TypeAdapter(Config)


def instructions_for(config: Config, path: str) -> tuple[str, ...]:
    """The instructions that apply to `path`: the repository's, then those of each glob that fits, in file order."""
    own = [entry.instructions for entry in config.review.path_instructions if matches(path, entry.path)]
    return tuple(text.strip() for text in [config.review.instructions, *own] if text.strip())
