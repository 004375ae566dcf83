"""What signatures and time-stamps prove about a brand's entries: who signed them, and their age."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.archive.entries import Entry, Timestamp, Version
from publisher.archive.ledger import ledger_folder
from publisher.archive.trust.signatures import Signature
from publisher.archive.trust.trust_files import Trust
from publisher.archive.verify.findings import Examined


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed an entry.

    `key` is the fingerprint of the key; None for an entry that is not signed, or whose signature is
    false. `principals` are its owners; `allowed` says whether it could sign then, None without a
    file of allowed signers.
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
    """An authority's statement that an entry, and all before it, existed at a time.

    `checked` says that its certificate was checked with those of trusted authorities.
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
        stamps = [stamp for stamp in self.stamps if stamp.checked and stamp.proves >= entry]
        return min(stamps, key=lambda stamp: stamp.time, default=None)

    def newest(self, *, checked: bool) -> Stamp | None:
        """Return the earliest time-stamp of the newest entry that has one, checked or not."""
        stamps = [stamp for stamp in self.stamps if stamp.checked is checked]
        return max(stamps, key=lambda stamp: (stamp.proves, -stamp.time.timestamp()), default=None)


def proofs(one: Examined, trust: Trust) -> Proofs:
    """Return what is proven about a brand, given whom `trust` trusts.

    Before a break in the chain, a time-stamp proves nothing.
    """
    folder = f"{ledger_folder(one.brand)}/"
    broken = any(
        finding.path.startswith(folder) and finding.path in one.entries for finding in one.findings
    )
    asked = trust.signers is not None
    signed = tuple(
        _signed(entry, one.signature(path), asked=asked) for path, entry in one.entries.items()
    )
    stamps = () if broken else _stamps(one, checked=trust.authorities is not None)
    return Proofs(one.brand, signed, tuple(stamps))


def _signed(entry: Entry, signature: Signature | None, *, asked: bool) -> Signed:
    return Signed(
        entry.sequence,
        entry.name,
        entry.version if isinstance(entry, Version) else None,
        entry.recorded_at,
        signature.key if signature is not None else None,
        signature.principals if signature is not None else None,
        signature.principals is not None if signature is not None and asked else None,
    )


def _stamps(one: Examined, *, checked: bool) -> Iterator[Stamp]:
    for path, attached in one.attachments.items():
        entry, reply = one.entries.get(path), attached.reply
        if isinstance(entry, Timestamp) and reply is not None:
            accuracy, authority = reply.accuracy, entry.authority
            yield Stamp(entry.sequence, entry.entry, entry.time, accuracy, authority, checked)
