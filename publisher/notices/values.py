"""The values that the steps of a notice share: the messages, and their outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """The message in one locale: a subject of one line, plain text, and the same as HTML."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of a version to the customers of a brand, a message for each locale.

    `in_force_from` has a time zone. `digest` is the SHA-256 of all messages: to approve a notice is
    to approve its digest. `digests` has the SHA-256 of each locale's message.
    """

    brand: str
    version: str
    in_force_from: datetime
    default_locale: str
    messages: Mapping[str, Message]
    digests: Mapping[str, str]
    digest: str


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcome of a notice in one channel, for the ledger; it names nobody.

    `first` and `last` are in UTC. `recipients` is the SHA-256 over the sorted keyed digests of the
    addresses, None if a channel keeps no list.
    """

    channel: str
    accepted: int
    refused: int
    bounced: int
    first: datetime
    last: datetime
    recipients: str | None
