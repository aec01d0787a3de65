"""The few fields of GraphQL's answers that we read, as leniently as those of REST."""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

from pydantic import BaseModel

from reviewer.github.shapes import User

T = TypeVar("T")


class Blob(BaseModel):
    """GraphQL's `Blob`; all fields are missing when the path is a folder or a submodule."""

    text: str | None = None
    byteSize: int | None = None  # noqa: N815 -- GraphQL's own name
    isBinary: bool | None = None  # noqa: N815 -- GraphQL's own name
    isTruncated: bool | None = None  # noqa: N815 -- GraphQL's own name


Blobs: TypeAlias = dict[str, dict[str, Blob | None] | None]  # by the names that a query gives repository and file


class GivenThumb(BaseModel):
    user: User | None = None  # null for a bot and a deleted account


class GivenThumbs(BaseModel):
    nodes: list[GivenThumb | None] | None = None


class ThreadComment(BaseModel):
    """Its `id` is what REST calls `node_id`; GraphQL's `databaseId` is too small for the ids of today."""

    id: str = ""
    isMinimized: bool | None = None  # noqa: N815 -- GraphQL's own name
    reactions: GivenThumbs | None = None  # 👎 only


class ThreadComments(BaseModel):
    nodes: list[ThreadComment | None] | None = None


class ReviewThread(BaseModel):
    id: str
    isResolved: bool | None = None  # noqa: N815 -- GraphQL's own name
    resolvedBy: User | None = None  # noqa: N815 -- GraphQL's own name
    comments: ThreadComments | None = None


class PageInfo(BaseModel):
    hasNextPage: bool | None = None  # noqa: N815 -- GraphQL's own name
    endCursor: str | None = None  # noqa: N815 -- GraphQL's own name


class ReviewThreads(BaseModel):
    nodes: list[ReviewThread | None] | None = None
    pageInfo: PageInfo | None = None  # noqa: N815 -- GraphQL's own name


class PullThreads(BaseModel):
    reviewThreads: ReviewThreads | None = None  # noqa: N815 -- GraphQL's own name


class RepositoryThreads(BaseModel):
    pullRequest: PullThreads | None = None  # noqa: N815 -- GraphQL's own name


class Threads(BaseModel):
    repository: RepositoryThreads | None = None


class GraphError(BaseModel):
    message: str | None = None
    type: str | None = None
    path: list[str | int] | None = None


class GraphAnswer(BaseModel, Generic[T]):
    """GitHub answers 200 to a query that failed too: then with errors, and with the data that it has all the same."""

    data: T | None = None
    errors: list[GraphError] | None = None
