"""Signatures of entries, made and checked by OpenSSH (ssh-keygen -Y; PROTOCOL.sshsig).

A signature proves who wrote an entry, not when. It lies beside the entry, as ``NAME.json.sig``.
ssh-keygen runs in UTC, so that times without a zone mean the same on every machine.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from publisher.archive.trust.signers import Signer, keys, unreadable, written
from publisher.errors import InvalidTrust, SigningFailed
from publisher.files.named import Unread, refuse_special

NAMESPACE = "policy-release"
"""What entries are signed for."""
_HEAD = "-----BEGIN SSH SIGNATURE-----\n"
_TAIL = "-----END SSH SIGNATURE-----\n"
_CLOSED = "incorrect passphrase"
"""What ssh-keygen says of a key that only its passphrase opens, and of nothing before that."""
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


def fingerprint(key: str) -> str:
    """Return the fingerprint of an SSH key in a file; raises `SigningFailed`."""
    for path in (Path(key), Path(f"{key}.pub")):
        try:
            refuse_special(path)
        except OSError:
            continue  # ssh-keygen says why
        except Unread as fault:
            raise SigningFailed(f"'{path}' {fault}. Name the file of an SSH key") from fault
    done = _run("-l", "-E", "sha256", "-f", key)
    match = _FINGERPRINT.search(done.stdout.decode("utf-8", "replace"))
    if done.returncode or match is None:
        raise SigningFailed(
            f"'{key}' is not an SSH key that ssh-keygen can read: {_reason(done)}. Name the file "
            "of a private key, or of a public key whose private key ssh-agent has"
        )
    return match[0]


def refuse_unable(key: str) -> None:
    """Raise `SigningFailed` for a key that cannot sign, as far as that shows without its owner.

    Nobody is asked for a passphrase, or to touch a security key: whether they have these shows when
    they sign.
    """
    if (public_key(key) or "").startswith("sk-"):
        return
    with TemporaryDirectory() as folder:
        probe = Path(folder) / "probe"
        probe.touch()
        done = _signed(probe, key, stdin=subprocess.DEVNULL, start_new_session=True)
        reason = _reason(done)
        if done.returncode and _CLOSED not in reason:
            raise _cannot_sign(key, reason)


def sign(entry: Path, key: str) -> None:
    """Sign an entry with the key in a file, beside it; raises `SigningFailed`."""
    done = _signed(entry, key)
    if done.returncode or not entry.with_name(f"{entry.name}.sig").exists():
        raise _cannot_sign(key, _reason(done))


def _signed(file: Path, key: str, **how: Any) -> subprocess.CompletedProcess[bytes]:
    """Run ssh-keygen to sign a file; with a session of its own, it cannot ask anybody."""
    asking = {"SSH_ASKPASS_REQUIRE": "never"} if how else {}
    return subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", key, str(file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, **asking},
        **how,
    )


def _cannot_sign(key: str, reason: str) -> SigningFailed:
    return SigningFailed(
        f"ssh-keygen could not sign with {key}: {reason}. Give the key's passphrase, load the key "
        "into ssh-agent, or make its file yours alone (`chmod 600`)"
    )


def canonical(signature: bytes) -> bool:
    """Return whether a signature has the armour that OpenSSH writes.

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
    whole = base64.b64encode(data).decode()
    return body == "".join(f"{whole[at : at + 70]}\n" for at in range(0, len(whole), 70))


@dataclass(frozen=True, slots=True)
class AllowedSigners:
    """Those who may sign: the lines of a file, and a copy of it for ssh-keygen and git.

    `where` is the file's name for people.
    """

    where: str
    signers: tuple[Signer, ...]
    file: Path

    def of(self, key: str, namespace: str = NAMESPACE) -> tuple[Signer, ...]:
        """Return the lines of a key, given by its fingerprint, that let it sign for a namespace."""
        return tuple(
            signer
            for signer in self.signers
            if signer.fingerprint == key
            and not signer.certifies
            and signer.for_namespace(namespace)
        )

    @property
    def certifying(self) -> bool:
        """Whether there are keys that sign the keys of others."""
        return any(signer.certifies for signer in self.signers)


def allowed_signers(where: str, signers: tuple[Signer, ...], folder: Path) -> AllowedSigners:
    """Return those who may sign, with a copy of their file in a folder.

    Raises `InvalidTrust` for a key that ssh-keygen cannot read, and `SigningFailed`.
    """
    listed = folder / "keys"
    listed.write_text(keys(signers), encoding="utf-8")
    output = _run("-l", "-E", "sha256", "-f", str(listed)).stdout.decode("utf-8", "replace")
    problems = unreadable(where, signers, output)
    if problems:
        raise InvalidTrust(problems)
    file = folder / "allowed_signers"
    file.write_text(written(signers), encoding="utf-8")
    return AllowedSigners(where, signers, file)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed: the key's fingerprint, and its owners by the file of allowed signers.

    A false signature has no `key`. There are no `principals` if the key was not allowed at that
    time, or without a file of allowed signers.
    """

    key: str | None
    principals: str | None = None

    def believed(self, key: str | None, allowed: AllowedSigners | None) -> bool:
        """Return whether it is by `key`, which was allowed to sign, if a file says who is."""
        return (
            self.key is not None and self.key == key and (allowed is None or bool(self.principals))
        )

    @property
    def who(self) -> str:
        """Who signed, for people: the principals, or the key itself."""
        return self.principals or f"the key {self.key}"

    @property
    def name(self) -> str | None:
        """One of the principals, as ``ssh-keygen -Y verify -I`` takes it with the file itself."""
        principals = (name.strip() for name in (self.principals or "").split(","))
        return next((name for name in principals if name and not name.startswith("!")), None)


def verify_signature(
    data: bytes, signature: Path, key: str, when: datetime, allowed: AllowedSigners | None
) -> Signature:
    """Return who signed `data`, supposedly with `key`, at a moment; raises `SigningFailed`.

    The file is OpenSSH's ``allowed_signers`` (ssh-keygen(1), ALLOWED SIGNERS).
    """
    common = ("-n", NAMESPACE, "-s", str(signature))
    if allowed is not None:
        at = ("-f", str(allowed.file), f"-Overify-time={when.astimezone(UTC):%Y%m%d%H%M%S}")
        owners = [line.principals for line in allowed.of(key) if line.at(when)]
        if owners:
            fingerprint = _good(_run("-Y", "verify", *common, *at, "-I", "*", data=data))
            if fingerprint is not None:
                return Signature(fingerprint, ", ".join(dict.fromkeys(owners)))
        if allowed.certifying:
            done = _run("-Y", "find-principals", "-s", str(signature), *at)
            for principal in done.stdout.decode("utf-8", "replace").splitlines():
                if principal == "*":
                    continue  # a key that signs for itself: see above
                fingerprint = _good(_run("-Y", "verify", *common, *at, "-I", principal, data=data))
                if fingerprint is not None:
                    return Signature(fingerprint, principal)
    return Signature(signer(data, signature))


def signer(data: bytes, signature: Path) -> str | None:
    """Return the fingerprint of the key that signed `data`; None if the signature is false."""
    return _good(_run("-Y", "check-novalidate", "-n", NAMESPACE, "-s", str(signature), data=data))


def public_key(key: str) -> str | None:
    """Return the public part of a key, as a line of ``allowed_signers`` has it, if it is readable.

    It is in a file beside a private key, or in the private key, unless a passphrase protects that.
    """
    for path in (Path(key), Path(f"{key}.pub")):
        try:
            words = path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError):
            continue
        if len(words) > 1 and not words[0].startswith("-"):
            return " ".join(words[:2])
    words = _run("-y", "-P", "", "-f", key).stdout.decode("utf-8", "replace").split()
    return " ".join(words[:2]) if len(words) > 1 else None


def _good(done: subprocess.CompletedProcess[bytes]) -> str | None:
    """Return the fingerprint of a good signature, from the output of ssh-keygen.

    It is the last one in the output: a principal, which comes before it, may look like one.
    """
    fingerprints = _FINGERPRINT.findall(done.stdout.decode("utf-8", "replace"))
    return fingerprints[-1] if done.returncode == 0 and fingerprints else None


def _run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments],
            input=data,
            capture_output=True,
            check=False,
            env={**os.environ, "TZ": "UTC", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise SigningFailed(
            "ssh-keygen is not installed: it comes with OpenSSH; run `publisher doctor`"
        ) from None


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    words = (done.stderr or b"").decode("utf-8", "replace").split()
    reason = " ".join(word for word in words if word.strip("@")).rstrip(".")
    return reason or "no reason given"
