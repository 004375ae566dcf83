"""Tells a server of a notice, signed as https://www.standardwebhooks.com says.

The request names nobody: it has the messages, and the counts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from publisher import __version__
from publisher.errors import AskedWrongly, PublisherError, Refused
from publisher.notices.values import Notice, Tally

SECRET = "PUBLISHER_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
"""Bytes that a secret has, by the specification."""
_SECONDS = 30


class WebhookFailed(PublisherError):
    """The server did not take the request: exit code 4."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow no redirect: the signature is for one server."""


def checked_webhook(url: str, environment: Mapping[str, str]) -> bytes:
    """Return the key of a webhook; raises `AskedWrongly` for its URL, `Refused` for its secret."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
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
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - https alone gets here
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_SECONDS):
            return
    except urllib.error.HTTPError as fault:
        with fault:
            reason = f"answers {fault.code} ({fault.reason})"
    except (OSError, ValueError) as fault:
        inner = getattr(fault, "reason", fault)
        reason = f"cannot be reached: {getattr(inner, 'verify_message', None) or inner}"
    raise WebhookFailed(f"{url} {reason}. The mail is sent; run the same command again")


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
