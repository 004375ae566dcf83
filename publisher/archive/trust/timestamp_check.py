"""Whether a time-stamp is to be believed, told by OpenSSL (``openssl ts -verify``, ``cms``).

Certificates are looked at as they were at the moment that the reply tells: that of the authority
expires, and what it proved before stays proven. Revocation lists are not asked for.
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.archive.trust.timestamp_reply import Reply
from publisher.errors import StampsUnchecked
from publisher.problem import Problem, error

_PEM = re.compile(r"^-----BEGIN CERTIFICATE-----\n([^-]*)^-----END CERTIFICATE-----$", re.MULTILINE)
_VERSION = re.compile(r"OpenSSL (\d+)\.(\d+)\.(\d+)")
_OLDEST = (1, 1, 1)
_NO_CERTIFICATE = "signer certificate not found"


def read_authorities(path: str, data: bytes) -> tuple[str, tuple[Problem, ...]]:
    """Return the certificates in a file in PEM, and what is wrong with it."""
    said = data.decode("utf-8", "replace").replace("\r\n", "\n")
    blocks, problems = [], []
    for found in _PEM.finditer(said):
        line = said.count("\n", 0, found.start()) + 1
        body = "".join(found[1].split())
        try:
            base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            problems.append(
                error(
                    "authority",
                    path,
                    line,
                    "has a certificate that is not PEM",
                    "take it anew from the authority",
                )
            )
        blocks.append(found[0])
    if not blocks:
        problems.append(
            error(
                "authority",
                path,
                None,
                "has no certificate in PEM",
                "put those of the time-stamping authorities there, or delete it",
            )
        )
    return "".join(f"{each}\n" for each in blocks), tuple(problems)


def verify_reply(reply: Reply, data: bytes, authorities: Path | None) -> str | None:
    """Return why a reply, whose file is `data`, is not to be believed; None if it is.

    `authorities` is a file of certificates in PEM that are trusted. Without it, the signature is
    checked with the certificate that the reply holds, and nobody knows whose that is. Raises
    `StampsUnchecked`.
    """
    _refuse_old()
    if authorities is None:
        done = _openssl("cms", "-verify", "-noverify", "-inform", "DER", data=reply.token)
        return None if done.returncode == 0 else _wrong("its certificate", done)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "reply.tsr"
        file.write_bytes(data)
        done = _openssl(
            "ts",
            "-verify",
            "-digest",
            reply.imprint.hex(),
            "-in",
            str(file),
            "-CAfile",
            str(authorities),
            "-untrusted",
            str(authorities),
            "-attime",
            str(int(reply.time.timestamp())),
        )
    return None if done.returncode == 0 else _wrong("the authorities that are trusted", done)


def _wrong(by: str, done: subprocess.CompletedProcess[bytes]) -> str:
    reason = _why(done)
    if reason == _NO_CERTIFICATE:
        return "does not hold the certificate that signed it: a query asks for that, with certReq"
    return f"is not borne out by {by}: {reason}"


@cache
def openssl_version() -> str | None:
    """Return what ``openssl version`` says; None where there is no OpenSSL."""
    try:
        done = subprocess.run(["openssl", "version"], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout.decode("utf-8", "replace").strip()


def new_enough(version: str | None) -> bool:
    """Return whether what ``openssl version`` says is a version that can check time-stamps.

    LibreSSL, which macOS has under that name, cannot look at a certificate as it was.
    """
    found = _VERSION.match(version or "")
    return found is not None and tuple(map(int, found.groups())) >= _OLDEST


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
    told = [line.partition("Verify error:")[2] for line in lines if "Verify error:" in line]
    fields = [line.split(":") for line in lines if ":error:" in line]
    told += [each[5] for each in fields if len(each) > 5]
    return " ".join((told[0] if told else "no reason given").split())
