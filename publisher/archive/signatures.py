"""Signatures of entries, made and checked by OpenSSH (ssh-keygen -Y; PROTOCOL.sshsig).

A signature proves who wrote an entry, not when. It lies beside the entry, as ``NAME.json.sig``.
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
import textwrap
from datetime import datetime
from pathlib import Path

from publisher.errors import SigningFailed

NAMESPACE = "policy-release"
_HEAD = "-----BEGIN SSH SIGNATURE-----\n"
_TAIL = "-----END SSH SIGNATURE-----\n"
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


def fingerprint(key: str) -> str:
    """Return the fingerprint of an SSH key in a file; raises `SigningFailed`."""
    done = _run("-l", "-E", "sha256", "-f", key)
    found = _FINGERPRINT.search(done.stdout.decode("utf-8", "replace"))
    if done.returncode or found is None:
        raise SigningFailed(f"{key} is no SSH key that ssh-keygen can read: {_said(done)}")
    return found[0]


def sign(entry: Path, key: str) -> None:
    """Sign an entry with the key in a file, beside it; raises `SigningFailed`."""
    done = subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", key, str(entry)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    signature = entry.with_name(f"{entry.name}.sig")
    if done.returncode or not signature.exists():
        raise SigningFailed(f"ssh-keygen could not sign with {key}: {_said(done)}")


def canonical(signature: bytes) -> bool:
    """Return whether a signature is armoured in the one way that OpenSSH writes it.

    ssh-keygen accepts other paddings and line ends, so that some altered files still verify.
    """
    text = signature.decode("ascii", "replace")
    if not (text.startswith(_HEAD) and text.endswith(_TAIL)):
        return False
    body = text.removeprefix(_HEAD).removesuffix(_TAIL)
    try:
        data = base64.b64decode(body.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    lines = textwrap.wrap(base64.b64encode(data).decode(), 70)
    return body == "".join(f"{line}\n" for line in lines)


def signer(data: bytes, signature: Path) -> str | None:
    """Return the fingerprint of the key that signed `data`; None where the signature is false."""
    done = _run("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(signature), data=data)
    found = _FINGERPRINT.search(done.stdout.decode("utf-8", "replace"))
    return found[0] if done.returncode == 0 and found is not None else None


def allowed(data: bytes, signature: Path, allowed_signers: Path, when: datetime) -> str | None:
    """Return who signed `data`, of those in a file, by a key that was valid then; None if nobody.

    The file is OpenSSH's ``allowed_signers`` (ssh-keygen(1), ALLOWED SIGNERS).
    """
    at = f"-Overify-time={when.astimezone().strftime('%Y%m%d%H%M%S')}"
    common = ("-f", str(allowed_signers), "-s", str(signature), at)
    principals = (
        _run("-Y", "find-principals", *common).stdout.decode("utf-8", "replace").splitlines()
    )
    for name in principals:
        done = _run("-Y", "verify", *common, "-n", NAMESPACE, "-I", name, data=data)
        if done.returncode == 0:
            return name
    return None


def _run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments], input=data, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise SigningFailed("ssh-keygen is not installed: it comes with OpenSSH") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return " ".join((done.stderr or b"").decode("utf-8", "replace").split()) or "no reason given"
