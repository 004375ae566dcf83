"""Real mail servers on loopback, which fail as they are told, and a notice to send to them."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from publisher.notices.customers import Customer, Customers
from publisher.notices.mail import Postbox
from publisher.notices.values import Message, Notice
from publisher.workspace.facts import Mail

Rule = Callable[[str, int], str | None]
"""What a server answers about an address, the nth time; None is yes. `drop` hangs up."""


def notice(version: str = "2026-12-22", **subjects: str) -> Notice:
    """A notice in some locales: by default English and Dutch."""
    messages = {
        locale: Message(subject, f"{subject}.\nÉé: in force soon.\n", f"<p>{subject}</p>")
        for locale, subject in (subjects or {"en": "Our policy", "nl": "Ons beleid"}).items()
    }
    digests = {
        locale: sha256(repr(message).encode()).hexdigest() for locale, message in messages.items()
    }
    digest = sha256(repr(digests).encode()).hexdigest()
    in_force = datetime(2026, 12, 22, tzinfo=UTC)
    return Notice("alpha", version, in_force, next(iter(messages)), messages, digests, digest)


def people(number: int, locale: str = "en") -> Customers:
    """So many people."""
    persons = (Customer(f"p{n}@x.example", locale, f"Person {n}", n + 2) for n in range(number))
    return Customers("list.csv", {"address": "Email"}, tuple(persons))


@dataclass
class Post:
    """A handler that keeps what it takes. `rcpt` and `data` are its rules."""

    rcpt: Rule = lambda address, time: None
    data: Rule = lambda address, time: None
    mail: Callable[[], str | None] = lambda: None
    delay: float = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.connections.add(session.peer)
        answer = self.mail()
        if answer is None:
            envelope.mail_from = address
            self.senders.append(address)
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.asked["rcpt", address] += 1
        answer = self.rcpt(address, self.asked["rcpt", address])
        if answer == "drop":
            server.transport.abort()
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        (address,) = envelope.rcpt_tos
        self.asked["data", address] += 1
        answer = self.data(address, self.asked["data", address])
        time.sleep(self.delay)
        if answer is None or answer == "drop":
            self.taken.append((address, envelope.original_content))
        if answer == "drop":  # taken, and nobody is told
            server.transport.abort()
        return answer or "250 2.0.0 OK"

    @property
    def letters(self) -> list[EmailMessage]:
        """The messages that were taken."""
        letters = [message_from_bytes(data, policy=default) for _, data in self.taken]
        return [letter for letter in letters if isinstance(letter, EmailMessage)]

    def ids(self) -> dict[str, list[str]]:
        """The Message-IDs that were taken, by address."""
        ids: dict[str, list[str]] = {}
        for (address, _), letter in zip(self.taken, self.letters, strict=True):
            ids.setdefault(address, []).append(letter["Message-ID"])
        return ids


class _Secret:
    def __call__(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and data.password == b"right"
        return AuthResult(success=known, handled=known)


def free_port() -> int:
    """A port of loopback that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(post: Post, certificate: Path | None = None, **how: Any) -> Iterator[int]:
    """Run a server; give its port. With a certificate it offers STARTTLS, and asks for a login."""
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        how = {"tls_context": context, "authenticator": _Secret(), "auth_require_tls": True, **how}
    options = {"enable_SMTPUTF8": True, "port": free_port(), **how}
    controller = Controller(post, hostname="127.0.0.1", **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def certificate(folder: Path, name: str = "localhost") -> Path:
    """A certificate that nobody but itself vouches for, with its key beside it."""
    path = folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
         "-keyout", path.with_suffix(".key"), "-out", path],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


def box(port: int, **how: str) -> Postbox:
    """The settings for a server without TLS."""
    settings = {
        "server": "127.0.0.1", "port": str(port), "tls": "none", "sender": "legal@alpha.example",
        "per_minute": "1000000", "timeout": "5",
    } | how  # fmt: skip
    mail = Mail.model_validate(settings)
    return Postbox(mail, str(mail.sender), "Alpha", None, mail.bounces or str(mail.sender), None)


@contextmanager
def listening(
    paper: Path, status: int = 204, raw: bytes | None = None
) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """Run a server by TLS, which answers with `raw` if given; give its address, and its requests."""
    requests: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if raw is not None:
                self.wfile.write(raw)
                return
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper, paper.with_suffix(".key"))
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"https://localhost:{server.server_port}/hook", requests
        server.shutdown()
        thread.join()
