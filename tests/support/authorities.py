"""A time-stamping authority of the test's own, made by OpenSSL: root, intermediate, authority."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIG = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[stamps]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[code]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,codeSigning
[tsa]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha1,sha256,sha512
accuracy = millisecs:500
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
clock_precision_digits = 3
"""
SUBJECTS = {"root": "Root", "other": "Other Root", "inter": "Intermediate"}
SUBJECT = "/C=BE/O=Acme NV, Ghent/CN=Acme Time Stamping"
NAME = r"CN=Acme Time Stamping, O=Acme NV\, Ghent, C=BE"
BEGIN = "2024-01-01 00:00:00"
NOON = "2025-02-01 12:00:00"
TST_INFO = "1.2.840.113549.1.9.16.1.4"


@dataclass(frozen=True)
class Authority:
    """The folder with its keys and certificates, valid from 2024 on; its own for two years."""

    folder: Path

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def reply(self, query: bytes, at: str = NOON) -> bytes:
        """Return the reply to a query, made at a moment in UTC."""
        asked, answer = self.own("query"), self.own("reply")
        (self.folder / asked).write_bytes(query)
        self.openssl(
            "ts", "-reply", "-queryfile", asked, "-config", "openssl.cnf", "-section", "tsa",
            "-signer", "stamps.pem", "-inkey", "stamps.key", "-chain", "inter.pem",
            "-out", answer, at=at,
        )  # fmt: skip
        return (self.folder / answer).read_bytes()

    def query(self, data: bytes, *options: str) -> bytes:
        """Return a query as OpenSSL makes it."""
        about, asked = self.own("data"), self.own("query")
        (self.folder / about).write_bytes(data)
        self.openssl("ts", "-query", "-data", about, "-out", asked, *options)
        return (self.folder / asked).read_bytes()

    def forged(self, info: bytes, signer: str = "stamps") -> bytes:
        """Return a reply with a TSTInfo of the test's choice, signed for it by a certificate."""
        about, token = self.own("info"), self.own("token")
        (self.folder / about).write_bytes(info)
        self.openssl(
            "cms", "-sign", "-binary", "-nodetach", "-cades", "-econtent_type", TST_INFO,
            "-in", about, "-signer", f"{signer}.pem", "-inkey", f"{signer}.key",
            "-certfile", "inter.pem", "-nosmimecap", "-outform", "DER", "-out", token, at=NOON,
        )  # fmt: skip
        return sequence(sequence(b"\x02\x01\x00"), (self.folder / token).read_bytes())

    def own(self, name: str) -> str:
        """Return the name of a file that no other process writes: they share the folder."""
        return f"{name}-{os.getpid()}"

    def openssl(self, *arguments: str, at: str = BEGIN) -> None:
        subprocess.run(
            ["faketime", at, "openssl", *arguments],
            cwd=self.folder, check=True, capture_output=True,
            env={**os.environ, "TZ": "UTC"},
        )  # fmt: skip


def authority(folder: Path) -> Authority:
    """Make an authority in a folder."""
    made = Authority(folder)
    (folder / "openssl.cnf").write_text(CONFIG)
    for name in (*SUBJECTS, "stamps", "code"):
        made.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-out", f"{name}.key")  # fmt: skip
    for name in ("root", "other"):
        made.openssl(
            "req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/O=Acme NV/CN={SUBJECTS[name]}",
            "-days", "7300", "-config", "openssl.cnf", "-extensions", "ca", "-out", f"{name}.pem",
        )  # fmt: skip
    issue(made, "inter", "root", f"/O=Acme NV/CN={SUBJECTS['inter']}", "7300")
    issue(made, "stamps", "inter", SUBJECT, "730")
    issue(made, "code", "inter", "/O=Acme NV/CN=Code", "730")
    return made


def issue(made: Authority, name: str, issuer: str, subject: str, days: str) -> None:
    """Let an issuer sign a certificate for a key."""
    made.openssl("req", "-new", "-key", f"{name}.key", "-subj", subject, "-config", "openssl.cnf",
                 "-out", "request")  # fmt: skip
    made.openssl(
        "x509", "-req", "-in", "request", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key",
        "-set_serial", str(len(name)), "-days", days, "-extfile", "openssl.cnf",
        "-extensions", "ca" if name == "inter" else name, "-out", f"{name}.pem",
    )  # fmt: skip


def value(tag: int, *parts: bytes) -> bytes:
    """Return a value in DER."""
    content = b"".join(parts)
    length = len(content).to_bytes(4, "big").lstrip(b"\0")
    short = len(content) < 128
    return (
        bytes([tag])
        + (bytes([len(content)]) if short else bytes([0x80 | len(length)]) + length)
        + content
    )


def sequence(*parts: bytes) -> bytes:
    return value(0x30, *parts)
