"""Token forms of detect-secrets that stand by themselves: above all AWS key ids, which kingfisher wants in pairs.

Left out are its guesses by entropy or by a name, which `core.redaction` makes with more care, and every pattern whose
time grows with the square of a hostile text: the one for JSON web tokens took four minutes over a megabyte of `eyJ…`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from reviewer.core.types import Secret

_PLUGINS: dict[str, Callable[[], RegexBasedDetector]] = {
    "artifactory-token": ArtifactoryDetector,
    "aws-access-token": AWSKeyDetector,
    "azure-storage-account-key": AzureStorageKeyDetector,
    "mailchimp-api-key": MailchimpDetector,
    "sendgrid-api-token": SendGridDetector,
    "square-access-token": SquareOAuthDetector,
    "stripe-access-token": StripeDetector,
    "twilio-api-key": TwilioKeyDetector,
}
_PIECE = 50_000  # characters: between two pieces other threads get their turn


def find(text: str) -> Iterator[Secret]:
    """The tokens in a text, none of which goes over the end of a line."""
    for piece in _pieces(text):
        for kind, pattern in _patterns():
            for match in pattern.finditer(piece):
                value = next((group for group in match.groups() if group), match.group())
                # One plugin takes the characters around the token into its match.
                yield Secret(kind, value.strip(" \t\r\n=:\"'"))


def _pieces(text: str) -> Iterator[str]:
    """The text, cut at line ends; a longer line stays whole."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield text[start:end]
        start = end


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, pattern) for kind, plugin in _PLUGINS.items() for pattern in plugin().denylist)
