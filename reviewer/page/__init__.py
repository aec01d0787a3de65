"""The operator's page: what runs, what was reviewed, what it cost; for whoever holds the operator token."""

from reviewer.page.routes import Page

__all__ = ["Page"]
