"""What signatures and time-stamps prove of a brand's entries: by whom, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.archive.entries import Entry, Timestamp, Version
from publisher.archive.ledger import ledger_folder
from publisher.archive.trust.trust_files import Trust
from publisher.archive.verify.attachments import Beside
from publisher.archive.verify.findings import Examined


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed an entry.

    `key` is its fingerprint; None for an entry that is not signed, or whose signature is false.
    `principals` are whose it is; `allowed` says whether it was valid then, None if nobody said
    whose keys are.
    """

    entry: int
    name: str
    version: str | None
    recorded_at: datetime
    key: str | None
    principals: str | None
    allowed: bool | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """An authority's word that an entry, and all before it, was there at a time.

    `checked` says that its certificate was, with those of authorities that are trusted.
    """

    entry: int
    proves: int
    time: datetime
    accuracy: timedelta
    authority: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is proven of a brand's entries, oldest first."""

    brand: str
    signed: tuple[Signed, ...]
    stamps: tuple[Stamp, ...]

    def earliest(self, entry: int) -> Stamp | None:
        """Return the checked time-stamp that proves an entry for the earliest moment."""
        found = [each for each in self.stamps if each.checked and each.proves >= entry]
        return min(found, key=lambda each: each.time, default=None)

    def newest(self, *, checked: bool) -> Stamp | None:
        """Return the earliest time-stamp of the newest entry that has one, checked or not."""
        found = [each for each in self.stamps if each.checked is checked]
        return max(found, key=lambda each: (each.proves, -each.time.timestamp()), default=None)


def proofs(each: Examined, trust: Trust) -> Proofs:
    """Return what is proven of a brand to those who have that `trust`.

    A time-stamp proves nothing before it where the chain of the ledger is broken.
    """
    folder = f"{ledger_folder(each.brand)}/"
    broken = any(one.path.startswith(folder) and one.path in each.entries for one in each.findings)
    asked = trust.signers is not None
    signed = tuple(
        _signed(entry, each.beside.get(path), asked=asked) for path, entry in each.entries.items()
    )
    stamps = () if broken else _stamps(each, checked=trust.authorities is not None)
    return Proofs(each.brand, signed, stamps)


def _signed(entry: Entry, beside: Beside | None, *, asked: bool) -> Signed:
    found = beside.signature if beside is not None else None
    return Signed(
        entry.sequence,
        entry.name,
        entry.version if isinstance(entry, Version) else None,
        entry.recorded_at,
        found.key if found is not None else None,
        found.principals if found is not None else None,
        found.principals is not None if found is not None and asked else None,
    )


def _stamps(each: Examined, *, checked: bool) -> tuple[Stamp, ...]:
    found = []
    for path, beside in each.beside.items():
        entry, reply = each.entries.get(path), beside.reply
        if isinstance(entry, Timestamp) and reply is not None:
            found.append(
                Stamp(
                    entry.sequence,
                    entry.entry,
                    entry.time,
                    reply.accuracy,
                    entry.authority,
                    checked,
                )
            )
    return tuple(found)
