"""RSA keys in the forms in which GitHub Apps' private keys turn up."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(
    form: PrivateFormat = PrivateFormat.TraditionalOpenSSL, *, encryption: KeySerializationEncryption | None = None
) -> str:
    return rsa_key().private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()
