"""What is told to an outsider of one version: the question, the answer, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.archive.entries import Entry, Reconstruct, Redact, Reschedule, Timestamp, Version
from publisher.archive.moments import Asked, Period, Text
from publisher.policy.tree import BrandName


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry of the ledger, and the SHA-256 of its file.

    `principal` is whom the allowed signers name as the owner of the key that signed it; None where
    nobody signed it, or nobody says whose key it is.
    """

    entry: Entry
    sha256: str
    principal: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file of the version, by its path in the version's folder.

    One that `redacted` took out of the archive has no size.
    """

    path: str
    sha256: str
    size: int | None
    redacted: Redact | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose policy it is, and what it is called; None for what nothing tells."""

    brand: BrandName
    controller: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger says of a version, and of itself.

    `events` are later entries about the version, in order. `stamps` are the first and the newest of
    the entries that prove when the version's entry was there, of which there are `stamped`.
    `redactions` counts the files of all versions that were taken out of the archive.
    """

    of: Recorded
    events: tuple[Recorded, ...]
    stamps: tuple[tuple[Timestamp, str], ...]
    stamped: int
    redactions: int
    entries: int
    newest: Recorded


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that an evidence letter says; it is what the archive says, read on whatever day.

    `asked` is the day or the moment asked about; None where the version was asked for by its id.
    `period` is the version's; `others` are further versions that claim the day; `texts` all that
    was, or may have been, in force on the day, in its order. `back` is the version by which the
    repository had the policy again, where an absence ends the period.
    `document` is the path of the document that was issued, in the version's folder. `dated` tells
    that keys among the allowed signers are valid for a time only.
    """

    subject: Subject
    locale: str
    version: Version
    asked: Asked | None
    period: Period
    others: tuple[Version, ...]
    texts: tuple[Text, ...]
    document: str | None
    files: tuple[File, ...]
    record: Record
    authorities: bool = False
    dated: bool = False
    back: Reconstruct | None = None

    @property
    def name(self) -> str:
        """The name of the bundle's folder, and of its file but for the ending."""
        return f"{self.version.brand}-{self.version.version}-{self.locale}-evidence"

    @property
    def moved(self) -> Reschedule | None:
        """The newest entry that gave the version another day."""
        entries = [each.entry for each in self.record.events]
        return next((each for each in reversed(entries) if isinstance(each, Reschedule)), None)

    @property
    def signed(self) -> tuple[Recorded, ...]:
        """The entries of those told of that are signed, each once, in order."""
        told = {
            each.entry.sequence: each
            for each in (self.record.of, *self.record.events, self.record.newest)
        }
        return tuple(told[at] for at in sorted(told) if told[at].entry.signer is not None)
