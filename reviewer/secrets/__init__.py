"""The kept rule sets that find secrets: kingfisher's, as a program, and detect-secrets', as patterns."""

from reviewer.secrets.rules import RuleSet

__all__ = ["RuleSet"]
