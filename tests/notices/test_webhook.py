"""A webhook is signed as standardwebhooks.com says, and goes out by TLS alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from support.mailservers import certificate, free_port, listening, notice

from publisher.errors import AskedWrongly, Refused
from publisher.notices import webhook
from publisher.notices.values import Tally
from publisher.notices.webhook import SECRET, WebhookFailed, checked_webhook, post, signature

KEY = b"0123456789abcdef01234567"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
TALLY = Tally("mail", 5, 1, 0, NOW, NOW, "0" * 64)


def test_a_signed_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(paper))
    with listening(paper) as (url, requests):
        for _ in range(2):
            post(url, KEY, notice(), TALLY, NOW)
    (headers, body), (again, _) = requests
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert again["webhook-id"] == headers["webhook-id"]
    event = json.loads(body)
    assert event["type"] == "notice.sent"
    assert event["data"]["messages"]["nl"]["subject"] == "Ons beleid"
    assert (event["data"]["accepted"], event["data"]["refused"]) == (5, 1)


def test_the_signature_is_that_of_the_specification() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert signature(key, id, "1614265330", body) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_server_that_does_not_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    paper = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(paper))
    with listening(paper, status) as (url, requests), pytest.raises(WebhookFailed) as fault:
        post(url, KEY, notice(), TALLY, NOW)
    assert f"{url} answers {status} (" in str(fault.value)
    assert str(fault.value).endswith("The mail is sent; run the same command again")
    assert len(requests) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x1b[31m\xff\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n",
    ],
    ids=["nothing", "garbage", "status", "version", "line", "headers"],
)
def test_a_server_that_does_not_speak_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    paper = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(paper))
    with listening(paper, raw=raw) as (url, _), pytest.raises(WebhookFailed) as fault:
        post(url, KEY, notice(), TALLY, NOW)
    assert str(fault.value).startswith(f"{url} cannot be reached: ")
    assert str(fault.value).endswith(". The mail is sent; run the same command again")
    assert "\n" not in str(fault.value)


def test_a_server_that_never_ends_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(paper))
    monkeypatch.setattr(webhook, "_SECONDS", 0.3)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper, paper.with_suffix(".key"))

    def drip() -> None:
        with suppress(OSError), context.wrap_socket(server.accept()[0], server_side=True) as peer:
            peer.sendall(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                peer.sendall(b"X: y\r\n")
                time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with pytest.raises(WebhookFailed, match="it took longer than"):
            post(f"https://localhost:{server.getsockname()[1]}/", KEY, notice(), TALLY, NOW)
        assert time.monotonic() - began < 3
        thread.join()


def test_a_server_that_is_away_or_not_to_be_trusted(tmp_path: Path) -> None:
    untrusted = pytest.raises(WebhookFailed, match="cannot be reached: self-signed certificate")
    with listening(certificate(tmp_path)) as (url, requests), untrusted:
        post(url, KEY, notice(), TALLY, NOW)
    assert not requests
    with pytest.raises(WebhookFailed, match=r"cannot be reached: .*refused"):
        post(f"https://localhost:{free_port()}/", KEY, notice(), TALLY, NOW)


def test_what_cannot_be_signed() -> None:
    secret = f"whsec_{base64.b64encode(KEY).decode()}"
    assert checked_webhook("https://x.example/hook", {SECRET: secret}) == KEY
    for url in (
        *("http://x.example/", "https://", "x.example", "https://an:secret@x.example/"),
        *("https://[", "https://x.example:port/", "https://x.example:99999/", "https://x:0/"),
        *(
            "https://x.example/\x1b",
            "https://x.example/\r\nY: z",
            "https://a..b/",
            "https://\u2100/",
        ),
        *(f"https://{'a' * 64}.example/", "https://x.example/\udcff", "https://\udcff/"),
    ):
        with pytest.raises(AskedWrongly, match="--webhook takes an address such as"):
            checked_webhook(url, {SECRET: secret})
    for wrong in ("", "whsec_", "whsec_???", base64.b64encode(KEY).decode(), "whsec_c2hvcnQ="):
        with pytest.raises(Refused, match=f"{SECRET} is not set to a secret such as whsec_…"):
            checked_webhook("https://x.example/", {SECRET: wrong})
