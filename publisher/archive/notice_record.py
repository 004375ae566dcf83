"""``shared/notices/BRAND-VERSION.yaml``: each notice of a version that somebody approved.

The ledger's entries on what was sent have the digests of these texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from publisher.archive.entries import Entry, Notified, sha256
from publisher.archive.fields import Day, Line, Locale, Moment, Sha256
from publisher.errors import InvalidPolicy
from publisher.repository.source import Source, Unreadable
from publisher.workspace.loader import decode
from publisher.workspace.validate import validate
from publisher.workspace.yaml import parse

FOLDER = "shared/notices"
"""Where a workspace has its templates of notices, and the records of what was approved."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ApprovedText(_Form):
    """A message in one locale; `attachments` have the SHA-256 of each file by its name."""

    digest: Sha256
    subject: Line
    text: str
    html: str
    attachments: dict[Line, Sha256] = Field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether the digest belongs to the message."""
        return self.digest == message_digest(self.subject, self.text, self.html, self.attachments)


class Approval(_Form):
    """A notice that somebody approved on a day; it says when the version comes into force."""

    digest: Sha256
    by: Line
    approved_on: Day
    in_force_from: Moment
    default_locale: Locale
    messages: dict[Locale, ApprovedText] = Field(min_length=1)

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each message, by its locale."""
        return {locale: text.digest for locale, text in self.messages.items()}


class Approvals(_Form):
    """All notices of a version that were approved, the newest last."""

    approvals: tuple[Approval, ...] = Field(min_length=1)


def digest_of(value: object) -> str:
    """Return the SHA-256 of a value, written as JSON in one form."""
    return sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode())


def message_digest(subject: str, text: str, html: str, attachments: Mapping[str, str]) -> str:
    """Return the SHA-256 of a message and of the files attached to it."""
    return digest_of([subject, text, html, dict(attachments)])


def record_path(brand: str, version: str) -> str:
    """Return the path of the record of a version's notices; `brand` names its archive."""
    return f"{FOLDER}/{brand}-{version}.yaml"


def approvals(source: Source, brand: str, version: str) -> tuple[Approval, ...]:
    """Return the approvals of a version, the newest last; raises `InvalidPolicy`."""
    path = record_path(brand, version)
    data = source.read(path)
    if data is None:
        return ()
    text, faults = decode(path, data)
    document, problems = parse(path, text)
    value, more = validate(path, Approvals, document)
    if value is None or faults or problems:
        raise InvalidPolicy((*faults, *problems, *more))
    return value.approvals


def disagreements(source: Source, entries: Mapping[str, Entry]) -> Iterator[tuple[str, str, str]]:
    """Yield where the records in a source differ from the notices among `entries`, which were sent.

    Each comes as a path, what is wrong, and the version. A notice without a record is skipped.
    """
    for path, entry in entries.items():
        if isinstance(entry, Notified) and entry.texts:
            where = record_path(entry.brand, entry.version)
            try:
                known = approvals(source, entry.brand, entry.version)
            except (InvalidPolicy, Unreadable):
                yield where, "cannot be read", entry.version
                continue
            sent = [approval for approval in known if approval.digests == entry.texts]
            if known and not sent:
                yield where, f"does not have the texts that {path} says were sent", entry.version
            if not all(text.intact for one in sent for text in one.messages.values()):
                yield where, "has texts that differ from those that were sent", entry.version
