"""A server on loopback whose certificate is signed by an authority of the tests' own, as in many companies; a proxy too."""

from __future__ import annotations

import datetime as dt
import ipaddress
import select
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.types import ASGIApp

from reviewer.standin.server import serve

HOST = "127.0.0.1"
FAR = "forge.example"  # a host that only the proxy finds: it is this machine


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _made(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=authority,
        **dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
        ),
        decipher_only=False,
    )
    names = [x509.DNSName(FAR), x509.IPAddress(ipaddress.ip_address(HOST))]
    return (
        x509.CertificateBuilder(_named(issuer), _named(subject), key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )


@dataclass(frozen=True)
class Company:
    """`bundle` holds its root certificate; `chain` and `key` are those of its server, called FAR and 127.0.0.1."""

    bundle: Path
    chain: Path
    key: Path


def company(folder: Path) -> Company:
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    made = Company(folder / "company.pem", folder / "server.pem", folder / "server.key")
    made.bundle.write_bytes(_made("Company", root, "Company", root, authority=True).public_bytes(Encoding.PEM))
    made.chain.write_bytes(_made(FAR, own, "Company", root, authority=False).public_bytes(Encoding.PEM))
    made.key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


@contextmanager
def secured(app: ASGIApp, at: Company) -> Iterator[str]:
    """The https address of `app`: a tunnel in front of the plain one, as a company's own gateway is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(at.chain, at.key)
    with serve(app) as plain, socket.create_server((HOST, 0)) as listener:
        port = int(plain.rpartition(":")[2])

        def accept() -> None:
            with suppress(OSError):  # closed: the end
                while True:
                    threading.Thread(target=through, args=(listener.accept()[0],), daemon=True).start()

        def through(client: socket.socket) -> None:
            with (
                suppress(OSError),
                client,
                context.wrap_socket(client, server_side=True) as outer,
                socket.create_connection((HOST, port)) as inner,
            ):
                _join(outer, inner)

        threading.Thread(target=accept, daemon=True).start()
        yield f"https://{HOST}:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def _join(one: socket.socket, other: socket.socket) -> None:
    """Hand on what either says, until one has nothing more to say."""
    ways = {one: other, other: one}
    while True:
        pending = [each for each in ways if isinstance(each, ssl.SSLSocket) and each.pending()]
        for each in pending or select.select(list(ways), [], [])[0]:
            if not (said := each.recv(65_536)):
                return
            ways[each].sendall(said)


@dataclass
class Gate:
    """A proxy; with `password` it asks for ann's. What was asked of it, in its own words: `CONNECT host:port`."""

    url: str = ""
    password: str = ""
    asked: list[str] = field(default_factory=list)


@contextmanager
def gate(password: str = "") -> Iterator[Gate]:
    """Leads whatever host it is asked for to this machine, by CONNECT."""
    seen = Gate(password=password)
    expected = "Basic " + b64encode(f"ann:{password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # git asks again over the same connection, with the password

        def _let_in(self) -> bool:
            seen.asked.append(f"{self.command} {self.path}")
            if password and self.headers.get("Proxy-Authorization") != expected:
                self.send_response(407)
                self.send_header("Proxy-Authenticate", 'Basic realm="gate"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return False
            return True

        def do_CONNECT(self) -> None:
            if not self._let_in():
                return
            port = int(self.path.rpartition(":")[2])
            with socket.create_connection((HOST, port)) as onward:
                self.send_response(200)
                self.end_headers()
                with suppress(OSError):
                    _join(self.connection, onward)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    name = f"ann:{password}@" if password else ""
    seen.url = f"http://{name}{HOST}:{server.server_address[1]}"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
