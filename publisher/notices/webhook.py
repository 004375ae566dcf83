"""Sends a notice to a server, signed as https://www.standardwebhooks.com specifies.

The request names nobody: it has the messages, and the counts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http.client import HTTPException, HTTPSConnection
from threading import Timer
from time import monotonic
from urllib.parse import quote, urlsplit

from publisher import __version__
from publisher.errors import AskedWrongly, PublisherError, Refused
from publisher.notices.values import Notice, Tally

SECRET = "PUBLISHER_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
"""Bytes that a secret has, by the specification."""
_SECONDS = 30
_PATH = "/?%&=;:+,@!$'()*~"


class WebhookFailed(PublisherError):
    """The server did not accept the request: exit code 4."""


def checked_webhook(url: str, environment: Mapping[str, str]) -> bytes:
    """Return the key of a webhook; raises `AskedWrongly` for its URL, `Refused` for its secret."""
    if not _is_address(url):
        raise AskedWrongly(f"--webhook takes an address such as https://example.com/, not '{url}'")
    secret = environment.get(SECRET, "")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        raise Refused(
            f"{SECRET} is not set to a secret such as {_PREFIX}…, with {_SHORTEST} to {_LONGEST} "
            "bytes in Base64. Put the secret that the server gave you into that variable",
            4,
        )
    return key


def _is_address(url: str) -> bool:
    """Return whether a request can go to a URL, and by TLS: before any mail goes out."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna")
        sound = bool(host) and parts.port != 0
    except ValueError:
        return False
    return sound and parts.scheme == "https" and parts.username is None and url.isprintable()


def post(url: str, key: bytes, notice: Notice, tally: Tally | None, now: datetime) -> None:
    """Send one request; raises `WebhookFailed`.

    Its id is the same each time, so that the server knows a repeated one.
    """
    body = json.dumps(_event(notice, tally, now), ensure_ascii=False).encode()
    id, time = f"notice_{notice.digest[:32]}", str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"publisher/{__version__}",
        "webhook-id": id,
        "webhook-timestamp": time,
        "webhook-signature": f"v1,{signature(key, id, time, body)}",
    }
    try:
        reason = _answer(url, body, headers)
    except (OSError, ValueError, HTTPException) as fault:
        why = getattr(fault, "verify_message", None) or getattr(fault, "strerror", None)
        reason = f"cannot be reached: {' '.join(str(why or fault).split()).lower() or 'no reason'}"
    if reason is not None:
        raise WebhookFailed(f"{url} {reason}. The mail is sent; run the same command again")


def _answer(url: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Return a server's answer unless it is success; follow no redirect.

    The signature is for one server. Raises `OSError`, `ValueError` and `HTTPException`.
    """
    parts = urlsplit(url)
    path = quote(f"{parts.path or '/'}{parts.query and '?'}{parts.query}", safe=_PATH)
    context = ssl.create_default_context()
    host, port = parts.hostname or "", parts.port or 443
    connection = HTTPSConnection(host, port, timeout=_SECONDS, context=context)
    try:
        connection.connect()
        timer = Timer(_SECONDS, _hang_up, (connection.sock,))
        timer.daemon = True
        ends = monotonic() + _SECONDS
        timer.start()
        try:
            connection.request("POST", path, body, dict(headers))
            response = connection.getresponse()
        finally:
            timer.cancel()
            if monotonic() >= ends:  # also where a part of an answer came
                raise TimeoutError(f"it took longer than {_SECONDS} seconds")
    finally:
        connection.close()
    success = 200 <= response.status < 300
    return None if success else f"answers {response.status} ({response.reason or 'no reason'})"


def _hang_up(opened: socket.socket) -> None:
    """Close the connection to a server that is too slow: the limit is for the whole answer."""
    with suppress(OSError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)  # what reads meets the end, not None


def signature(key: bytes, id: str, time: str, body: bytes) -> str:
    """Return the signature of a request, in Base64."""
    signed = f"{id}.{time}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _event(notice: Notice, tally: Tally | None, now: datetime) -> dict[str, object]:
    return {
        "type": "notice.sent",
        "timestamp": now.isoformat(timespec="seconds"),
        "data": {
            "brand": notice.brand,
            "version": notice.version,
            "in_force_from": notice.in_force_from.isoformat(),
            "digest": notice.digest,
            "messages": {
                locale: {"subject": message.subject, "text": message.text}
                for locale, message in notice.messages.items()
            },
            "accepted": tally.accepted if tally is not None else 0,
            "refused": tally.refused if tally is not None else 0,
        },
    }
