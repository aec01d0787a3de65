"""Reads the GitHub App's private key out of the forms in which people paste it."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from reviewer.core.errors import UsageError

_DOWNLOAD = "use the .pem file that the GitHub App's settings page gives under 'Private keys'"


def private_key_pem(text: str) -> str:
    """The PEM in `text`: as it is, with a backslash and an n for each line end, or base64 of the whole.

    Raises UsageError when it is not an unencrypted RSA private key, the only kind that GitHub Apps have.
    """
    pem = _unfolded(text)
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:  # cryptography's answer to a key that needs a password
        raise UsageError(f"it is encrypted with a password, which GitHub's keys are not: {_DOWNLOAD}.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"it is not a private key in PEM form: {_DOWNLOAD}.") from None
    if not isinstance(key, RSAPrivateKey):
        raise UsageError(f"it is a private key, but not an RSA key: {_DOWNLOAD}.")
    return pem


def _unfolded(text: str) -> str:
    pem = text.strip().strip("\"'")
    if "-----BEGIN" not in pem:
        try:
            pem = base64.b64decode("".join(pem.split()), validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            raise UsageError(f"it is neither a PEM nor base64 of one: {_DOWNLOAD}.") from None
    return pem.replace("\\r", "").replace("\\n", "\n").replace("\r\n", "\n").strip() + "\n"
