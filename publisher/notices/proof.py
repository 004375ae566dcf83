"""Was this person told, when, and of what? From the list and the key, against the ledger.

The ledger has a digest over the keyed digests of everybody that a notice was for: a list with the
same digest, by the key, is the list of that notice. A journal shows the result of the person's
message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from publisher.archive.entries import Notified
from publisher.archive.folder import archived_brands
from publisher.archive.fork_origins import read_ledger
from publisher.errors import AskedWrongly, Refused
from publisher.notices.customers import (
    Columns,
    Customer,
    Customers,
    audience_of,
    comparable,
    parse_address,
    read_customers,
)
from publisher.notices.journal import Event, Log, State, digest_of, keyed, read_key, read_log
from publisher.notices.values import Notice, Tally
from publisher.repository.source import ArchiveFolder


@dataclass(frozen=True, slots=True)
class Proof:
    """A notice whose list has a person, by an entry of the ledger.

    `events` are the results of that person's message in the journal; None if no journal was named,
    or one of another notice.
    """

    entry: Notified
    person: Customer
    events: tuple[Event, ...] | None

    @property
    def state(self) -> State | None:
        """The last result of the message; None without a journal."""
        return self.events[-1].state if self.events else None

    @property
    def accepted(self) -> bool | None:
        """Whether a server accepted the message; None without a journal."""
        return None if self.events is None else self.state == "accepted"


def prove(  # noqa: PLR0913 - they are the command's options
    root: Path,
    address: str,
    list_file: Path,
    key_file: Path,
    journal: Path | None = None,
    columns: Columns | None = None,
    sheet: str | None = None,
) -> tuple[Proof, ...]:
    """Return the notices whose list has a person, the newest first.

    Raises `AskedWrongly` for an invalid address, and `Refused` with exit code 1 if no entry has the
    digest of the list, or the list does not have the person.
    """
    try:
        wanted = comparable(parse_address(address))
    except ValueError as fault:
        raise AskedWrongly(f"'{address}' {fault}. Give the address of one person") from None
    key = read_key(key_file)
    log = read_log(journal) if journal is not None else None
    proofs, lists = [], 0
    for entry in _entries(root):
        try:
            audience = audience_of(root, entry.brand, entry.texts, next(iter(entry.texts)))
            customers = read_customers(list_file, audience, columns, sheet)
        except Refused:  # it names nobody of this brand
            continue
        digests = [keyed(key, person.address) for person in customers.people]
        if digest_of(digests) != entry.recipients:
            continue
        lists += 1
        person = next((one for one in customers.people if one.key == wanted), None)
        if person is None:
            continue
        who = keyed(key, person.address)
        events = None
        if log is not None and log.head.list == entry.recipients:
            events = tuple(event for event in log.events if event.who == who)
        proofs.append(Proof(entry, person, events))
    if proofs:
        return tuple(proofs)
    if lists:
        raise Refused(f"{list_file} is the list of a notice, and {address} is not on it", 1)
    raise Refused(
        f"the ledger has no notice to the list {list_file} with the key {key_file}. Name the list "
        "as it was when the notice was sent, and its key",
        1,
    )


def _entries(root: Path) -> Iterator[Notified]:
    """Yield the entries on notices to a list, one for each notice and list, the newest first."""
    archive = ArchiveFolder(root)
    entries = [
        entry
        for brand in archived_brands(archive)
        for entry in read_ledger(archive, brand).of(Notified)
        if entry.recipients is not None and entry.texts
    ]
    seen = set()
    for entry in sorted(entries, key=lambda entry: entry.recorded_at, reverse=True):
        about = (entry.brand, entry.version, entry.in_force_from, entry.recipients)
        if about not in seen:
            seen.add(about)
            yield entry


def is_recorded(root: Path, brand: str, list_digest: str) -> bool:
    """Return whether the ledger has the outcome of a notice to a list."""
    ledger = read_ledger(ArchiveFolder(root), brand)
    return any(entry.recipients == list_digest for entry in ledger.of(Notified))


def refuse_again(
    root: Path, notice: Notice, customers: Customers, journal: Path, key_file: Path
) -> None:
    """Raise `Refused` if a list was told already, and its journal is not named, or not whole."""
    entries = [
        entry
        for entry in read_ledger(ArchiveFolder(root), notice.brand).of(Notified)
        if entry.recipients is not None and dict(entry.texts) == dict(notice.digests)
    ]
    if not entries:
        return
    log = _begun(journal)
    if log is not None:
        _refuse_less(log, entries)
        return
    if not key_file.exists():
        people = "1 person" if entries[0].accepted == 1 else f"{entries[0].accepted} people"
        raise Refused(
            f"by {entries[0].name}, this notice was sent to {people} already. Name the key with "
            "which it was sent, so that nobody is told twice"
        )
    key = read_key(key_file)
    digest = digest_of(keyed(key, person.address) for person in customers.everyone)
    for entry in entries:
        if entry.recipients == digest:
            raise Refused(
                f"by {entry.name}, this notice was sent to this list already. Name the journal "
                "with which it was sent"
            )


def _begun(journal: Path) -> Log | None:
    """Return a journal; None for a file that is missing, empty, or no journal."""
    try:
        return read_log(journal) if journal.exists() else None
    except AskedWrongly:
        return None


def _refuse_less(log: Log, entries: Iterable[Notified]) -> None:
    """Raise `Refused` for a journal that knows of fewer answers than the ledger has of its list."""
    known = log.tally
    answers = known.accepted + known.refused + known.bounced if known is not None else 0
    for entry in entries:
        recorded = entry.accepted + entry.refused + entry.bounced
        if entry.recipients == log.head.list and answers < recorded:
            raise Refused(
                f"{log.path} has {answers} of the {recorded} answers that {entry.name} records: a "
                "part of it is lost. Restore it from a backup, so that nobody is told twice"
            )


def has_tally(root: Path, notice: Notice, tally: Tally) -> bool:
    """Return whether the newest entry on a notice to a list has these counts."""
    for entry in read_ledger(ArchiveFolder(root), notice.brand).of(Notified):
        about = (entry.version, entry.channel, entry.recipients, dict(entry.texts))
        if about == (notice.version, tally.channel, tally.recipients, dict(notice.digests)):
            counts = (entry.accepted, entry.refused, entry.bounced)
            return counts == (tally.accepted, tally.refused, tally.bounced)
    return False
