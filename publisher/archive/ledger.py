"""The ledger of one brand: its entries in a chain, each holding the SHA-256 of the one before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from itertools import chain
from types import MappingProxyType
from typing import TypeVar

from publisher.archive.clocks import with_right_time
from publisher.archive.entries import (
    FORMAT,
    KINDS,
    VERSIONS,
    Clock,
    Entry,
    EntryName,
    Newer,
    Record,
    Release,
    RightTime,
    Version,
    ending,
    entry_bytes,
    entry_name,
    field_names,
    read_entry,
    sha256,
)
from publisher.archive.fields import by_number
from publisher.archive.fields import ledger_folder as ledger_folder  # noqa: PLC0414 - of this room
from publisher.archive.fork import Fork
from publisher.errors import ArchiveDamaged, NewerArchive

E = TypeVar("E", bound=Entry)

_FIELD = re.compile(rb'^ "([^"]*)": ', re.MULTILINE)
_FIELDS = {kind: {name.encode() for name in field_names(kind)} for kind in KINDS}
_LINES = {
    kind: sum(field.is_required() for field in entry.model_fields.values()) + 2
    for kind, entry in KINDS.items()
}
"""The lines of an entry that has no field but those that each has."""
_FORMAT = f'{{\n "format": {FORMAT},\n'.encode()
HEAD = "ledger.head"
"""The name of the file, in a brand's folder, that names the newest entry of its ledger."""
ATTACHED = (".sig", ".tsr")
"""The endings of the names of files that are attached to an entry: a signature, a reply."""


def _plainly_known(kind: str, data: bytes) -> bool:
    """Return whether an entry surely has only known fields, without parsing it."""
    if kind not in KINDS or not data.startswith(_FORMAT):
        return False
    return data.count(b"\n") == _LINES[kind] or _FIELDS[kind].issuperset(_FIELD.findall(data))


def is_attachment(name: str) -> bool:
    """Return whether a file with this name is attached to an entry: a signature or a reply."""
    entry, _, ending = name.partition(".json.")
    return name.endswith(ATTACHED) or (bool(ending) and entry_name(f"{entry}.json") is not None)


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names in a ledger's folder by their numbers, without attached files."""
    return sorted((name for name in names if not is_attachment(name)), key=by_number)


def misplaced(name: EntryName | None, expected: int) -> str:
    """Return what is wrong with a file in the place of the entry with another number."""
    if name is None:
        return "has a name that no entry can have"
    if name.sequence < expected:
        return f"is a second entry {name.sequence}"
    last = name.sequence - 1
    missing = f"entries {expected} to {last} are" if last > expected else f"entry {expected} is"
    return f"follows a gap: {missing} missing"


def entry_faults(entry: Entry | Newer, name: str, brand: str) -> Iterator[str]:
    """Yield where an entry contradicts the name of its file, or the brand of its ledger."""
    if not entry.is_named(name):
        known = entry.known if isinstance(entry, Newer) else entry
        says = known.name if known is not None else f"entry {entry.sequence}, {entry.kind}"
        yield f"says that it is {says}"
    if entry.brand != brand:
        yield f"says that it is of the brand {entry.brand}"


UNCHAINED = "does not hold the SHA-256 of the entry before it: one of the two was altered"
"""What is wrong with an entry where the chain breaks."""
ANOTHER_FORM = "is not in the one form that an entry has"
"""What is wrong with an entry whose bytes differ from those of `entry_bytes`."""


def head_path(brand: str) -> str:
    """Return the path of the file that names the newest entry of a brand.

    Every entry changes it, so that merging two clones that each appended one gives a conflict in
    git. It proves nothing: only the chain does.
    """
    return f"versions/{brand}/{HEAD}"


def head_bytes(name: str, digest: str) -> bytes:
    """Return the file that names the newest entry, as `sha256sum` writes and checks it."""
    return f"{digest}  ledger/{name}\n".encode()


class Ledger:
    """The entries of a brand, by sequence.

    The chain is checked once, when the ledger is made. No later entry holds the SHA-256 of the
    newest one, so that one is read then, too. Any other is read when it is asked for, so that one
    answer from ten thousand entries is quick. One that was recorded with a wrong clock is returned
    with the right time. Raises `ArchiveDamaged` if the chain is broken or an entry is invalid,
    `NewerArchive` if a newer publisher wrote one.

    If two clones continued it (`fork`), these are the entries before the fork. Entries that are
    `known`, by their numbers, are not read again.
    """

    def __init__(
        self,
        brand: str,
        records: Sequence[Record],
        fork: Fork | None = None,
        known: Mapping[int, Entry] = MappingProxyType({}),
    ) -> None:
        self.brand = brand
        self._known = known
        self.fork = fork
        self._names = [self._name(record, at) for at, record in enumerate(records, 1)]
        self._records = records
        self._entry = lru_cache(maxsize=None)(self._counted)
        self._numbers: dict[str, list[int]] = defaultdict(list)
        self.head: str | None = None
        for record in records:
            if not record.data.endswith(ending(self.head)):
                raise self._damaged(record, UNCHAINED)
            self.head = sha256(record.data)
        for (number, kind, _), record in zip(self._names, records, strict=True):
            self._numbers[kind].append(number)
            if not _plainly_known(kind, record.data):
                self._read(number)
        if records and entry_bytes(self._read(len(records))) != records[-1].data:
            raise self._damaged(records[-1], ANOTHER_FORM)

    def __len__(self) -> int:
        return len(self._records)

    def entry(self, sequence: int) -> Entry:
        """Return the entry with this number."""
        return self._entry(sequence)

    def numbers(self, *kinds: str) -> list[int]:
        """Return the numbers of the entries of some kinds, the oldest first."""
        return sorted(chain.from_iterable(self._numbers.get(kind, ()) for kind in kinds))

    def published_by(self, day: date) -> Iterator[Release]:
        """Yield the versions that were released until a day, newest first; read no other entry."""
        last = day.isoformat()
        for number, published in reversed(self._published):
            if published <= last:
                yield self.release(number)

    @cached_property
    def _published(self) -> list[tuple[int, str]]:
        """The number of each released version, and its day of publication, which its id says."""
        return [
            (number, self.release(number).published.isoformat())
            if number in self._right_times
            else (number, self._names[number - 1].about[:10])
            for number in self.numbers("release")
        ]

    def of(self, kind: type[E]) -> Iterator[E]:
        """Yield the entries of a kind, newest first."""
        for number in reversed(self.numbers(*(name for name, of in KINDS.items() if of is kind))):
            entry = self.entry(number)
            if isinstance(entry, kind):
                yield entry

    def releases(self) -> Iterator[Release]:
        """Yield the entries of versions that were released, newest first."""
        return self.of(Release)

    def release(self, sequence: int) -> Release:
        """Return the entry of a version by its number."""
        entry = self.entry(sequence)
        if not isinstance(entry, Release):
            raise TypeError(f"entry {sequence} is of kind {entry.kind}")
        return entry

    def versions(self) -> Iterator[Version]:
        """Yield the entries of versions of all origins, newest first."""
        for number in reversed(self.numbers(*VERSIONS)):
            entry = self.entry(number)
            if isinstance(entry, Version):
                yield entry

    def version(self, version: str) -> Version | None:
        """Return the entry of the version with this id, of whatever origin."""
        for number in self.numbers(*VERSIONS):
            if self._names[number - 1].about == version:
                entry = self.entry(number)
                return entry if isinstance(entry, Version) else None
        return None

    @property
    def version_ids(self) -> tuple[str, ...]:
        """The ids of all versions, of whatever origin, in the order of the ledger."""
        return tuple(self._names[number - 1].about for number in self.numbers(*VERSIONS))

    def digest(self, sequence: int) -> str:
        """Return the SHA-256 of the entry with this number."""
        return sha256(self._records[sequence - 1].data)

    def data(self, sequence: int) -> bytes:
        """Return the file of the entry with this number."""
        return self._records[sequence - 1].data

    @cached_property
    def _right_times(self) -> dict[int, tuple[RightTime, Clock]]:
        """The correction of each entry whose clock was wrong; the newest one counts."""
        rights: dict[int, tuple[RightTime, Clock]] = {}
        for number in self.numbers("clock"):
            by = self._read(number)
            if not isinstance(by, Clock):
                continue
            for right in by.entries:
                if right.entry >= number or self.digest(right.entry) != right.digest:
                    record = self._records[number - 1]
                    raise self._damaged(record, f"is not about the entry {right.entry} here")
                rights[right.entry] = (right, by)
        return rights

    def _counted(self, sequence: int) -> Entry:
        entry = self._read(sequence)
        right = self._right_times.get(sequence)
        return with_right_time(entry, *right) if right is not None else entry

    def _read(self, sequence: int) -> Entry:
        if sequence in self._known:
            return self._known[sequence]
        record = self._records[sequence - 1]
        try:
            entry = read_entry(record.data)
        except ValueError as fault:
            raise self._damaged(record, "is not a ledger entry") from fault
        for message in entry_faults(entry, record.name, self.brand):
            raise self._damaged(record, message)
        if isinstance(entry, Newer):
            raise NewerArchive(f"{ledger_folder(self.brand)}/{record.name}", entry.unknown)
        return entry

    def _name(self, record: Record, sequence: int) -> EntryName:
        name = entry_name(record.name)
        if name is None or name.sequence != sequence:
            raise self._damaged(record, misplaced(name, sequence))
        return name

    def _damaged(self, record: Record, message: str) -> ArchiveDamaged:
        return ArchiveDamaged(f"{ledger_folder(self.brand)}/{record.name} {message}")
