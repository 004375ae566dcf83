"""What lies beside a ledger's entries: signatures, and replies of time-stamping authorities."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.archive.entries import Entry, Timestamp, sha256
from publisher.archive.entry_reader import Newer
from publisher.archive.trust import signatures
from publisher.archive.trust.signatures import Signature
from publisher.archive.trust.timestamp_check import verify_reply
from publisher.archive.trust.timestamp_reply import NoReply, Reply, read_reply
from publisher.archive.trust.trust_files import Trust

Fault = tuple[str, str]
"""A path, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside an entry: the files that must, what is wrong with them, what they prove.

    `signature` and `reply` are those that hold.
    """

    expected: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    signature: Signature | None = None
    reply: Reply | None = None


def look_beside(
    root: Path, entries: Mapping[str, Entry | Newer], files: Mapping[str, bytes], trust: Trust
) -> dict[str, Beside]:
    """Return what lies beside the entries of a brand, by their paths; `files` are all its files.

    Several are looked at at a time: most of it is waiting for ssh-keygen.
    """
    marked = [
        path
        for path, entry in entries.items()
        if entry.signer is not None or isinstance(entry, Timestamp)
    ]
    looking = _Looking(root, entries, files, trust)
    with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        return dict(zip(marked, pool.map(looking.look, marked), strict=True))


@dataclass(frozen=True, slots=True)
class _Looking:
    root: Path
    entries: Mapping[str, Entry | Newer]
    files: Mapping[str, bytes]
    trust: Trust

    def look(self, path: str) -> Beside:
        """Return what lies beside the entry at a path."""
        entry = self.entries[path]
        expected: list[str] = []
        faults: list[Fault] = []
        signature, reply = None, None
        if entry.signer is not None and entry.recorded_at is not None:
            expected.append(f"{path}.sig")
            signature, wrong = self._signature(path, entry.signer, entry.recorded_at)
            faults += [(expected[-1], wrong)] if wrong else []
        if isinstance(entry, Timestamp):
            expected.append(f"{path}.tsr")
            reply, told = self._reply(path, entry)
            faults += told
        return Beside(tuple(expected), tuple(faults), signature, reply)

    def _signature(
        self, path: str, key: str, when: datetime
    ) -> tuple[Signature | None, str | None]:
        """Return who signed an entry, or what is wrong with its signature."""
        data = self.files.get(f"{path}.sig")
        if data is None:
            return None, "is missing: the entry says that it is signed"
        if not signatures.canonical(data):
            return None, "is not armoured as ssh-keygen does it"
        file = self.root / f"{path}.sig"
        allowed = self.trust.signers
        found = signatures.looked_at(self.files[path], file, key, when, allowed)
        if found.key is None:
            name = path.rpartition("/")[2]
            return None, f"is no signature of {name} for {signatures.NAMESPACE}"
        if found.key != key:
            return None, f"is by the key {found.key}; the entry names {key}"
        return found, None

    def _reply(self, path: str, entry: Timestamp) -> tuple[Reply | None, list[Fault]]:
        """Return the reply of an authority, if it is whole and true, or what is wrong with it."""
        where = f"{path}.tsr"
        data = self.files.get(where)
        if data is None:
            return None, [(where, "is missing: the entry holds its SHA-256")]
        faults = list(self._proven(path, entry))
        if sha256(data) != entry.reply:
            return None, [
                (where, f"is altered: its SHA-256 is not the one in {entry.name}"),
                *faults,
            ]
        try:
            reply = read_reply(data)
        except NoReply as fault:
            return None, [(where, str(fault)), *faults]
        faults += ((path, wrong) for wrong in self._misquoted(entry, reply))
        wrong = verify_reply(reply, data, self.trust.authorities) if self.trust.stamps else None
        faults += [(where, wrong)] if wrong else []
        return (None if faults else reply), faults

    def _proven(self, path: str, entry: Timestamp) -> Iterator[Fault]:
        proven = self._entry(entry.entry)
        if proven is None or sha256(proven) != entry.digest:
            yield path, f"proves an entry {entry.entry} with another SHA-256 than that here"

    def _misquoted(self, entry: Timestamp, reply: Reply) -> Iterator[str]:
        """Yield what an entry says otherwise than the reply beside it."""
        proven = self._entry(entry.entry)
        if proven is not None and not reply.proves(proven):
            yield f"proves an entry {entry.entry} that its reply is not about"
        if entry.time != reply.time:
            yield f"says {entry.time.isoformat()}; its reply says {reply.time.isoformat()}"
        if entry.authority != reply.authority:
            yield f"names the authority {entry.authority}; its reply names {reply.authority}"

    def _entry(self, number: int) -> bytes | None:
        """Return the file of the entry with a number."""
        for path, entry in self.entries.items():
            if entry.sequence == number:
                return self.files[path]
        return None
