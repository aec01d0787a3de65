"""Whose certificates are trusted: those of the system, and those of REVIEWER_CA_BUNDLE beside them.

Each library and git look into variables of their own for a file. All of them are pointed to one file with everything
in it, once, at the start, so that what is asked anywhere in this process trusts the same.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import ssl
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path

from reviewer.core.errors import UsageError

BUNDLE = "REVIEWER_CA_BUNDLE"
FILE, FOLDER = "SSL_CERT_FILE", "SSL_CERT_DIR"
READ_BY = (FILE, "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO")  # httpx and openssl; requests, so Azure and OTLP; git
MOST = 20_000_000  # bytes of one file
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")


def trust(bundle: Path | None, environ: MutableMapping[str, str] = os.environ) -> None:
    """Let this process, and what it starts, trust `bundle` beside what it trusts anyway.

    Raises UsageError for a file that cannot be read or holds no certificate, also for the one of SSL_CERT_FILE.
    """
    named = environ.get(FILE)
    if named:
        _certificates(Path(named), FILE)
    if bundle is None:
        return
    wanted = _certificates(bundle.expanduser(), BUNDLE)
    found = dict.fromkeys([*wanted, *_trusted_anyway(environ)])
    file = str(_kept(b"\n".join(found) + b"\n"))
    for name in READ_BY:
        environ[name] = file


def certificates_in(text: bytes) -> list[bytes]:
    """The certificates of a file in PEM, each as it stands there. Raises ValueError for one that is damaged."""
    found = _PEM.findall(text)
    with suppress(ssl.SSLError):
        if found:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=b"\n".join(found).decode("ascii"))
        return found
    message = "a damaged certificate"
    raise ValueError(message)


def _certificates(file: Path, variable: str) -> list[bytes]:
    try:
        with file.open("rb") as opened:
            text = opened.read(MOST)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise UsageError(f"{variable} names {str(file)!r}, which cannot be read: {reason}.") from None
    try:
        found = certificates_in(text)
    except ValueError:
        raise UsageError(f"{variable} names {str(file)!r}, which holds a damaged certificate: copy it again.") from None
    if not found:
        raise UsageError(
            f"{variable} names {str(file)!r}, which holds no certificate in PEM: its lines begin with "
            "-----BEGIN CERTIFICATE----- (`openssl x509 -inform der -in FILE` turns other forms into it)."
        )
    return found


def _trusted_anyway(environ: MutableMapping[str, str]) -> Iterator[bytes]:
    """What the libraries would trust by themselves: what the environment names, else what the system has."""
    named = [environ[name] for name in READ_BY if environ.get(name)]
    folder = environ.get(FOLDER)
    if not environ.get(FILE) and not folder:
        named += _of_the_system()
    files = [Path(name) for name in named]
    if folder:
        files += [file for each in folder.split(os.pathsep) for file in sorted(_files(Path(each)))]
    for file in dict.fromkeys(files):
        with suppress(OSError):  # one that is not there now helps nobody without us either
            yield from _PEM.findall(file.read_bytes())


def _files(folder: Path) -> list[Path]:
    with suppress(OSError):
        return [file.resolve() for file in folder.iterdir() if file.is_file()]
    return []


def _of_the_system() -> list[str]:
    import certifi  # noqa: PLC0415 - most have no bundle

    paths = ssl.get_default_verify_paths()
    usual = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
    system = next((file for file in (paths.cafile, *usual) if file and Path(file).is_file()), None)
    return [*([system] if system else []), certifi.where()]


def _kept(text: bytes) -> Path:
    """A file with this text, for as long as this process runs; one in the user's cache is there for the next one too.

    Not in the temporary folder where it can be helped: files there are swept away while a server runs.
    """
    from platformdirs import user_cache_path  # noqa: PLC0415 - as above

    name = f"certificates-{hashlib.sha256(text).hexdigest()[:16]}.pem"
    with suppress(OSError, RuntimeError):
        folder = user_cache_path("reviewer", ensure_exists=True)
        return _written(folder / name, text)
    folder = Path(tempfile.mkdtemp(prefix="reviewer-certificates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        return _written(folder / name, text)
    except OSError as error:
        raise UsageError(
            f"{BUNDLE} needs a place for a file beside the system's certificates: make the user's cache folder or the "
            f"temporary one writable ({error.strerror})."
        ) from None


def _written(file: Path, text: bytes) -> Path:
    """In one step, for several processes may start at once."""
    with suppress(OSError):
        if file.read_bytes() == text:
            return file
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}-")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(text)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    return file


__all__ = ["BUNDLE", "READ_BY", "certificates_in", "trust"]
