"""A message for one person, and the server that takes it (RFC 5321, RFC 5322, RFC 6531).

The secret comes from the environment only. Certificates are verified; nothing goes out without TLS
unless `shared/mail.yaml` says so.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Literal
from urllib.parse import quote

from publisher.archive.fields import is_line
from publisher.errors import InvalidPolicy, PublisherError, Refused
from publisher.notices.customers import Customer, parse_address
from publisher.notices.mail_headers import mailbox, message_with, unstructured
from publisher.notices.values import Message, Notice
from publisher.problem import error
from publisher.repository.source import Source
from publisher.workspace import mail as mail_file
from publisher.workspace.facts import PORTS, Mail

PASSWORD = "PUBLISHER_MAIL_PASSWORD"  # noqa: S105 - the name of a variable
_FILE = "shared/mail.yaml"
_IN_ADDRESSES = "/?%&=;:+,@!$'()*~#[]"
"""The signs in the address of a page that stay as they are (RFC 3986, 2.2)."""
_LIMIT = re.compile(
    r"\b[45]\.4\.5\b|\b(?:daily|hourly|sending|rate|submission|message)\b.*\b(?:limit|quota)",
    re.IGNORECASE,
)
"""Replies about us, not about a person: we may send no more for now."""
_POLICY = re.compile(r"\b5\.7\.\d|relay|authenticat|log ?in", re.IGNORECASE)
"""Replies about us, not about a person, if the server has accepted nothing from us yet."""


class RelayFailed(PublisherError):
    """The server cannot be reached, or accepts nothing from us: exit code 4."""


@dataclass(frozen=True, slots=True)
class Postbox:
    """The settings for a brand's mail: `shared/mail.yaml`, with the password."""

    settings: Mail
    sender: str
    sender_name: str
    reply_to: str | None
    bounces: str
    password: str | None = field(repr=False)

    @property
    def domain(self) -> str:
        """The domain of the sender."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of one attempt.

    `refused` and `deferred` are about the person; `halted` means that the server accepts nothing
    from us for now, `barred` that it never will, `lost` that the connection broke.
    """

    kind: Literal["accepted", "refused", "deferred", "halted", "barred", "lost"]
    text: str


def postbox(
    source: Source, brand: str, name: str, environment: Mapping[str, str] | None
) -> Postbox:
    """Return how a brand's mail is sent; `environment` is None if nothing is to be sent.

    Raises `InvalidPolicy`, and `Refused` if the environment has no password.
    """
    file = mail_file(source)
    if file.value is None:
        missing = error("missing-file", _FILE, None, "is missing", "create it")
        raise InvalidPolicy(file.problems or (missing,))
    settings = file.value
    sender = _of_brand(settings.sender, brand)
    if sender is None:
        raise Refused(f"{_FILE} has no `sender` for {brand}. Add its address there", 1)
    password = (environment or {}).get(PASSWORD) if settings.user is not None else None
    if settings.user is not None and not password and environment is not None:
        raise Refused(
            f"{PASSWORD} is not set, and {_FILE} names the user '{settings.user}'. Put the "
            "password into that variable of the environment",
            4,
        )
    reply_to = _of_brand(settings.reply_to, brand)
    bounces = _of_brand(settings.bounces, brand) or sender
    return Postbox(settings, sender, " ".join(name.split()), reply_to, bounces, password)


def _of_brand(address: str | dict[str, str] | None, brand: str) -> str | None:
    """Return the address for a brand, with its domain in ASCII; raises `Refused`."""
    chosen = address.get(brand) if isinstance(address, dict) else address
    if chosen is None:
        return None
    try:
        parsed = parse_address(chosen)
    except ValueError as fault:
        raise Refused(f"{_FILE}: '{chosen}' {fault}. Correct it", 1) from None
    if not parsed.isascii():
        raise Refused(f"{_FILE}: '{chosen}' has letters outside ASCII before the @. Use another", 1)
    return parsed


def refuse_lines(notice: Notice) -> None:
    """Raise `Refused` for a subject with a line break, which would begin another header."""
    for locale, message in notice.messages.items():
        if not is_line(message.subject):
            raise Refused(
                f"the subject of the notice in {locale} is not one line of text. Correct it, and "
                "approve the notice again"
            )


def mail(
    notice: Notice, person: Customer, box: Postbox, id: str, now: datetime
) -> tuple[EmailMessage, bool]:
    """Return a person's message, and whether it needs a server that takes UTF-8 (RFC 6531)."""
    international = not person.address.isascii()
    message = notice.messages[person.locale]
    headers = {
        "From": mailbox("From", box.sender_name, box.sender),
        "To": mailbox("To", person.name, person.address),
        "Reply-To": box.reply_to,
        "Subject": unstructured("Subject", message.subject),
        "Date": format_datetime(now),
        "Message-ID": id,
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": _unsubscribe(box.settings),
    }
    letter = message_with(
        {name: value for name, value in headers.items() if value is not None},
        SMTPUTF8 if international else SMTP,
    )
    _fill(letter, message)
    letter["Content-Language"] = person.locale  # the body's headers replace those before it
    return letter, international


def _unsubscribe(settings: Mail) -> str | None:
    """Return where people ask for no more mail, in ASCII (RFC 2369, RFC 3986, RFC 6068)."""
    address = settings.unsubscribe
    if address is None:
        return None
    link = address if address.startswith("https:") else f"mailto:{address}"
    return f"<{quote(link, safe=_IN_ADDRESSES)}>"


def _fill(letter: EmailMessage, message: Message) -> None:
    letter.set_content(message.text, cte="quoted-printable")
    letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
    for attachment in message.attachments:
        kind = "pdf" if attachment.name.endswith(".pdf") else "octet-stream"
        letter.add_attachment(
            attachment.data, maintype="application", subtype=kind, filename=attachment.name
        )


class Relay:
    """One connection to a server, made when it is needed, and made again when it broke."""

    def __init__(self, box: Postbox) -> None:
        self.box = box
        self.trusted = False
        self._smtp: smtplib.SMTP | None = None

    def connect(self) -> smtplib.SMTP:
        """Return the connection; raises `RelayFailed`."""
        if self._smtp is None:
            self._smtp = self._connected()
        return self._smtp

    def _connected(self) -> smtplib.SMTP:
        settings = self.box.settings
        port = settings.port or PORTS[settings.tls]
        host = f"{settings.server}:{port}"
        context = ssl.create_default_context()
        smtp: smtplib.SMTP | None = None
        try:
            if settings.tls == "implicit":
                smtp = smtplib.SMTP_SSL(
                    settings.server, port, timeout=settings.timeout, context=context
                )
            else:
                smtp = smtplib.SMTP(settings.server, port, timeout=settings.timeout)
            smtp.ehlo()
            if settings.tls == "starttls":
                smtp.starttls(context=context)
                smtp.ehlo()
            if settings.user is not None:
                smtp.login(settings.user, self.box.password or "")
        except (OSError, ValueError, smtplib.SMTPException) as fault:
            if smtp is not None:
                smtp.close()
            raise RelayFailed(_unreached(host, settings, fault)) from fault
        return smtp

    def close(self) -> None:
        """End the connection, politely where the server still listens."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def deliver(self, address: str, letter: bytes, *, international: bool) -> Answer:
        """Return the server's answer to a message; raises `RelayFailed` if it cannot be reached."""
        smtp = self.connect()
        options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
        if international and not smtp.has_extn("smtputf8"):
            return Answer("refused", "this server accepts no addresses outside ASCII (SMTPUTF8)")
        try:
            answer = self._talk(smtp, address, letter, options)
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            return _broken(fault)
        if answer.kind == "accepted":
            self.trusted = True
            return answer
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):  # with 421, the server hangs up
            self._drop()
        return answer

    def _talk(self, smtp: smtplib.SMTP, address: str, letter: bytes, options: list[str]) -> Answer:
        """Return the answer to one message, by the command that the server answers."""
        code, text = smtp.mail(self.box.bounces, options)
        if code != 250:
            return Answer("halted" if code < 500 else "barred", _text(code, text))
        code, text = smtp.rcpt(address)
        if code in {250, 251}:
            code, text = smtp.data(letter)
        return self._judged(code, _text(code, text))

    def _judged(self, code: int, text: str) -> Answer:
        """Return whether an answer is about the person, or about us."""
        if 200 <= code < 300:
            return Answer("accepted", text)
        if code == 421 or _LIMIT.search(text) or (_POLICY.search(text) and not self.trusted):
            return Answer("halted", text)
        return Answer("refused" if code >= 500 else "deferred", text)


def _text(code: int, text: bytes) -> str:
    """Return an answer as received; smtplib gives one that is not in SMTP a negative code."""
    return f"{code} {text.decode('utf-8', 'replace')}" if code > 0 else "its answer is not in SMTP"


def _broken(fault: Exception) -> Answer:
    """Return the answer that stands for a broken connection; a server may say why it hangs up."""
    if isinstance(fault, smtplib.SMTPResponseException):
        error = fault.smtp_error
        text = error if isinstance(error, bytes) else str(error).encode()
        return Answer("halted", _text(fault.smtp_code, text))
    if _is_late(fault):
        return Answer("lost", "the server did not answer in time")
    return Answer("lost", f"the connection broke: {str(fault).lower() or 'no reason'}")


def _is_late(fault: Exception) -> bool:
    """Return whether a server took too long; smtplib wraps that where it reads an answer."""
    return isinstance(fault, TimeoutError) or isinstance(fault.__context__, TimeoutError)


def _unreached(host: str, settings: Mail, fault: Exception) -> str:
    """Return why a server cannot be used, and what to do."""
    if _is_late(fault):
        return f"{host} does not answer within {settings.timeout} seconds. Try again"
    match fault:
        case ssl.SSLCertVerificationError():
            reason = (fault.verify_message or "it cannot be verified").rstrip(".")
            return f"the certificate of {host} is invalid: {reason}. Renew it, or correct {_FILE}"
        case ssl.SSLError():
            return (
                f"{host} does not speak TLS as `tls: {settings.tls}` asks for. Correct `tls` or "
                f"`port` in {_FILE}"
            )
        case smtplib.SMTPNotSupportedError() if settings.tls == "starttls" and "STARTTLS" in str(
            fault
        ):
            return (
                f"{host} offers no STARTTLS, so the mail would be readable on its way. Write `tls: "
                f"implicit` in {_FILE}, or name another server"
            )
        case smtplib.SMTPAuthenticationError():
            return (
                f"{host} refuses the user '{settings.user}': {_broken(fault).text}. Correct `user` "
                f"in {_FILE}, or {PASSWORD}"
            )
        case smtplib.SMTPException():
            return f"{host} refuses the connection: {_broken(fault).text}. Try again later"
    reason = (getattr(fault, "strerror", None) or str(fault)).lower()
    return f"{host} cannot be reached: {reason}. Correct {_FILE}, or try again"
