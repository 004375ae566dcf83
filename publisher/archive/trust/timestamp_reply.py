"""Queries to time-stamping authorities, and what their replies say (RFC 3161).

A query has the SHA-256 of an entry, asks for the authority's certificate, and has no nonce: the
same entry gives the same query. A nonce distinguishes a fresh reply from an old one; an old reply
about the same entry only proves more. A reply is only read here. OpenSSL decides whether to trust
it (`timestamp_check`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.archive.trust import der
from publisher.archive.trust.der import BITS, INTEGER, OCTETS, OID, SEQUENCE, SET, NotDer, Value
from publisher.policy.characters import forbidden

SKEW = timedelta(minutes=5)
"""How far the clocks of a machine and of a time-stamping authority may be apart."""

_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
_WEAK = {
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA-1",
    "1.3.36.3.2.1": "RIPEMD-160",
    "2.16.840.1.101.3.4.2.4": "SHA-224",
}
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_STATUS = (
    "granted",
    "granted with modifications",
    "rejected",
    "waiting",
    "a revocation is imminent",
    "a revocation has occurred",
)
_FAILURES = {
    0: "the algorithm is not known there",
    2: "such requests are not permitted or supported",
    5: "the data has the wrong format",
    14: "its time source is not available",
    15: "the policy is not supported",
    16: "the extension is not supported",
    17: "the additional information is not available",
    25: "a failure of its system",
}
_NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.97": "organizationIdentifier",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_BEFORE = bytes.fromhex("30390201013031300d060960864801650304020105000420")
_BEHIND = bytes.fromhex("0101ff")


class NoReply(ValueError):
    """A file is not a reply that grants a time-stamp; `str()` says why, after the file's name."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply says: the hash that it is about, when it was made, and by whom.

    `accuracy` is how far its clock may be off; `authority` the subject of the certificate that
    signed it, or the name that it gives itself. `token` is its signed part.
    """

    algorithm: str
    imprint: bytes
    time: datetime
    accuracy: timedelta
    authority: str
    token: bytes

    def proves(self, data: bytes) -> bool:
        """Return whether it is about these bytes."""
        return hashlib.new(self.algorithm, data).digest() == self.imprint


def query(digest: str) -> bytes:
    """Return the query about the SHA-256 `digest`: TimeStampReq, with certReq (RFC 3161 §2.4.1)."""
    return _BEFORE + bytes.fromhex(digest) + _BEHIND


def read_reply(data: bytes) -> Reply:
    """Return the content of a reply (TimeStampResp, RFC 3161 §2.4.2); raises `NoReply`."""
    try:
        return _reply(data)
    except NotDer as fault:
        looks = _looks_like(data)
        raise NoReply(
            f"is not a reply of a time-stamping authority in DER (application/timestamp-reply)"
            f"{f': {looks}' if looks else f' ({fault})'}"
        ) from fault


def _reply(data: bytes) -> Reply:
    response = der.read(data, SEQUENCE).fields()
    _refuse_status(response.take(SEQUENCE))
    token = response.take(SEQUENCE)
    response.end()
    signed = _content(token)
    signed.take(INTEGER)
    signed.take(SET)
    encapsulated = signed.take(SEQUENCE).fields()
    if der.oid(encapsulated.take(OID)) != _TST_INFO:
        raise NotDer("it holds no TSTInfo")
    inner = encapsulated.take(der.context(0)).fields().take(OCTETS)
    certificates = signed.maybe(der.context(0))
    signed.maybe(der.context(1))
    signers = [*signed.take(SET).parts()]
    if len(signers) != 1:
        raise NotDer("it does not have exactly one signature")
    signer = _subject(certificates, signers[0])
    return _info(der.read(inner.content, SEQUENCE), signer, token.raw)


def _content(token: Value) -> der.Fields:
    """Return the fields of the SignedData in a ContentInfo (RFC 5652 §5.1)."""
    info = token.fields()
    if der.oid(info.take(OID)) != _SIGNED_DATA:
        raise NotDer("it is not signed")
    return info.take(der.context(0)).fields().take(SEQUENCE).fields()


def _info(info: Value, signer: str | None, token: bytes) -> Reply:
    """Return the content of a TSTInfo."""
    fields = info.fields()
    if der.whole(fields.take(INTEGER)) != 1:
        raise NotDer("its version is not 1")
    fields.take(OID)
    algorithm, imprint = _imprint(fields.take(SEQUENCE))
    fields.take(INTEGER)
    time = der.moment(fields.take(der.GENERALIZED_TIME))
    accuracy = _accuracy(fields.maybe(SEQUENCE))
    fields.maybe(der.BOOLEAN)
    fields.maybe(INTEGER)
    named = fields.maybe(der.context(0))
    fields.maybe(der.context(1))
    fields.end()
    name = signer or (_general_name(named) if named is not None else None)
    return Reply(algorithm, imprint, time, accuracy, name or "unnamed", token)


def _imprint(value: Value) -> tuple[str, bytes]:
    """Return hash algorithm and hash of a MessageImprint; raises `NoReply` for a weak one."""
    fields = value.fields()
    id = der.oid(fields.take(SEQUENCE).fields().take(OID))
    imprint = fields.take(OCTETS).content
    fields.end()
    if id not in _HASHES:
        raise NoReply(
            f"certifies a hash made with {_WEAK.get(id, id)}, which proves nothing here; ask with "
            "the query that `publisher timestamp BRAND --query FILE` writes (SHA-256)"
        )
    return _HASHES[id], imprint


def _accuracy(value: Value | None) -> timedelta:
    if value is None:
        return timedelta(0)
    fields = value.fields()
    seconds = fields.maybe(INTEGER)
    millis = fields.maybe(der.context(0, constructed=False))
    micros = fields.maybe(der.context(1, constructed=False))
    fields.end()
    numbers = [der.whole(part) if part is not None else 0 for part in (seconds, millis, micros)]
    if not all(0 <= part < 1 << 31 for part in numbers):
        raise NotDer("its accuracy is out of range")
    return timedelta(seconds=numbers[0], milliseconds=numbers[1], microseconds=numbers[2])


def _refuse_status(info: Value) -> None:
    """Raise `NoReply` unless the time-stamp is granted (PKIStatusInfo, RFC 3161 §2.4.2)."""
    fields = info.fields()
    status = der.whole(fields.take(INTEGER))
    words, failure = fields.maybe(SEQUENCE), fields.maybe(BITS)
    fields.end()
    if status in (0, 1):
        return
    answer = _STATUS[status] if 0 <= status < len(_STATUS) else f"status {status}"
    reasons = [der.text(word) for word in words.parts()] if words is not None else []
    bits = failure.content[1:] if failure is not None else b""
    reasons += [
        text
        for at, text in _FAILURES.items()
        if at // 8 < len(bits) and bits[at // 8] & 0x80 >> at % 8
    ]
    why = f" ({_one_line('; '.join(reasons))})" if reasons else ""
    raise NoReply(
        f"grants no time-stamp: the authority answered '{answer}'{why}; ask it again, or another "
        "one"
    )


def _subject(certificates: Value | None, signer: Value) -> str | None:
    """Return the subject of the certificate that a SignerInfo names, if the reply has it."""
    fields = signer.fields()
    fields.take(INTEGER)
    named = fields.any()
    if named.tag != SEQUENCE or certificates is None:
        return None
    for certificate in certificates.parts():
        if certificate.tag != SEQUENCE:
            continue
        body = certificate.fields().take(SEQUENCE).fields()
        body.maybe(der.context(0))
        serial = body.take(INTEGER)
        body.take(SEQUENCE)
        issuer = body.take(SEQUENCE)
        body.take(SEQUENCE)
        if issuer.raw + serial.raw == named.content:
            return _name(body.take(SEQUENCE))
    return None


def _general_name(value: Value) -> str | None:
    """Return the name in a GeneralName, if it is a directory name (RFC 5280 §4.2.1.6)."""
    name = value.fields().any()
    if name.tag != der.context(4):
        return None
    return _name(name.fields().take(SEQUENCE))


def _name(value: Value) -> str | None:
    """Return a directory name as a line, the most particular first (RFC 4514)."""
    names = []
    for relative in value.parts():
        pairs = []
        for pair in relative.parts():
            fields = pair.fields()
            id = der.oid(fields.take(OID))
            pairs.append(f"{_NAMES.get(id, id)}={_escaped(der.text(fields.any()))}")
        names.append("+".join(pairs))
    return ", ".join(reversed(names)) or None


def _escaped(text: str) -> str:
    return "".join(
        f"\\{character}" if character in ',+"\\<>;=' else character for character in _one_line(text)
    )


def _one_line(text: str) -> str:
    """Return a text on one line, of characters that an entry may hold."""
    text = " ".join(text.split())
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if forbidden("", character) else character for character in text
    )


def _looks_like(data: bytes) -> str:
    """Return what a file that is not a reply seems to be, by its start, or nothing."""
    start = data.lstrip()[:40]
    if not start:
        return "it is empty"
    if start.startswith(b"-----BEGIN"):
        return "it is PEM"
    if start.startswith(_BEFORE[:5]):
        return "it is a query; send that to the authority, and give its answer here"
    if _bare(data):
        return "it is a bare token, without the reply around it"
    if start[:1] in b"<{" or (start.isascii() and start.decode("ascii").isprintable()):
        return f"it begins with {start.decode('ascii', 'replace')!r}"
    return ""


def _bare(data: bytes) -> bool:
    try:
        _content(der.read(data, SEQUENCE))
    except NotDer:
        return False
    return True
