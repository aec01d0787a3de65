"""GitHub's GraphQL as far as a review needs it: files, review threads, resolving and minimising; else an error."""

from __future__ import annotations

from reviewer.standin.calls import Endpoint
from reviewer.standin.graphql.answering import post

# Permissions are asked field by field: GraphQL answers 200 and says in `errors` what was forbidden.
ENDPOINT = Endpoint("POST", "/graphql", post)

__all__ = ["ENDPOINT"]
