"""Checks the chain of a ledger's entries: their numbers, their form, and their head."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from publisher.archive.entries import (
    Entry,
    Newer,
    Record,
    entry_bytes,
    entry_name,
    newer_bytes,
    read_entry,
    sha256,
)
from publisher.archive.folder import damage
from publisher.archive.fork import Fork, parted
from publisher.archive.ledger import (
    ANOTHER_FORM,
    HEAD,
    UNCHAINED,
    entry_faults,
    head_bytes,
    head_path,
    in_order,
    ledger_folder,
    misplaced,
)
from publisher.archive.verify.attachments import Fault
from publisher.archive.verify.findings import ArchivedFile, Note
from publisher.archive.verify.plausibility import impossible
from publisher.repository.source import FOLDER


@dataclass(slots=True)
class Chain:
    """The entries of a brand's ledger, as `faults` reads them from the brand's `files`.

    `entries` are those that can be read, and `newer` those of a newer publisher, by their paths;
    `digests` the SHA-256 of each, by its number: there are several where there is a `fork`.
    """

    brand: str
    files: Mapping[str, ArchivedFile]
    entries: dict[str, Entry] = field(default_factory=dict)
    newer: dict[str, Newer] = field(default_factory=dict)
    digests: dict[int, tuple[str, ...]] = field(default_factory=dict)
    fork: Fork | None = None
    notes: list[Note] = field(default_factory=list)

    def faults(self) -> Iterator[Fault]:
        """Read the ledger; yield what is wrong with it."""
        folder = f"{ledger_folder(self.brand)}/"
        names = (path.removeprefix(folder) for path in self.files if path.startswith(folder))
        records = [Record(name, self._data(f"{folder}{name}")) for name in in_order(names)]
        trunk, self.fork = parted(self.brand, records)
        yield from self._trunk(folder, trunk)
        yield from self._branches(folder)
        yield from self._implausible()
        if self.fork is None:
            named = [record for record in trunk if entry_name(record.name) is not None]
            yield from self._head(named)

    def _data(self, path: str) -> bytes:
        return self.files[path].data or b""

    def _trunk(self, folder: str, records: list[Record]) -> Iterator[Fault]:
        """Yield what is wrong with the entries before any fork, each by itself and in the chain."""
        previous: str | None = None
        expected = 1
        for record in records:
            path, name = f"{folder}{record.name}", entry_name(record.name)
            if name is None or name.sequence != expected:
                yield path, misplaced(name, expected)
            if name is None:
                continue
            expected = name.sequence + 1
            entry = yield from self._entry(path)
            if entry is not None and entry.previous != previous:
                yield path, UNCHAINED
            previous = self.files[path].sha256
            self.digests[name.sequence] = (previous,)

    def _branches(self, folder: str) -> Iterator[Fault]:
        """Yield what is wrong with the entries of a fork, except for those that git merged."""
        for branch in self.fork.branches if self.fork is not None else ():
            for name, data in zip(branch.names, branch.data, strict=True):
                path, parsed, digest = f"{folder}{name}", entry_name(name), sha256(data)
                if parsed is not None:
                    others = self.digests.get(parsed.sequence, ())
                    self.digests[parsed.sequence] = (*others, digest)
                    if self.files[path].sha256 == digest:
                        yield from self._entry(path)

    def _entry(self, path: str) -> Generator[Fault, None, Entry | Newer | None]:
        """Read an entry; yield what is wrong with it by itself, and return it if it is one."""
        data, name = self._data(path), path.rpartition("/")[2]
        try:
            entry = read_entry(data)
        except ValueError as fault:
            yield path, f"is not a ledger entry: {damage(data) or _first(fault)}"
            return None
        if isinstance(entry, Newer):
            self.newer[path] = entry
            known, form = entry.known, newer_bytes(data)
        else:
            known, form = entry, entry_bytes(entry)
        if known is not None:
            self.entries[path] = known
        if form != data:
            reason = damage(data, sha256(form))
            why = f": {reason}" if reason else ""
            yield path, f"{ANOTHER_FORM}{why}"
        for message in entry_faults(entry, name, self.brand):
            yield path, message
        return entry

    def _implausible(self) -> Iterator[Fault]:
        """Yield which entries cannot be true after those before them.

        In a fork, the entries of each clone are checked alone; those of a newer publisher may
        explain the rest.
        """
        branches = self.fork.branches if self.fork is not None else ()
        forked = {*(self.fork.names if self.fork is not None else ())}
        faults: dict[Fault, None] = {}
        for own in [{*branch.names} for branch in branches] or [forked]:
            entries = {
                path: entry
                for path, entry in self.entries.items()
                if path.rpartition("/")[2] not in forked - own
            }
            faults |= dict.fromkeys(impossible(entries) if not self.newer else ())
        yield from faults

    def _head(self, records: list[Record]) -> Iterator[Fault]:
        """Yield a fault if the head names an unknown entry; note a head that is behind."""
        path = head_path(self.brand)
        if path not in self.files or not records:
            return
        data, name = self._data(path), records[-1].name
        heads = [head_bytes(record.name, sha256(record.data)) for record in records]
        if data not in heads:
            reason = damage(data) or "it names an entry that is missing"
            yield (
                path,
                f"is not as it was written: {reason}. If the ledger itself is right, run "
                f"`(cd {FOLDER}/{self.brand} && sha256sum ledger/{name} > {HEAD})`",
            )
        elif data != heads[-1]:
            lags = f"{path} names entry {heads.index(data) + 1}, and the newest is {len(heads)}"
            self.notes.append(Note(f"{lags}; the next entry corrects it"))


def _first(fault: ValueError) -> str:
    """Return the first fault."""
    if not isinstance(fault, ValidationError):
        return str(fault)
    first = fault.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
