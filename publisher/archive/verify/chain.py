"""Looks at the chain of a ledger's entries: their numbers, their form, and their head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from publisher.archive.digests import Held
from publisher.archive.entries import VERSIONS, Entry, entry_bytes, sha256
from publisher.archive.entry_reader import Newer, newer_bytes, read_entry
from publisher.archive.folder import by_number
from publisher.archive.fork import Fork
from publisher.archive.fork_search import parted
from publisher.archive.ledger import (
    HEAD,
    Record,
    entry_name,
    head_bytes,
    head_path,
    ledger_folder,
    lies_beside,
)
from publisher.archive.verify.findings import Note, damage
from publisher.archive.verify.plausibility import impossible
from publisher.repository.source import FOLDER


class Chain:
    """The entries of a brand, read from its `files`, and what is wrong with them.

    `entries` are those that can be read, and `newer` those of a newer publisher, by their paths;
    `digests` the SHA-256 of each, by its number: there are several where there is a `fork`. Then
    `claimed` counts how often an id was given to a version.
    """

    def __init__(self, brand: str, files: Mapping[str, Held]) -> None:
        self.brand = brand
        self.files = files
        self.entries: dict[str, Entry] = {}
        self.newer: dict[str, Newer] = {}
        self.digests: dict[int, tuple[str, ...]] = {}
        self.fork: Fork | None = None
        self.claimed: Counter[str] = Counter()
        self.faults: list[tuple[str, str]] = []
        self.notes: list[Note] = []
        self._line: list[tuple[str, str]] = []

    def find(self, path: str, message: str) -> None:
        """Take down what is wrong with a path."""
        self.faults.append((path, message))

    def read(self) -> set[str]:
        """Look at the ledger; return the paths that belong to it besides those of its entries."""
        self.ledger()
        self.succession()
        return self.head()

    def ledger(self) -> None:
        """Read the entries, and look at their chain."""
        folder = f"{ledger_folder(self.brand)}/"
        names = (path.removeprefix(folder) for path in self.files if path.startswith(folder))
        records = [
            Record(name, self.files[f"{folder}{name}"].data or b"")
            for name in sorted(names, key=by_number)
            if not lies_beside(name)
        ]
        trunk, self.fork = parted(self.brand, records)
        previous: str | None = None
        expected = 1
        for record in trunk:
            path, name = f"{folder}{record.name}", entry_name(record.name)
            if name is None:
                self.find(path, "has a name that no entry has")
                continue
            if name.sequence < expected:
                self.find(path, f"is a second entry {name.sequence}")
            elif name.sequence > expected:
                gap = f"entry {expected}" + f" to {name.sequence - 1}" * (
                    name.sequence > expected + 1
                )
                self.find(path, f"stands behind a gap: {gap} is missing")
            expected = name.sequence + 1
            self.entry(path, previous)
            previous = self.files[path].sha256
            self.digests[name.sequence] = (previous,)
            self._line.append((record.name, previous))
        self.branches(folder)

    def branches(self, folder: str) -> None:
        """Look at the entries of a fork, which follow those before it; not at what git merged."""
        for branch in self.fork.branches if self.fork is not None else ():
            for file, data in zip(branch.names, branch.data, strict=True):
                path, name, digest = f"{folder}{file}", entry_name(file), sha256(data)
                if name is not None:
                    there = self.digests.get(name.sequence, ())
                    self.digests[name.sequence] = (*there, digest)
                    if self.files[path].sha256 == digest:
                        self.entry(path, None, follows=True)
                    self.claimed[name.about] += name.kind in VERSIONS

    def entry(self, path: str, previous: str | None, *, follows: bool = False) -> None:
        """Look at one entry, which must follow the one with the SHA-256 `previous`."""
        data = self.files[path].data or b""
        try:
            entry = read_entry(data)
        except ValueError as fault:
            reason = damage(data, "", {}) or _first(fault)
            self.find(path, f"is no entry of a ledger: {reason}")
            return
        if isinstance(entry, Newer):
            self.newer[path] = entry
            known, written = entry.known, newer_bytes(data)
        else:
            known, written = entry, entry_bytes(entry)
        if known is not None:
            self.entries[path] = known
        if written != data:
            how = damage(data, sha256(written), {})
            said = f": {how}" if how else ""
            self.find(path, f"is not in the one form that an entry has{said}")
        if not _is_named(entry, path.rpartition("/")[2]):
            said = known.name if known is not None else f"entry {entry.sequence}, {entry.kind}"
            self.find(path, f"says that it is {said}")
        if entry.brand != self.brand:
            self.find(path, f"says that it is of the brand {entry.brand}")
        if entry.previous != previous and not follows:
            self.find(path, "does not hold the SHA-256 of the entry before it: one was altered")

    def succession(self) -> None:
        """Look at whether what the entries say, one after the other, can have been.

        In a fork, the entries of each clone are looked at alone; those of a newer publisher may say
        what makes the rest possible.
        """
        branches = self.fork.branches if self.fork is not None else ()
        forked = {name for branch in branches for name in branch.names}
        wrong: dict[tuple[str, str], None] = {}
        for line in [{*branch.names} for branch in branches] or [forked]:
            entries = {
                path: entry
                for path, entry in self.entries.items()
                if (name := path.rpartition("/")[2]) not in forked or name in line
            }
            for earlier, path in pairwise(entries):
                if entries[path].recorded_at < entries[earlier].recorded_at:
                    wrong[path, "was recorded before the entry that stands before it"] = None
            wrong |= dict.fromkeys(impossible(entries) if not self.newer else ())
        for path, message in wrong:
            self.find(path, message)

    def head(self) -> set[str]:
        """Look at what names the newest entry, if it is there; return its path."""
        path = head_path(self.brand)
        file = self.files.get(path)
        if file is None or self.fork is not None or not self._line:
            return {path} if self.fork is not None else set()
        newest, (name, _) = len(self._line), self._line[-1]
        named = (at for at, each in enumerate(self._line, 1) if head_bytes(*each) == file.data)
        at = next(named, None)
        if at is None:
            how = damage(file.data or b"", "", {}) or "it names no entry that is here"
            self.find(
                path,
                f"is not as it was written: {how}. If the ledger itself is right, run "
                f"`(cd {FOLDER}/{self.brand} && sha256sum ledger/{name} > {HEAD})`",
            )
        elif at < newest:
            lags = f"{path} names entry {at}, and the newest is {newest}"
            self.notes.append(Note(f"{lags}; the next entry corrects it"))
        return {path}


def _is_named(entry: Entry | Newer, name: str) -> bool:
    """Return whether an entry says what the name of its file tells."""
    return entry.is_named(name) if isinstance(entry, Newer) else entry.name == name


def _first(fault: ValueError) -> str:
    """Return what is wrong first, on one line."""
    errors = getattr(fault, "errors", None)
    if errors is None:
        return " ".join(str(fault).split())
    first = errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
