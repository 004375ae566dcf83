"""Whose keys may sign: OpenSSH's file of allowed signers (ssh-keygen(1), ALLOWED SIGNERS).

It is read here to report what is wrong with it, and who owns a key; ssh-keygen decides whether a
signature is valid, by the copy that `written` makes. Times without a zone count in UTC, on every
machine alike (ssh-keygen by itself takes them for local ones).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.policy.characters import forbidden
from publisher.problem import Problem, error

NAME = "allowed_signers"
RULE = "signer"
_TYPE = re.compile(r"(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+")
_PRIVATE = "PRIVATE KEY-----"
_TIME = re.compile(r"(\d{8})(\d{4})?(\d{2})?(?:Z|UTC)?", re.IGNORECASE)
_SHAPE = 'write a line such as: legal@example.com namespaces="policy-release,git" ssh-ed25519 AAAA…'
_OPTIONS = ("namespaces", "valid-after", "valid-before", "cert-authority")
_OPTION = re.compile(r'([A-Za-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|$)')


@dataclass(frozen=True, slots=True)
class Signer:
    """A line of the file: who may sign, with which key, for what, and when.

    `principals` are as the file names them; `key` is the type and the key; `certifies` says that
    the key signs the keys of others. Without `namespaces`, it may sign for all; without `after` or
    `before`, from or until any time.
    """

    line: int
    principals: str
    key: str
    fingerprint: str
    certifies: bool = False
    namespaces: str | None = None
    after: datetime | None = None
    before: datetime | None = None

    def for_namespace(self, namespace: str) -> bool:
        """Return whether it may sign for a namespace."""
        return self.namespaces is None or _matches(namespace, self.namespaces)

    def at(self, when: datetime) -> bool:
        """Return whether it may sign at a moment, both ends of its period included."""
        return (self.after is None or self.after <= when) and (
            self.before is None or when <= self.before
        )


class _Wrong(ValueError):
    """What is wrong with a line, and how to fix it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def read_signers(path: str, data: bytes) -> tuple[tuple[Signer, ...], tuple[Problem, ...]]:
    """Return the signers that the lines of a file name, and what is wrong with other lines."""
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        at = data.count(b"\n", 0, fault.start) + 1
        return (), (error(RULE, path, at, "is not UTF-8", "save it as UTF-8"),)
    if (begins := text.find(_PRIVATE)) >= 0:
        at = text.count("\n", 0, begins) + 1
        fix = "delete it here, sign with a new key, and write the line of its .pub file here"
        return (), (error(RULE, path, at, "has a private key, which is a secret", fix),)
    problems = list(forbidden(path, text))
    signers = []
    for number, line in enumerate([] if problems else text.split("\n"), 1):
        stripped = line.strip(" \t")
        if not stripped or stripped.startswith("#"):
            continue
        try:
            signers.append(_signer(number, stripped))
        except _Wrong as wrong:
            problems.append(error(RULE, path, number, str(wrong), wrong.fix))
    if not signers and not problems:
        problems.append(error(RULE, path, None, "names no key", f"{_SHAPE}, or delete the file"))
    return tuple(signers), tuple(problems)


def written(signers: tuple[Signer, ...]) -> str:
    """Return the file in a form that every ssh-keygen reads in the same way, if its clock is UTC's.

    The principal of a key that signs for itself is ``*``: ssh-keygen and git would look only at the
    first line that has a key, and not at a second one with another period.
    """
    return "".join(f"{_line(signer)}\n" for signer in signers)


def unreadable(path: str, signers: tuple[Signer, ...], listed: str) -> tuple[Problem, ...]:
    """Return a problem for each key that ``ssh-keygen -l`` did not list, of those in `keys`."""
    read = {line.split()[2] for line in listed.splitlines() if len(line.split()) > 2}
    message, fix = "has a key that ssh-keygen cannot read", "copy all of it from the .pub file"
    return tuple(
        error(RULE, path, signer.line, message, fix)
        for signer in signers
        if str(signer.line) not in read
    )


def keys(signers: tuple[Signer, ...]) -> str:
    """Return the keys alone, each with the number of its line as its comment."""
    return "".join(f"{signer.key} {signer.line}\n" for signer in signers)


def _line(signer: Signer) -> str:
    principals = f'"{signer.principals}"' if signer.certifies else "*"
    options = ["cert-authority"] if signer.certifies else []
    if signer.namespaces is not None:
        options.append(f'namespaces="{signer.namespaces}"')
    if signer.after is not None:
        options.append(f'valid-after="{signer.after:%Y%m%d%H%M%S}"')
    if signer.before is not None:
        options.append(f'valid-before="{signer.before:%Y%m%d%H%M%S}"')
    return " ".join(filter(None, (principals, ",".join(options), signer.key)))


def _signer(number: int, text: str) -> Signer:
    """Return the signer of a line: principals, options, type, key, comment; raises `_Wrong`."""
    quoted = re.match(r'"([^"]*)"(?=[ \t])', text)
    principals, rest = (
        (quoted[1], text[quoted.end() :]) if quoted else re.split(r"[ \t]", f"{text} ", maxsplit=1)
    )
    if not any(name and not name.startswith("!") for name in principals.split(",")):
        raise _Wrong("names nobody", _SHAPE)
    rest = rest.strip(" \t")
    options = ""
    if not _TYPE.fullmatch(re.split(r"[ \t]", rest, maxsplit=1)[0]):
        match = re.match(r'(?:[^ \t"]|"(?:[^"\\]|\\.)*")+', rest)
        options = match[0] if match else ""
        rest = rest[len(options) :].strip(" \t")
    key = rest.split()[:2]
    if len(key) != 2 or not _TYPE.fullmatch(key[0]):
        raise _Wrong("has no key, or options that cannot be read", _SHAPE)
    if "-cert-" in key[0]:
        raise _Wrong(
            "has a certificate in place of a key",
            "give the key that signed it, with the option cert-authority",
        )
    given = dict(_options(options))
    after, before = _time(given, "valid-after"), _time(given, "valid-before")
    if after is not None and before is not None and before <= after:
        raise _Wrong("has a valid-before that is not after valid-after", "write a later one")
    return Signer(
        number,
        principals,
        " ".join(key),
        _fingerprint(key[1]),
        "cert-authority" in given,
        given.get("namespaces"),
        after,
        before,
    )


def _options(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and value of each option, in whatever order; names are of any case."""
    at, seen = 0, set()
    while at < len(text):
        match = _OPTION.match(text, at)
        name = match[1].lower() if match else ""
        if match is None or (match.end() == len(text)) is text.endswith(",", 0, match.end()):
            raise _Wrong(
                f"has options that cannot be read: {text[at:]}",
                'separate them by commas, without spaces, values in "…"',
            )
        if name not in _OPTIONS:
            raise _Wrong(
                f"has the unknown option '{match[1]}'",
                f"use {', '.join(_OPTIONS)}",
            )
        if name in seen:
            raise _Wrong(f"has {name} twice", "keep one of the two")
        if (match[2] is None) is not (name == "cert-authority"):
            raise _Wrong(
                f"has an invalid `{name}`",
                'write cert-authority alone, and the others as name="value"',
            )
        seen.add(name)
        yield name, match[2] or ""
        at = match.end()


def _time(given: dict[str, str], name: str) -> datetime | None:
    """Return a time of the file, in UTC: ``YYYYMMDD[HHMM[SS]][Z]``."""
    text = given.get(name)
    if text is None:
        return None
    match = _TIME.fullmatch(text)
    try:
        if match is None or match[1] < "1970":  # which ssh-keygen does not read
            raise ValueError
        digits = f"{match[1]}{match[2] or '0000'}{match[3] or '00'}"
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise _Wrong(
            f'has {name}="{text}", which is not a time',
            "write one such as 20270131 or 20270131120000Z",
        ) from None


def _fingerprint(key: str) -> str:
    """Return the fingerprint of a key, as ``ssh-keygen -l`` writes it."""
    try:
        blob = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise _Wrong("has an incomplete key", "copy all of it from the .pub file") from None
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode()
    return f"SHA256:{digest.rstrip('=')}"


def _matches(text: str, patterns: str) -> bool:
    """Return whether a text matches a list of patterns with ``*``, ``?`` and ``!`` (ssh_config)."""
    allowed = False
    for pattern in patterns.split(","):
        plain = re.sub(r"\*+", "*", pattern.removeprefix("!"))  # many would take for ever
        expression = re.escape(plain).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(expression, text, re.DOTALL):
            if pattern.startswith("!"):
                return False
            allowed = True
    return allowed
