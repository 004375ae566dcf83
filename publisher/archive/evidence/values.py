"""The content of an evidence letter: the question, the answer, and its proofs."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.archive.entries import Entry, Reconstruct, Redact, Reschedule, Timestamp, Version
from publisher.archive.moments import Asked, Period, Text
from publisher.policy.tree import BrandName, OwnTexts


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry of the ledger, and the SHA-256 of its file.

    `principal` is the owner of the key that signed it, by the allowed signers; None for an entry
    without a signature, or by a key that they do not list.
    """

    entry: Entry
    sha256: str
    principal: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file of the version, by its path in the version's folder; a `redacted` one has no size."""

    path: str
    sha256: str
    size: int | None
    redacted: Redact | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The brand, controller and title of a policy; None if unknown.

    `holder` is the company whose archive it is: the controller of the newest release.
    """

    brand: BrandName
    controller: str | None
    title: str | None
    holder: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """The entries of the ledger about a version, and facts about the ledger.

    `events` are later entries about the version, in order. `stamps` are the first and the newest of
    the time-stamps that prove the version's entry, each with the name of the entry that it is
    about; `stamped` counts all of them. `redactions` counts the redacted files of all versions.
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
    """The content of an evidence letter; it follows from the archive, whatever the day.

    `asked` is the day or the moment in question; None if the version was asked for by its id.
    `period` is the version's; `others` are further versions that claim the day; `texts` all that
    were, or may have been, in force on the day, in order. `back` is the version by which the
    repository had the policy again, where an absence ends the period. `document` is the path of the
    issued document in the version's folder. `dated` says that some allowed keys have a period.
    `own_texts` are the workspace's in the locale.
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
    own_texts: OwnTexts | None = None

    @property
    def name(self) -> str:
        """The name of the bundle's folder, and of its file except for the ending."""
        return f"{self.version.brand}-{self.version.version}-{self.locale}-evidence"

    @property
    def moved(self) -> Reschedule | None:
        """The newest entry that gave the version another day."""
        entries = [event.entry for event in self.record.events]
        return next((e for e in reversed(entries) if isinstance(e, Reschedule)), None)

    @property
    def signed(self) -> tuple[Recorded, ...]:
        """The signed entries among those in the record, each once, in order."""
        entries = (self.record.of, *self.record.events, self.record.newest)
        signed = {e.entry.sequence: e for e in entries if e.entry.signer is not None}
        return tuple(signed[number] for number in sorted(signed))
