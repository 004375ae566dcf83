"""Checks time-stamps with OpenSSL (``openssl ts -verify``, ``openssl cms -verify``).

Certificates count as of the moment of the reply: what an authority proved stays proven after its
certificate expires. Revocation lists are not checked.
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.archive.trust import der
from publisher.archive.trust.timestamp_reply import Reply
from publisher.errors import StampsUnchecked
from publisher.problem import Problem, error

_PEM = re.compile(r"^-----BEGIN CERTIFICATE-----\n([^-]*)^-----END CERTIFICATE-----$", re.MULTILINE)
_VERSION = re.compile(r"OpenSSL (\d+)\.(\d+)\.(\d+)")
_OLDEST = (1, 1, 1)
_NO_CERTIFICATE = "signer certificate not found"


def read_authorities(path: str, data: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return the certificates in a file in PEM, and what is wrong with it."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    blocks, problems = [], []
    for match in _PEM.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        body = "".join(match[1].split())
        try:
            der.read(base64.b64decode(body, validate=True), der.SEQUENCE)
        except (binascii.Error, ValueError):
            message, fix = "has an incomplete certificate", "get it again from the authority"
            problems.append(error("authority", path, line, message, fix))
        blocks.append(match[0])
    if not blocks:
        fix = "put those of the time-stamping authorities there, or delete it"
        problems.append(error("authority", path, None, "has no certificate in PEM", fix))
    return "".join(f"{block}\n" for block in blocks), tuple(problems)


def verify_reply(reply: Reply, data: bytes, authorities: Path | None) -> str | None:
    """Return why a reply, whose file is `data`, cannot be trusted; None if it can.

    `authorities` is a file of trusted certificates in PEM. Without it, the signature is checked
    with the certificate in the reply, whose owner is unknown. Raises `StampsUnchecked`.
    """
    _refuse_old()
    if authorities is None:
        done = _openssl("cms", "-verify", "-noverify", "-inform", "DER", data=reply.token)
        return None if done.returncode == 0 else _wrong("its certificate", done)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "reply.tsr"
        file.write_bytes(data)
        trusted = ("-CAfile", str(authorities), "-untrusted", str(authorities))
        when = ("-attime", str(int(reply.time.timestamp())))
        about = ("-digest", reply.imprint.hex(), "-in", str(file))
        done = _openssl("ts", "-verify", *about, *trusted, *when)
    return None if done.returncode == 0 else _wrong("the trusted authorities", done)


def _wrong(by: str, done: subprocess.CompletedProcess[bytes]) -> str:
    reason = _why(done)
    if reason == _NO_CERTIFICATE:
        return (
            "does not include the certificate of the key that signed it: a query must ask for it, "
            "with certReq"
        )
    return f"is not confirmed by {by}: {reason}"


@cache
def openssl_version() -> str | None:
    """Return what ``openssl version`` says; None if there is no OpenSSL."""
    try:
        done = subprocess.run(["openssl", "version"], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout.decode("utf-8", "replace").strip()


def new_enough(version: str | None) -> bool:
    """Return whether a version, as ``openssl version`` prints it, can check time-stamps.

    LibreSSL, which macOS installs under that name, cannot check a certificate as of an earlier
    time.
    """
    match = _VERSION.match(version or "")
    return match is not None and tuple(map(int, match.groups())) >= _OLDEST


def _refuse_old() -> None:
    version = openssl_version()
    if not new_enough(version):
        raise StampsUnchecked(f"it is {version}" if version else "it is not installed")


def _openssl(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    except OSError as fault:
        raise StampsUnchecked(str(fault)) from fault


def _why(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the reason that OpenSSL gives, in lines such as ``…:error:code:of:in:reason:…``."""
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    reasons = [line.partition("Verify error:")[2] for line in lines if "Verify error:" in line]
    fields = [line.split(":") for line in lines if ":error:" in line]
    reasons += [parts[5] for parts in fields if len(parts) > 5]
    return " ".join((reasons[0] if reasons else "no reason given").split())
